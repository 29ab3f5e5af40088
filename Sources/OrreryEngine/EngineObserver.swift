/// What the engine tells of its work, for metrics and the log. Calls come from its threads and must not block.
public protocol EngineObserver: Sendable {
    /// A group of commits was written and is visible.
    func groupCommitted(versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64)
    /// A delta became a run.
    func deltaFlushed(versions: Int, nanoseconds: UInt64)
    /// Runs became one.
    func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64)
    /// A partition became two, which took over this many versions. Its writers were held at the end for a part of it.
    func partitionSplit(versions: Int, nanoseconds: UInt64, heldNanoseconds: UInt64)
    /// A segment of a log was written anew without what nobody may ask for any more.
    func logTrimmed(bytes: Int)
    /// A flush, a merge or a split failed; it is tried again, and nothing is lost.
    func maintenanceFailed(_ message: String)
    /// A partition takes no more writes.
    func partitionFailed(_ message: String)
    /// A partition was opened, for the first time or anew.
    func partitionOpened(nanoseconds: UInt64)
    /// Partitions that nobody had asked for were closed, for others were opened.
    func idlePartitionsClosed(_ count: Int)
}

/// An observer that cares for some things only leaves out the others.
extension EngineObserver {
    public func groupCommitted(
        versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64
    ) {}
    public func deltaFlushed(versions: Int, nanoseconds: UInt64) {}
    public func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) {}
    public func partitionSplit(versions: Int, nanoseconds: UInt64, heldNanoseconds: UInt64) {}
    public func logTrimmed(bytes: Int) {}
    public func maintenanceFailed(_ message: String) {}
    public func partitionFailed(_ message: String) {}
    public func partitionOpened(nanoseconds: UInt64) {}
    public func idlePartitionsClosed(_ count: Int) {}
}
