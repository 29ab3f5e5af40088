internal import Synchronization

/// The most that one partition key may hold (features and limits: 20 GB a logical partition).
///
/// Writes do not keep the size of every key. Once a partition is large enough to hold a key that is too large, some of
/// its items are weighed, when a segment of the log is sealed and when a write was refused; a key whose share of them
/// stands for more than the limit takes no more until it has shrunk.
extension Partition {
    /// Which keys are full, and whether they are being weighed.
    struct KeyLimit {
        /// Whole effective partition keys: those of a hierarchy that differ in their last level only share no limit.
        var full: Set<[UInt8]> = []
        var isWeighing = false
        /// When the last weighing ended, in nanoseconds of ``MonotonicClock``; nil before the first.
        var weighedNanoseconds: UInt64?
    }

    /// Weighs keys in the background, where any could be full.
    func scheduleWeighing() {
        scheduleWeighing { _ in true }
    }

    /// Weighs keys after a write was refused, for the key may have shrunk. A client that tries the same write again and
    /// again has them weighed no more often than ``EngineConfiguration/keyWeighingPauseMilliseconds`` allows.
    func scheduleWeighingAfterRefusal() {
        let pauseMilliseconds = UInt64(clamping: configuration.keyWeighingPauseMilliseconds)
        scheduleWeighing { limit in
            guard let weighed = limit.weighedNanoseconds else { return true }
            return (MonotonicClock.nanoseconds() - weighed) / 1_000_000 >= pauseMilliseconds
        }
    }

    private func scheduleWeighing(where isDue: (KeyLimit) -> Bool) {
        guard let bytesMax = partitionKeyBytesMax else { return }
        let isLarge = currentView.logBytes > bytesMax
        let isNeeded = keyLimit.withLock { limit in
            guard isLarge || !limit.full.isEmpty, !limit.isWeighing, isDue(limit) else { return false }
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
            limit.weighedNanoseconds = MonotonicClock.nanoseconds()
        }
    }
}

extension View {
    /// The effective keys whose live items have more bytes than that, by a sample of all.
    fileprivate func keys(holdingMoreThan bytes: Int) throws(EngineError) -> Set<[UInt8]> {
        let samples = try sampledKeys()
        var weights: [[UInt8]: Int] = [:]
        for sample in samples {
            let found = try withRecord(sample.version) { (key: [UInt8](copying: $0.effectiveKey), $0.text.count) }
            if let (key, byteCount) = found { weights[key, default: 0] += byteCount }
        }
        let scale = Double(itemCount) / Double(max(samples.count, 1))
        return Set(weights.filter { Double($0.value) * scale > Double(bytes) }.keys)
    }
}
