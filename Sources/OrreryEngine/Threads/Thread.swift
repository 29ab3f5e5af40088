internal import Glibc

/// A thread of the operating system that runs one closure and ends.
enum Thread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts a detached thread.
    static func start(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        // The box travels through C as a pointer and is taken back, once, on the new thread.
        let box = unsafe Unmanaged.passRetained(Body(run))
        let code = unsafe pthread_create(
            &thread, nil,
            { pointer in
                if let pointer = unsafe pointer { unsafe Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        // Without its threads the engine could acknowledge nothing: there is no state to go on from.
        guard code == 0 else { fatalError("cannot start a thread: error \(code)") }
        pthread_detach(thread)
    }
}
