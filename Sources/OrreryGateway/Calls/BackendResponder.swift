import OrreryHTTP
import Synchronization

/// Takes the answer to a call, once and from any thread: that of whoever answers the operation, or the gateway's own
/// where nobody did. Who lets go of it without an answer is answered for.
final class BackendResponder: Sendable {
    enum Answer: Sendable {
        case backend(HTTPResponse)
        /// Nothing is made of it, and nothing is kept.
        case own(HTTPResponse)
    }

    private let then: Mutex<(@Sendable (Answer) -> Void)?>
    private let cancellation: CallCancellation?

    /// - Parameters:
    ///   - cancellation: what whoever answers is told by that the call was given up.
    ///   - then: is given the first answer.
    init(_ cancellation: CallCancellation?, then: @escaping @Sendable (Answer) -> Void) {
        self.cancellation = cancellation
        self.then = Mutex(then)
    }

    deinit {
        let isAnswered = then.withLock { $0 == nil }
        if !isAnswered { refuse(GatewayAnswer.error(500, "The call was not answered.")) }
    }

    /// Returns whether the answer was the first.
    @discardableResult
    func respond(_ answer: HTTPResponse) -> Bool { take(.backend(answer)) }

    /// Answers in the back end's stead. Returns whether the answer was the first.
    @discardableResult
    func refuse(_ answer: HTTPResponse) -> Bool { take(.own(answer)) }

    /// Answers in the back end's stead, and has it stopped, unless it has answered.
    func giveUp(_ answer: HTTPResponse) {
        if refuse(answer) { cancellation?.cancel() }
    }

    private func take(_ answer: Answer) -> Bool {
        guard let then = then.withLock({ $0.take() }) else { return false }
        then(answer)
        return true
    }

    /// The same for a back end that knows nothing of gateways.
    var responder: HTTPResponder {
        HTTPResponder { [self] answer in
            if let answer { respond(answer) }
        }
    }
}
