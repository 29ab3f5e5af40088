public import OrreryHTTP

/// What sends requests to webhooks: the HTTP client, or a test's own.
public struct WebhookSender: Sendable {
    public typealias Completion = @Sendable (Result<HTTPClientResponse, HTTPClientError>) -> Void

    let send: @Sendable (HTTPClientRequest, @escaping Completion) -> Void
    /// Gives up what is on its way.
    let stop: @Sendable () -> Void

    /// A sender that calls a function for each request.
    public init(_ send: @escaping @Sendable (HTTPClientRequest, @escaping Completion) -> Void) {
        self.send = send
        stop = {}
    }

    /// A sender over a client, which is stopped with the host.
    public init(_ client: HTTPClient) {
        send = { client.send($0, completion: $1) }
        stop = { client.stop() }
    }

    /// Sends nothing: every request fails as if nobody were there.
    public static let none = WebhookSender { $1(.failure(.unreachable)) }
}
