import Glibc

/// The signals that ask the server to stop. They are blocked for every thread and waited for on one, so that stopping
/// happens in ordinary code and not in a signal handler.
struct StopSignal: ~Copyable {
    private var signals = sigset_t()

    /// Blocks the signals; must be called before any other thread starts, for threads inherit what is blocked.
    init() {
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        // A reader of our output that goes away is no reason to stop serving.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for one of them, and tells its name.
    mutating func wait() -> StaticString {
        var received: Int32 = 0
        unsafe sigwait(&signals, &received)
        return received == SIGINT ? "SIGINT" : "SIGTERM"
    }
}
