import Glibc

/// The machine's clocks.
public enum SystemClock {
    /// Milliseconds since some fixed moment; never goes back.
    @Sendable public static func monotonicMilliseconds() -> Int64 {
        let time = now(CLOCK_MONOTONIC)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// 100 ns since 1970.
    @Sendable public static func wallTicks() -> Int64 {
        let time = now(CLOCK_REALTIME)
        return Int64(time.tv_sec) * DateTime.ticksPerSecond + Int64(time.tv_nsec) / 100
    }

    /// What tells the milliseconds of processor time that the thread has taken since; on another it means nothing.
    static func processorTime() -> @Sendable () -> Int64 {
        let start = processorMilliseconds()
        return { processorMilliseconds() - start }
    }

    private static func processorMilliseconds() -> Int64 {
        let time = now(CLOCK_THREAD_CPUTIME_ID)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func now(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // The call writes the local and cannot fail for these clocks.
        unsafe clock_gettime(clock, &time)
        return time
    }
}
