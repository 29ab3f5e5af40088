public import OrreryDatabase
internal import OrreryEngine

/// A lease on one partition of a container, for one handler.
public struct WorkerLease: Sendable, Equatable {
    /// The number of the partition's range.
    public let rangeNumber: UInt64
    /// Who has it; nil where nobody ever had.
    public let owner: String?
    /// Rises with each owner: what an owner before says is refused.
    public let epoch: UInt64
    /// When others may take over, in milliseconds since 1970; 0 for handlers of the server's own process.
    public let expiresMilliseconds: Int64
    /// Everything up to this LSN is handled.
    public let lsn: UInt64
    /// Whether changes are held back until somebody lets them go on.
    public let isPaused: Bool

    init(_ rangeNumber: UInt64, _ progress: TriggerProgress) {
        self.rangeNumber = rangeNumber
        owner = progress.lease?.owner
        epoch = progress.epoch
        expiresMilliseconds = progress.lease?.expiresMilliseconds ?? 0
        lsn = progress.place?.lsn ?? 0
        isPaused = progress.isPaused
    }
}

/// What a worker asks for.
public struct WorkerClaim: Sendable {
    /// What it is called: unlike every other process that is alive.
    public let owner: String
    /// The range that it wants; nil for any that nobody has.
    public var rangeNumber: UInt64?
    /// How long the lease lasts without being renewed.
    public var milliseconds = WorkerLeases.millisecondsDefault
    /// Where a handler begins that never ran before.
    public var start = TriggerOptions.Start.beginning

    /// - Returns: nil for an owner without a name, or of more than 200 bytes.
    public init?(owner: String) {
        guard (1...200).contains(owner.utf8.count) else { return nil }
        self.owner = owner
    }
}

/// Changes for a worker.
public struct WorkerPage: Sendable {
    public let changes: [TriggerChange]
    /// Up to where they go: what a commit says when they are handled.
    public let lsn: UInt64
    public let isPaused: Bool
    /// Dead letters that an operator wants handled once more, the oldest first.
    public var redriven: [WorkerRedelivery] = []
}

/// A change that was given up, and is handed over again. It comes with each page from the checkpoint on until a commit
/// says that it is settled, or gives it up anew.
public struct WorkerRedelivery: Sendable {
    /// What the dead letter is called.
    public let deadLetterID: String
    public let change: TriggerChange
}

/// A change that a worker gives up.
public struct WorkerDeadLetter: Sendable {
    /// The change's LSN and its idempotency key, as the page gave them.
    public let lsn: UInt64
    public let idempotencyKey: String
    /// What was wrong.
    public let message: String
    /// How often the worker tried.
    public let attemptCount: Int

    public init(lsn: UInt64, idempotencyKey: String, message: String, attemptCount: Int) {
        self.lsn = lsn
        self.idempotencyKey = idempotencyKey
        self.message = message
        self.attemptCount = attemptCount
    }
}

/// Why a worker's call was refused.
public enum WorkerError: Error, Sendable, Equatable {
    /// Others have the leases, the first of them until then (milliseconds since 1970).
    case held(untilMilliseconds: Int64)
    /// Another owner has the lease by now.
    case moved
    /// The handler runs in the server's own process.
    case inProcess
    /// The log no longer has what comes next: a replay says where to go on.
    case trimmed
    /// One of the outputs was refused, and with it all that stands in the partition, and the checkpoint.
    case output(index: Int, DatabaseError)
    case database(DatabaseError)
}
