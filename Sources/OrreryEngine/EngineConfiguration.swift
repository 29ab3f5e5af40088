/// How a store works: its limits, with their defaults.
public struct EngineConfiguration: Sendable {
    /// When a write is acknowledged.
    public enum Durability: Sendable, Equatable {
        /// After the log is flushed to the disk.
        case strict
        /// From memory; the log is written at least every so many milliseconds, and a crash loses at most these.
        case relaxed(milliseconds: Int)
    }

    /// When a write is acknowledged.
    public var durability = Durability.strict
    /// Versions in a delta before it is frozen and flushed.
    public var deltaVersionsMax = 32_768
    /// Frozen deltas that may wait for their flush before writers wait.
    public var frozenDeltasMax = 4
    /// Runs that may pile up before writers wait.
    public var runsMax = 48
    /// Runs of one tier that are merged into one while much is written.
    public var mergeFanIn = 8
    /// How long nothing is flushed before runs are merged further than writing needs it.
    public var idleMilliseconds = 10_000
    /// Log bytes after which a segment is sealed and the next one started. A log's first segments are smaller.
    public var segmentBytes = 64 << 20
    /// Log bytes of a partition beyond which it is to be split.
    public var partitionBytesMax = 50 << 30
    /// Bytes of items that one partition key may hold.
    public var partitionKeyBytesMax = 20 << 30
    /// How long after a weighing of a partition's keys a refused write may begin the next one.
    public var keyWeighingPauseMilliseconds = 10_000
    /// Is told of a partition that has begun another segment of its log. Called from a committer: must not block.
    public var segmentSealed: (@Sendable (Partition) -> Void)?
    /// How long a version stays in the log after another took its place, where the container says nothing of it.
    public var retentionMilliseconds: Int64 = 3_600_000
    /// Log bytes of a partition that readers may hold from trimming, past the retention, by places that they keep there
    /// (``HistoryPlace``): what lies further back than so many bytes from the log's end is held for nobody.
    public var heldHistoryBytesMax = 10 << 30
    /// The share of a sealed segment's records at which those that may go are trimmed, in percent.
    public var trimPercentMin = 30
    /// Bytes of records in one group of commits.
    public var groupBytesMax = 4 << 20
    /// Threads that write logs.
    public var committerCount = 4
    /// Partitions that may stay open while nobody uses them. More are open only as long as they are all in use.
    public var openPartitionsMax = 1000
    /// Runs what tells the writers of a group that it is committed or refused. A server whose answers are cheaper to
    /// send together gathers them here. Called from committers.
    public var acknowledging: @Sendable (_ acknowledge: () -> Void) -> Void = { acknowledge in acknowledge() }
    /// The time of day, in milliseconds since 1970.
    public var clock: @Sendable () -> Int64 = { WallClock.milliseconds() }

    /// Is told of groups, flushes and merges.
    public var observer: (any EngineObserver)?

    public init() {}
}

/// The threads that a store's partitions share.
struct EnginePools: Sendable {
    /// Decide, write and acknowledge groups.
    let committers: WorkerPool
    /// Flush frozen deltas into runs: first in line, for writers may wait for it.
    let flushers: WorkerPool
    /// Merge runs.
    let mergers: WorkerPool
    /// Lay out room for logs.
    let roomMakers: WorkerPool
    /// Split partitions.
    let splitters: WorkerPool
    /// Wakes what is to be done later.
    let timer: Timer
}
