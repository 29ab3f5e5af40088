internal import Glibc

/// A value behind a lock that is taken by whichever thread comes first.
///
/// `Synchronization.Mutex` hands itself over to a thread that waits, which must be woken before anybody goes on. Where
/// several threads take a lock for microseconds at a time, and more threads want to run than there are processors, each
/// turn then lasts as long as a wake-up: 140 µs instead of 3, and as all stand in line by then it stays so. This is for
/// such places; everywhere else `Mutex` is smaller and quicker.
@safe public final class Lock<State>: @unchecked Sendable {
    // POSIX locks must not move in memory, so it lives in an allocation of its own.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    // What comes in and goes out of it is sent, so nobody else holds any of it; the lock sees to the rest.
    private nonisolated(unsafe) var state: State

    public init(_ state: sending State) {
        unsafe self.state = state
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Looks at the value, or changes it, while nobody else does. The call is quick, and does not take the lock again.
    /// What it answers is shared with nothing that stays in the value.
    public func withLock<Result>(_ body: (inout sending State) -> sending Result) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return unsafe body(&state)
    }
}
