import Glibc

/// The time that several matches may take together.
public struct MatchBudget: Sendable {
    private let isOver: @Sendable () -> Bool
    private var work = 0
    private var lastPlace = 0

    /// Work between two looks at the clock, which costs as much as a few steps of a match.
    static let workMax = 4096
    /// The work of a step besides the bytes that it walks.
    static let stepWork = 64

    /// A budget that ends when others say so.
    public init(isOver: @escaping @Sendable () -> Bool) {
        self.isOver = isOver
    }

    /// Processor time from now on, of the thread that makes the budget: it means nothing on another. A machine that is
    /// busy otherwise takes nothing from it.
    public init(processorMilliseconds: Int) {
        let end = Self.threadNanoseconds() + processorMilliseconds * 1_000_000
        isOver = { Self.threadNanoseconds() >= end }
    }

    /// Counts a step of a match, and says whether the time is over.
    /// - Parameter place: where in the text the match has come to. One step may walk through all of the text.
    mutating func isSpent(at place: Int) -> Bool {
        work += Self.stepWork + abs(place - lastPlace)
        lastPlace = place
        guard work >= Self.workMax else { return false }
        work = 0
        return isOver()
    }

    private static func threadNanoseconds() -> Int {
        var time = timespec()
        // Safe: the call writes the time that it is handed.
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
