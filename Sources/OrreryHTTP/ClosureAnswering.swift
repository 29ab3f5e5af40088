import Synchronization

/// Answers into a closure instead of a socket.
final class ClosureAnswering: HTTPAnswering {
    private let answered = Atomic(false)
    private let closure: @Sendable (HTTPResponse?) -> Void

    init(_ closure: @escaping @Sendable (HTTPResponse?) -> Void) {
        self.closure = closure
    }

    func answer(_ response: HTTPResponse) -> Bool {
        if answered.exchange(true, ordering: .acquiringAndReleasing) { return false }
        closure(response)
        return true
    }

    func abandon() {
        if answered.exchange(true, ordering: .acquiringAndReleasing) { return }
        closure(nil)
    }
}
