extension View {
    /// How many entries are looked at, about, to find the middle.
    private static let samplesMax = 8192

    /// Some live items' keys and versions, taken evenly.
    func sampledKeys() throws(EngineError) -> [DeltaBatch.KeyEntry] {
        var samples: [DeltaBatch.KeyEntry] = []
        let step = max(1, itemCount / Self.samplesMax)
        var index = 0
        func take(_ entries: [DeltaBatch.KeyEntry]) {
            for entry in entries {
                if index % step == 0 { samples.append(entry) }
                index += 1
            }
        }
        for flushed in runs {
            var last: DeltaBatch.KeyEntry?
            repeat {
                let entries = try flushed.run.keyEntries(after: last, limit: Self.samplesMax)
                take(entries)
                last = entries.last
            } while last != nil
        }
        for delta in frozen + [active] {
            for batch in delta.batches { take(batch.keys) }
        }
        return samples.filter { isLive($0.version) }
    }

    /// An effective partition key with about half of the items before it; nil where all have the same, or there are
    /// none.
    func middleKey() throws(EngineError) -> [UInt8]? {
        let samples = try sampledKeys().sorted()
        guard let first = samples.first else { return nil }
        let middle = samples[samples.count / 2]
        // All of one key stay together, and some must be before it.
        let found = middle.order > first.order ? middle : samples.first { $0.order > first.order }
        guard let found else { return nil }
        return try withRecord(found.version) { [UInt8](copying: $0.effectiveKey) }
    }
}
