internal import OrreryDatabase
internal import OrreryEngine

/// How changes are handed to a handler.
public struct TriggerOptions: Sendable {
    /// Where a handler begins that never ran before.
    public enum Start: Sendable, Equatable {
        /// With the first change that the store has.
        case beginning
        /// With the next change.
        case now
        /// With the first change at or after a time, in milliseconds since 1970. Where the log lacks some of those by
        /// then, nothing is handed over in that partition before a replay says where to go on.
        case time(Int64)
    }

    /// Where a handler begins that never ran before.
    public var start = Start.beginning
    /// The kinds of changes it is given.
    public var kinds: Set<TriggerChange.Kind> = [.create, .replace, .delete, .expire]
    /// A predicate that must be true of an item, as it is or, where it is gone, as it was:
    /// `"from c where c.status = 'open'"`. Nil for all. A change of an item of which that cannot be said within a
    /// second of processor time is handed over.
    public var predicate: String?
    /// Whether it is given the changes that it makes itself.
    public var seesOwnChanges = false
    /// The most changes of one call.
    public var batchCountMax = 100
    /// The most partition keys of one partition that are handled at the same time.
    public var concurrentKeysMax = 64
    /// The most changes that wait in memory, in each partition.
    public var windowCountMax = 2000
    /// How often a change is delivered by itself before it goes to the dead letters.
    public var attemptsMax = 5
    public var backOff = BackOff()
    /// After so long a call is cancelled, and its changes are delivered again.
    public var timeLimitMilliseconds = 30_000
    /// Where changes go that cannot be handled: a container of the same database, made when the first one comes.
    /// Nil for the container's name with `-dead-letters` behind it.
    public var deadLetterContainer: String?

    public init() {}
}

extension TriggerOptions.Start {
    var isTime: Bool { if case .time = self { true } else { false } }

    /// The place in a range behind which a handler begins.
    func place(in range: PartitionKeyRange, of container: Container) throws(DatabaseError) -> HistoryPlace {
        switch self {
        case .beginning: HistoryPlace()
        case .now: HistoryPlace(lsn: try container.lsn(of: range))
        case .time(let milliseconds):
            HistoryPlace(lsn: try container.lsn(of: range, beforeMilliseconds: milliseconds))
        }
    }
}

/// How long to wait before the next attempt: twice as long each time, give or take a part, so that what failed together
/// does not come again together.
public struct BackOff: Sendable, Equatable {
    public var firstMilliseconds = 100
    public var lastMilliseconds = 30_000
    /// The part by which a wait is shorter or longer at random, 0 to 1.
    public var jitter = 0.2

    public init(firstMilliseconds: Int = 100, lastMilliseconds: Int = 30_000, jitter: Double = 0.2) {
        self.firstMilliseconds = firstMilliseconds
        self.lastMilliseconds = lastMilliseconds
        self.jitter = jitter
    }

    /// The wait after so many failures, one and up.
    /// - Parameter random: 0 to 1.
    func milliseconds(afterFailures count: Int, random: Double) -> Int {
        let doublings = min(max(count - 1, 0), 30)
        let wait = min(Double(firstMilliseconds) * Double(1 << doublings), Double(lastMilliseconds))
        let part = wait * min(max(jitter, 0), 1) * (random * 2 - 1)
        return max(0, Int(wait + part))
    }
}
