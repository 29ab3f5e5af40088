internal import Synchronization

/// The most that one partition key may hold (features and limits: 20 GB a logical partition).
///
/// Writes do not keep the size of every key. Once a partition is large enough to hold a key that is too large, some of
/// its items are weighed, when a segment of the log is sealed and when a write was refused; a key whose share of them
/// stands for more than the limit takes no more until it has shrunk.
extension Partition {
    /// Which keys are full, and whether they are being weighed.
    struct KeyLimit {
        var full: Set<KeyOrder> = []
        var isWeighing = false
    }

    /// Weighs keys in the background, where any could be full.
    func scheduleWeighing() {
        guard let bytesMax = partitionKeyBytesMax else { return }
        let isLarge = currentView.logBytes > bytesMax
        let isNeeded = keyLimit.withLock { limit in
            guard isLarge || !limit.full.isEmpty, !limit.isWeighing else { return false }
            limit.isWeighing = true
            return true
        }
        guard isNeeded else { return }
        let isTaken = pools.mergers.submit { self.weighKeys(bytesMax: bytesMax) }
        if !isTaken { keyLimit.withLock { $0.isWeighing = false } }
    }

    private func weighKeys(bytesMax: Int) {
        // What cannot be read now is weighed another time; writes that need it fail by themselves.
        let full = try? currentView.keys(holdingMoreThan: bytesMax)
        keyLimit.withLock { limit in
            limit.full = full ?? limit.full
            limit.isWeighing = false
        }
    }
}

extension View {
    /// The keys whose live items have more bytes than that, by a sample of all.
    fileprivate func keys(holdingMoreThan bytes: Int) throws(EngineError) -> Set<KeyOrder> {
        let samples = try sampledKeys()
        var weights: [KeyOrder: Int] = [:]
        for sample in samples {
            weights[sample.order, default: 0] += try withRecord(sample.version) { $0.text.count } ?? 0
        }
        let scale = Double(itemCount) / Double(max(samples.count, 1))
        return Set(weights.filter { Double($0.value) * scale > Double(bytes) }.keys)
    }
}
