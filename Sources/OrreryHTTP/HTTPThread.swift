import Glibc

/// A thread that runs one closure, and that may be waited for.
@safe struct HTTPThread: @unchecked Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: pthread_t

    /// - Parameter purpose: what errors say the thread was for.
    init(_ purpose: String, _ run: @escaping @Sendable () -> Void) throws(HTTPServerError) {
        var thread = pthread_t()
        let body = unsafe Unmanaged.passRetained(Body(run))
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                // Safe: the context is the one that was retained for this thread.
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard result == 0 else {
            unsafe body.release()
            throw .system("start of \(purpose)", result)
        }
        self.thread = thread
    }

    /// Waits until the closure has returned; not where it is the closure itself that calls this.
    func join() {
        if pthread_equal(thread, pthread_self()) != 0 {
            pthread_detach(thread)
        } else {
            _ = pthread_join(thread, nil)
        }
    }
}
