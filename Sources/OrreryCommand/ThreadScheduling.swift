import CLinux
import Glibc

/// How the server's threads share processors with each other.
enum ThreadScheduling {
    /// Has this thread, and those it starts from now on, wait when they wake until whoever is running has had its turn,
    /// rather than interrupt it. Where processors are scarce requests are then taken and committed in larger groups,
    /// with fewer switches between threads; where one is idle nothing changes (Docs/Architecture.md, "Threads").
    static func letOthersFinish() {
        var parameters = sched_param()
        // A system that does not know the policy goes on as it is. Safe: the parameters live for the call.
        _ = unsafe sched_setscheduler(0, SCHED_BATCH, &parameters)
    }

    /// Has this thread stay on these processors.
    ///
    /// One that answers what it has read by itself is best off on a processor of its own: what it works with stays in
    /// that one's caches, and the system does not move it about as it wakes and is woken. One that is woken by others
    /// is better off wherever there is room (Docs/Architecture.md, "Threads").
    static func stay(on processors: [Int]) {
        var words = [UInt64](repeating: 0, count: wordCount)
        for processor in processors { words[processor / 64] |= 1 << UInt64(processor % 64) }
        // Where the system refuses, the thread goes on as it is. Safe: the call is told how long the words are.
        _ = unsafe sched_setaffinity(0, wordCount * 8, words)
    }

    /// The processors that this thread may use; none where that is not known.
    static var processors: [Int] {
        var words = [UInt64](repeating: 0, count: wordCount)
        // Safe: the call is told how long the words are.
        guard unsafe sched_getaffinity(0, wordCount * 8, &words) == 0 else { return [] }
        return (0..<(wordCount * 64)).filter { words[$0 / 64] & 1 << UInt64($0 % 64) != 0 }
    }

    /// Words of a processor a bit: of no more processors than the C library has room for.
    private static let wordCount = 16
}
