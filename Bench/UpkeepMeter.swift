import Foundation
import OrreryEngine
import Synchronization

/// Takes the processor time of flushes and merges. Each of them has a thread of its own, and tells of its work there.
final class UpkeepMeter: EngineObserver {
    struct Upkeep {
        var flushMicroseconds = 0.0
        var mergeMicroseconds = 0.0
        var mergedEntries = 0
        var longestFlushMilliseconds = 0.0
        var longestMergeMilliseconds = 0.0
        var lastNanoseconds: UInt64 = 0
    }

    private let total = Mutex(Upkeep())

    var upkeep: Upkeep { total.withLock { $0 } }

    func deltaFlushed(versions: Int, nanoseconds: UInt64) {
        total.withLock { total in
            total.flushMicroseconds = Self.threadMicroseconds
            total.longestFlushMilliseconds = max(total.longestFlushMilliseconds, Double(nanoseconds) / 1e6)
            total.lastNanoseconds = monotonicNanoseconds()
        }
    }

    func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) {
        total.withLock { total in
            total.mergeMicroseconds = Self.threadMicroseconds
            total.mergedEntries += entries
            total.longestMergeMilliseconds = max(total.longestMergeMilliseconds, Double(nanoseconds) / 1e6)
            total.lastNanoseconds = monotonicNanoseconds()
        }
    }

    /// The longest flush and the longest merge since this was last asked, in milliseconds.
    func takeLongest() -> (flush: Double, merge: Double) {
        total.withLock { total in
            defer { (total.longestFlushMilliseconds, total.longestMergeMilliseconds) = (0, 0) }
            return (total.longestFlushMilliseconds, total.longestMergeMilliseconds)
        }
    }

    /// Returns once nothing was flushed or merged for two seconds.
    func waitUntilMerged() {
        while monotonicNanoseconds() < upkeep.lastNanoseconds + 2_000_000_000 { usleep(100_000) }
    }

    /// What the calling thread has used so far.
    private static var threadMicroseconds: Double {
        var now = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Double(now.tv_sec) * 1e6 + Double(now.tv_nsec) / 1e3
    }
}
