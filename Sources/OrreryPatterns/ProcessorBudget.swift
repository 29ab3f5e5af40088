import Glibc

/// Processor time that several matches may take together. It is that of the thread which made it, and means nothing on
/// another: a machine that is busy otherwise takes nothing from it.
public struct ProcessorBudget: Sendable {
    private let endNanoseconds: Int
    private var askedCount = 0

    /// A budget that begins now.
    public init(milliseconds: Int) {
        endNanoseconds = Self.nowNanoseconds() + milliseconds * 1_000_000
    }

    /// Whether the time is over. Looking at the clock is a system call, so it is done every sixteenth time.
    mutating func isSpent() -> Bool {
        askedCount += 1
        return askedCount % 16 == 0 && Self.nowNanoseconds() >= endNanoseconds
    }

    private static func nowNanoseconds() -> Int {
        var time = timespec()
        // Safe: the call writes the time that it is handed.
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
