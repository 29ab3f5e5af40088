/// How a handler fares.
public struct TriggerStatus: Sendable, Equatable {
    public let name: String
    public let database: String
    public let container: String
    public var isPaused: Bool
    /// Changes that were made and are not handled yet: exact up to ``lagCountMax``.
    public var lagCount: Int
    /// The age of the oldest of them, in milliseconds; 0 where there is none.
    public var lagMilliseconds: Int64
    /// Changes handled, failed calls, changes delivered again, and changes given up, since the process began.
    public var processed: UInt64
    public var failed: UInt64
    public var retried: UInt64
    public var deadLettered: UInt64
    /// The LSN up to which each partition is handled, by the number of its range.
    public var places: [UInt64: UInt64]
    /// The ranges in which nothing is handed over, for the log no longer has what comes next there. A replay says where
    /// to go on.
    public var trimmedRanges: [UInt64] = []

    /// No more changes than this are counted.
    public static let lagCountMax = 1_000_000
}
