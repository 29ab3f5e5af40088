/// Answers one request, once, from any thread, at once or later. A responder that is let go without an answer answers
/// with the server's `abandoned` error, so that no client waits for ever.
public final class HTTPResponder: Sendable {
    private let exchange: any HTTPAnswering

    init(_ exchange: any HTTPAnswering) {
        self.exchange = exchange
    }

    /// A responder that hands its answer to a closure: for tests without a socket. The closure is given the first
    /// answer only, or nil when the responder is let go without one.
    public convenience init(answer: @escaping @Sendable (HTTPResponse?) -> Void) {
        self.init(ClosureAnswering(answer))
    }

    deinit {
        exchange.abandon()
    }

    /// Runs `body` and sends the answers that it gives, to whatever requests, when it returns: one waking of each
    /// connection's thread does for all of them. To be used where a thread answers many requests in short order.
    public static func sendingTogether(_ body: () -> Void) {
        AnswerBatch.gathering(body)
    }

    /// Sends the response. Returns whether it was taken: false when the request was answered before, or when the
    /// server stopped and answered in the handler's stead.
    @discardableResult
    public func respond(_ response: HTTPResponse) -> Bool {
        exchange.answer(response)
    }
}

/// What a responder answers into: the server's exchange on a socket, or a closure.
protocol HTTPAnswering: AnyObject, Sendable {
    /// Takes the answer unless there was one; returns whether it took it.
    func answer(_ response: HTTPResponse) -> Bool

    /// Says that no answer will come. Means nothing after one.
    func abandon()
}
