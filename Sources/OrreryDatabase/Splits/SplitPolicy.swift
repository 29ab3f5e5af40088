/// Decides which of a container's partitions is split next, and why. It looks at numbers only.
struct SplitPolicy {
    /// The most request units a second that one partition serves (features and limits).
    static let requestUnitsPerPartition = 10_000

    /// The log bytes of a partition beyond which it is split.
    let partitionBytesMax: Int

    enum Reason {
        /// The container may use more request units than its partitions serve: a range is halved.
        case throughput
        /// The partition is too large: its items are halved.
        case size
    }

    /// One partition, as far as the decision needs it.
    struct Part {
        let range: PartitionKeyRange
        /// Bytes of its log; 0 for one that is not open.
        let byteCount: Int
        /// Log bytes at which a split for size failed, because all items have one partition key.
        var undividedByteCount = 0
    }

    /// The split that is due; nil where none is.
    /// - Parameter peak: the most request units a second that the container itself may use; nil where it has no
    ///   throughput of its own.
    func due(_ parts: [Part], peak: Int?) -> (range: PartitionKeyRange, reason: Reason)? {
        let isShort = parts.count < Self.partitionCount(peak: peak)
        // What was begun is brought to its end.
        if let begun = parts.first(where: \.range.isSplitting) {
            let isLarge = begun.byteCount > partitionBytesMax && begun.byteCount > begun.undividedByteCount
            return (begun.range, isShort || !isLarge ? .throughput : .size)
        }
        if isShort {
            // Those that were split least often are the widest.
            let widest = parts.min { a, b in
                let (left, right) = (a.range.parents.count, b.range.parents.count)
                if left != right { return left < right }
                return a.byteCount != b.byteCount ? a.byteCount > b.byteCount : a.range.number < b.range.number
            }
            return widest.map { ($0.range, .throughput) }
        }
        let large = parts.filter { part in
            // One that could not be divided is looked at again once it has grown by a quarter.
            part.byteCount > partitionBytesMax && part.byteCount / 5 * 4 >= part.undividedByteCount
        }
        return large.max { $0.byteCount < $1.byteCount }.map { ($0.range, .size) }
    }

    /// How many partitions a throughput needs at least.
    static func partitionCount(peak: Int?) -> Int {
        guard let peak else { return 1 }
        return (peak + requestUnitsPerPartition - 1) / requestUnitsPerPartition
    }
}
