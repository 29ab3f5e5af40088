internal import OrreryEngine

/// How a handler fares.
public struct TriggerStatus: Sendable, Equatable {
    public let name: String
    public let database: String
    public let container: String
    /// Whether it runs in workers of other processes, of whose calls nothing is known.
    public let isRemote: Bool
    public var isPaused = false
    /// Changes that were made and are not handled yet: exact up to ``lagCountMax``, but for those that predicates,
    /// after a second for all of them, are not asked of any more, which all count.
    public var lagCount = 0
    /// The age of the oldest of them, in milliseconds; 0 where there is none.
    public var lagMilliseconds: Int64 = 0
    /// Changes handled, failed calls, changes delivered again, and changes given up, since the process began.
    public var processed: UInt64 = 0
    public var failed: UInt64 = 0
    public var retried: UInt64 = 0
    public var deadLettered: UInt64 = 0
    /// The LSN up to which each partition is handled, by the number of its range.
    public var places: [UInt64: UInt64] = [:]
    /// The ranges in which nothing is handed over, for the log no longer has what comes next there. A replay says where
    /// to go on.
    public var trimmedRanges: [UInt64] = []
    /// How many changes it was never given, at most, for the log had let go of them: those that a replay had it pass
    /// by, and those that it stands before now.
    public var lostCountMax: UInt64 = 0

    init(name: String, database: String, container: String, isRemote: Bool) {
        (self.name, self.database, self.container, self.isRemote) = (name, database, container, isRemote)
    }

    mutating func add(_ lag: TriggerLag, of range: UInt64, _ nowMilliseconds: Int64) {
        lagCount += lag.count
        if let oldest = lag.oldestMilliseconds {
            lagMilliseconds = max(lagMilliseconds, max(0, nowMilliseconds - oldest))
        }
        places[range] = lag.place.lsn
    }

    /// No more changes than this are counted.
    public static let lagCountMax = 1_000_000
}
