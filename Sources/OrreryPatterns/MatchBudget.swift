import Glibc

/// The time that several matches may take together.
///
/// A step of a match, from one item of the pattern to the next, may compare each character of the text with all of the
/// pattern, and then come back to where it began: how far it went does not show. So a step counts for what it may cost,
/// and there is a look at the clock after each that may take a part of the time that counts.
public struct MatchBudget: Sendable {
    private let milliseconds: Int
    private let isOver: @Sendable () -> Bool
    /// Of a clock that never goes slower than the time that counts.
    private let nanoseconds: @Sendable () -> Int
    private var work = 0
    private var stepWork = Self.stepWorkMin
    private var lastPlace = 0
    private var lastLook: Int?

    /// Work between two looks at the clock.
    static let workMax = 4096
    /// The work of a step besides the bytes that it walks.
    static let stepWorkMin = 64
    /// What the steps between two looks may compare for each millisecond of the time, in bytes of the text times bytes
    /// of the pattern: an eighth of what is compared in that.
    private static let comparedBytesPerMillisecond = 1 << 20
    /// The time between two looks, for each millisecond of it all: to ask for a thread's processor time is a call of
    /// the system, which costs as much as twenty steps. What has gone by on the wall is told without, and never less.
    private static let lookNanosecondsPerMillisecond = 15_625
    private static let lookNanosecondsMax = 1_000_000

    /// A budget that ends when others say so.
    /// - Parameter milliseconds: about how long that is.
    public init(milliseconds: Int, isOver: @escaping @Sendable () -> Bool) {
        self.init(milliseconds: milliseconds, isOver: isOver) { Self.nanoseconds(of: CLOCK_MONOTONIC) }
    }

    /// Processor time from now on, of the thread that makes the budget: it means nothing on another. A machine that is
    /// busy otherwise takes nothing from it.
    public init(processorMilliseconds: Int) {
        let end = Self.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) + processorMilliseconds * 1_000_000
        self.init(milliseconds: processorMilliseconds) { Self.nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) >= end }
    }

    init(milliseconds: Int, isOver: @escaping @Sendable () -> Bool, nanoseconds: @escaping @Sendable () -> Int) {
        self.milliseconds = milliseconds
        self.isOver = isOver
        self.nanoseconds = nanoseconds
    }

    /// Begins a match: from here on a step counts for what it may compare.
    mutating func begin(textBytes: Int, patternBytes: Int) {
        let (compared, overflow) = textBytes.multipliedReportingOverflow(by: patternBytes)
        // In workMax's of what may be compared between two looks.
        let share = (overflow ? Int.max : compared) / (Self.comparedBytesPerMillisecond / Self.workMax)
        stepWork = max(Self.stepWorkMin, min(share / max(1, milliseconds), Self.workMax))
    }

    /// Counts a step of a match, and says whether the time is over.
    /// - Parameter place: where in the text the match has come to. One step may walk through all of the text.
    mutating func isSpent(at place: Int) -> Bool {
        work += stepWork + abs(place - lastPlace)
        lastPlace = place
        guard work >= Self.workMax else { return false }
        work = 0
        let now = nanoseconds()
        let wait = min(Self.lookNanosecondsMax, Self.lookNanosecondsPerMillisecond * min(milliseconds, 1000))
        if let lastLook, now - lastLook < wait { return false }
        lastLook = now
        return isOver()
    }

    private static func nanoseconds(of clock: clockid_t) -> Int {
        var time = timespec()
        // Safe: the call writes the time that it is handed.
        unsafe clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
