import Synchronization

/// Has whatever answers a call stopped when the call is given up, because its time is over.
final class CallCancellation: Sendable {
    private struct State {
        var isCancelled = false
        var bodies: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Has a closure called once, when the call is given up; at once where it was.
    func whenCancelled(_ body: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.bodies.append(body) }
            return state.isCancelled
        }
        if isCancelled { body() }
    }

    func cancel() {
        let bodies = state.withLock { state in
            state.isCancelled = true
            defer { state.bodies = [] }
            return state.bodies
        }
        for body in bodies { body() }
    }
}
