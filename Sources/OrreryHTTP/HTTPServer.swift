// OrreryHTTP: an HTTP/1.1 server over GNU libmicrohttpd. It knows requests, responses and sockets; of databases,
// documents and anybody's routes it knows nothing.

/// An HTTP/1.1 server. Requests are read, handled and answered on a small pool of threads; a handler that answers
/// later has its connection set aside, off those threads, until it does.
public final class HTTPServer: Sendable {
    /// Handles one request. It runs on one of the server's threads, so it must not wait: it answers at once, or hands
    /// the responder to whoever will.
    public typealias Handler = @Sendable (HTTPRequest, HTTPResponder) -> Void

    /// The port it listens on; where the configuration said 0, the one it was given.
    public let port: UInt16

    /// Starts to listen and to serve.
    public init(configuration: HTTPServerConfiguration, handler: @escaping Handler) throws(HTTPServerError) {
        throw .system(call: "start", code: 0, message: "not built yet")
    }

    /// Stops: takes no new connection, answers new requests on open ones with 503, lets those in progress finish for
    /// at most `withinSeconds`, answers the rest with 503, and closes. Returns when no handler runs any more. A second
    /// call waits for nothing and does nothing.
    public func stop(withinSeconds: Double = 10) {}
}
