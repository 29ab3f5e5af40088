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

    private static func now(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // The call writes the local and cannot fail for these two clocks.
        unsafe clock_gettime(clock, &time)
        return time
    }
}
