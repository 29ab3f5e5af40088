/// One write of an item.
public struct ItemWrite: Sendable {
    /// What to do.
    public enum Operation: Sendable {
        /// The item must not be there.
        case create(ItemBody)
        /// The item must be there.
        case replace(ItemBody)
        /// The item may be there.
        case upsert(ItemBody)
        /// The item must be there, and is not afterwards.
        case delete
        /// The item must be there; its new text is made from the one it has when the write's turn comes, so that
        /// nothing can come between. Runs on the committer: it must be quick and must not block.
        case transform(@Sendable (Item) throws(ItemWriteError) -> ItemBody)
        /// The item is read as it stands at this point of the commit. For batches.
        case read
    }

    /// What must hold of the item as it is before the write.
    public enum Precondition: Sendable, Equatable {
        case none
        /// The item is there with this entity tag; nil stands for a tag that no item can have.
        case match(ItemEtag?)
        /// The item is there, whatever its tag (`If-Match: *`).
        case exists
        /// For reads: the item has another entity tag than this one.
        case noneMatch(ItemEtag?)
        /// The item is not there (`If-None-Match: *`).
        case absent
    }

    public let key: ItemKey
    public let operation: Operation
    public let precondition: Precondition
    /// Who makes the write, where readers of changes are to tell it from others'; 0 for nobody in particular.
    public var origin: UInt64 = 0
    /// The trace that the write is part of.
    public var trace = TraceMark.none

    public init(key: ItemKey, operation: Operation, precondition: Precondition = .none) {
        self.key = key
        self.operation = operation
        self.precondition = precondition
    }
}

/// Why one write was refused, or its commit failed.
public enum ItemWriteError: Error, Sendable {
    /// The item is there already.
    case conflict
    /// Another item of the partition key has the same values of a unique key.
    case uniqueKeyViolation
    /// The items of the partition key have more bytes together than one may have.
    case partitionKeyFull
    /// The item is not there.
    case notFound
    /// The precondition did not hold.
    case preconditionFailed
    /// For reads: the item still has the entity tag given.
    case notModified
    /// A transformation refused; what it threw is the caller's own.
    case refused(any Error & Sendable)
    /// The checkpoint that was the commit's condition is another by now.
    case checkpointMoved
    /// The partition takes no more writes: it was closed, or an earlier flush to disk failed.
    case closed
    /// The disk failed. Nothing of the commit is visible.
    case storage(String)
}

/// A commit that was refused: which write, and why. Nothing of the commit took effect.
public struct ItemCommitError: Error, Sendable {
    /// The place of the refused write in the commit; 0 also when the commit failed as a whole.
    public let index: Int
    public let error: ItemWriteError
}

/// What a write did.
public struct ItemOutcome: Sendable {
    /// What became of the item.
    public enum Effect: Sendable { case created, replaced, deleted, read }

    public let effect: Effect
    /// The item as it is afterwards; after a delete, as it was before, without its text.
    public let item: Item
    /// The size of the text that was replaced or deleted, in bytes; 0 for a create.
    public let previousTextCount: Int
}

/// All that a commit did: its writes' outcomes in their order, and the one LSN that they share.
public struct ItemCommitOutcome: Sendable {
    public let outcomes: [ItemOutcome]
    /// The partition's LSN at this commit (unchanged by a commit that only reads).
    public let lsn: UInt64
    /// What a deletion of a partition key removed; nothing for other commits.
    public let removal: ItemRemoval
    /// The range that took the commit, where its partition was split before the commit's turn came.
    public internal(set) var successorNumber: UInt64?
}

/// How much was removed at once.
public struct ItemRemoval: Sendable, Equatable {
    public var itemCount = 0
    /// Bytes of the items' texts.
    public var textCount = 0
}

/// What takes effect together or not at all, and whom to tell.
public struct ItemCommit: Sendable {
    enum Work: Sendable {
        case writes([ItemWrite])
        /// Every item of the key's partition key goes, as they are when the commit's turn comes; the id says nothing.
        case deletePartitionKey(ItemKey)
        /// Those of these items go whose time is over.
        case expire([ItemKey])
        /// A new policy of time to live holds, once what is due under the present one after this place is gone.
        case changeTimeToLive(TimeToLivePolicy, dueAfter: ExpiryPlace)
    }

    let work: Work
    /// What takes effect with the work.
    let checkpoint: CheckpointChange?
    /// Called once, on a committer's thread, after the commit is durable and visible, or was refused. Must not block.
    public let completion: @Sendable (Result<ItemCommitOutcome, ItemCommitError>) -> Void

    init(
        work: Work, checkpoint: CheckpointChange? = nil,
        completion: @escaping @Sendable (Result<ItemCommitOutcome, ItemCommitError>) -> Void
    ) {
        self.work = work
        self.checkpoint = checkpoint
        self.completion = completion
    }

    /// Writes of items, and of checkpoints.
    public init(
        writes: [ItemWrite], checkpoint: CheckpointChange? = nil,
        completion: @escaping @Sendable (Result<ItemCommitOutcome, ItemCommitError>) -> Void
    ) {
        self.init(work: .writes(writes), checkpoint: checkpoint, completion: completion)
    }

    /// The deletion of all items of a partition key under one LSN: those that are there when the commit's turn comes,
    /// and no others.
    /// - Parameters:
    ///   - effectiveKey: the raw bytes of the effective partition key.
    ///   - partitionKey: the canonical bytes of the partition key.
    public init(
        deletingItemsOf effectiveKey: [UInt8], partitionKey: [UInt8],
        completion: @escaping @Sendable (Result<ItemCommitOutcome, ItemCommitError>) -> Void
    ) {
        self.init(
            work: .deletePartitionKey(ItemKey(effectiveKey: effectiveKey, partitionKey: partitionKey, id: [])),
            completion: completion)
    }
}
