internal import Glibc

/// The time of day, from the kernel.
enum WallClock {
    /// Whole seconds since 1970.
    static func seconds() -> Int64 { milliseconds() / 1000 }

    /// Milliseconds since 1970.
    static func milliseconds() -> Int64 {
        var now = timespec()
        // The call fills the value it is given and cannot fail for this clock.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}

/// A clock for durations.
enum MonotonicClock {
    static func nanoseconds() -> UInt64 {
        var now = timespec()
        // The call fills the value it is given and cannot fail for this clock.
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
