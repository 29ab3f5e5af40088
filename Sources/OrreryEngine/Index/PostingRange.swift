/// Values of a path, as they are looked up: made once for all runs and batches that are asked for them.
struct PostingRange: Sendable {
    let path: IndexPathHash
    let values: ClosedRange<IndexValue>
    /// The first and the last key of a run that may be in it.
    let lower: [UInt8]
    let upper: [UInt8]
    let isOneValue: Bool
    /// Whether no value is left out.
    let isWhole: Bool
    /// What a run's filters know the value by; nil for several values.
    let valueHash: UInt64?

    init(_ path: IndexPathHash, _ values: ClosedRange<IndexValue>) {
        self.path = path
        self.values = values
        let lower = PostingKey.bytes(path, values.lowerBound)
        isOneValue = values.lowerBound == values.upperBound
        isWhole = values == IndexValue.first...IndexValue.last
        upper = isOneValue ? lower : PostingKey.bytes(path, values.upperBound)
        valueHash = isOneValue ? ValueFilters.hash(ofKey: lower.span) : nil
        self.lower = lower
    }
}
