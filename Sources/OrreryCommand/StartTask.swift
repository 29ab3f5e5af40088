import Dispatch
import Synchronization

/// Waiting for a task where there is nothing else to do: at the start, before anything is served.
enum StartTask {
    /// Runs an asynchronous function and waits for it on this thread.
    static func wait<Failure: Error>(
        for body: @escaping @Sendable () async throws(Failure) -> Void
    ) throws(Failure) {
        let done = DispatchSemaphore(value: 0)
        let failure = Mutex<Failure?>(nil)
        Task {
            do throws(Failure) {
                try await body()
            } catch {
                failure.withLock { $0 = error }
            }
            done.signal()
        }
        done.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
