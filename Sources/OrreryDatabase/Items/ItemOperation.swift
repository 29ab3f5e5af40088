public import OrreryEngine

/// One operation on one item, checked against the container and ready for its partition.
public struct ItemOperation: Sendable {
    private(set) var write: ItemWrite
    /// What takes away the item under its old id, where a replace gives it another.
    var removal: ItemWrite?
    /// The number of the range that holds the item.
    public let rangeNumber: UInt64
    /// How many top-level properties the document has; what indexing them costs depends on it.
    let propertyCount: Int

    /// The same operation, marked with who makes it, so that readers of changes can tell it from others'; 0 for nobody
    /// in particular.
    public func marked(withOrigin origin: UInt64) -> ItemOperation {
        var marked = self
        marked.write.origin = origin
        marked.removal?.origin = origin
        return marked
    }

    /// The same operation, marked with the trace that it is part of.
    public func marked(withTrace trace: TraceMark) -> ItemOperation {
        var marked = self
        marked.write.trace = trace
        marked.removal?.trace = trace
        return marked
    }

    /// What the partition commits: one write, or two for an item that gets another id.
    var writes: [ItemWrite] { removal.map { [$0, write] } ?? [write] }
}

/// What became of an operation on one item.
public struct ItemAnswer: Sendable {
    public let effect: ItemOutcome.Effect
    /// The item as it is afterwards. After a delete its text is empty.
    public let item: Item
    public let charge: RequestCharge
}

/// What became of a commit.
public struct ItemCommitAnswer: Sendable {
    /// One for each operation, in their order.
    public let answers: [ItemAnswer]
    /// Where the items are, and the LSN there: what a session token says.
    public let progress: PartitionProgress
}

/// How far a partition has come: what a session token says of one range.
public struct PartitionProgress: Sendable, Equatable {
    public let rangeNumber: UInt64
    /// Which course of events the LSN belongs to; more than 0 only after a crash under relaxed durability.
    public let timelineNumber: Int
    public let lsn: UInt64

    init(_ rangeNumber: UInt64, _ partition: Partition, lsn: UInt64) {
        self.rangeNumber = rangeNumber
        timelineNumber = partition.timeline.number
        self.lsn = lsn
    }

    init(_ rangeNumber: UInt64, _ snapshot: PartitionSnapshot) {
        self.rangeNumber = rangeNumber
        timelineNumber = snapshot.timeline.number
        lsn = snapshot.lsn
    }
}

/// A commit that was refused: which of its operations, and why. Nothing of it took effect.
public struct ItemFailure: Error, Sendable {
    /// The place of the refused operation.
    public let index: Int
    public let error: DatabaseError
    /// How far the partition is; nil where it was not asked.
    public let progress: PartitionProgress?
}
