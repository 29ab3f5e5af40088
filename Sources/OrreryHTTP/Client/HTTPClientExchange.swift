/// What a streamed exchange tells, in this order: one head, pieces of the body, one end. It tells of them on the
/// client's thread, which must not be held up.
public enum HTTPClientEvent: Sendable {
    /// The answer's status and headers.
    case head(HTTPClientResponse)
    /// The next bytes of its body, as they came.
    case piece([UInt8])
    /// The answer is whole.
    case finished
    /// There is no more to come; where the head has come already, the body is not whole.
    case failed(HTTPClientError)
}

/// Whether a streamed exchange is to go on at once.
public enum HTTPClientFlow: Sendable {
    case proceed
    /// Tell of nothing more until `HTTPClientExchange.resume`: whoever takes the body has enough for now.
    case pause
}

/// A streamed exchange on its way.
public struct HTTPClientExchange: Sendable {
    /// What can be asked of an exchange.
    public enum Order: Sendable {
        case resume, cancel
    }

    private let obey: @Sendable (Order) -> Void

    /// An exchange that hands what is asked of it to a closure: for tests without a server.
    public init(_ obey: @escaping @Sendable (Order) -> Void) {
        self.obey = obey
    }

    /// Goes on after `HTTPClientFlow.pause`.
    public func resume() { obey(.resume) }

    /// Gives the exchange up: it ends with `HTTPClientError.cancelled`, unless it has ended.
    public func cancel() { obey(.cancel) }
}
