internal import Glibc
internal import OrreryEngine

/// The signals that ask a process to stop, taken by a thread that waits for them.
struct StopSignals: Sendable {
    /// From here on the signals no longer end the process. Threads that are begun later leave them to ``wait()``, too.
    init() {
        var set = Self.set
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        return set
    }

    /// Returns when one has come.
    func wait() async {
        let waiter = WorkerPool(threadCount: 1)
        await withCheckedContinuation { continuation in
            waiter.submit {
                var set = Self.set
                var signal: Int32 = 0
                unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
                unsafe sigwait(&set, &signal)
                continuation.resume()
            }
        }
        waiter.stop()
    }
}
