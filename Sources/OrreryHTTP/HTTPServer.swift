// OrreryHTTP: an HTTP/1.1 server over GNU libmicrohttpd and a client over libcurl. It knows requests, responses and
// sockets; of databases, documents and anybody's routes it knows nothing.

import Glibc

/// An HTTP/1.1 server. Requests are read, handled and answered on a small pool of threads; a handler that answers
/// later has its connection set aside, off those threads, until it does.
public final class HTTPServer: Sendable {
    /// Handles one request. It runs on one of the server's threads, so it must not wait: it answers at once, or hands
    /// the responder to whoever will.
    public typealias Handler = @Sendable (HTTPRequest, HTTPResponder) -> Void

    /// The port it listens on; where the configuration said 0, the one it was given.
    public var port: UInt16 { socket.port }

    private let socket: ListenSocket
    private let dispatcher: HTTPDispatcher
    private let daemon: HTTPDaemon
    private let acceptor: ConnectionAcceptor

    /// Starts to listen and to serve. The process's SIGPIPE is ignored from here on, unless it had a handler: TLS
    /// writes to sockets that the other side may have closed.
    public init(configuration: HTTPServerConfiguration, handler: @escaping Handler) throws(HTTPServerError) {
        ignoreBrokenPipes()
        socket = try ListenSocket(host: configuration.host, port: configuration.port)
        dispatcher = HTTPDispatcher(configuration: configuration, handler: handler)
        // Where this fails, the library has closed the socket.
        let daemon = try HTTPDaemon(socket: socket, dispatcher: dispatcher)
        self.daemon = daemon
        do {
            acceptor = try ConnectionAcceptor(socket) { daemon.add($0, from: $1, turn: $2) }
        } catch {
            daemon.stop()
            close(socket.descriptor)
            throw error
        }
    }

    deinit {
        stop(withinSeconds: 0)
    }

    /// Connections open now, idle ones too.
    public var openConnectionCount: Int { daemon.openConnectionCount }

    /// Stops: takes no new connection, answers new requests on open ones with 503, ends the bodies that are being
    /// written, lets those in progress finish for at most `withinSeconds`, answers the rest with 503, and closes.
    /// Returns when no handler runs any more, so it must not be called from one. A second call waits for nothing and
    /// does nothing.
    public func stop(withinSeconds: Double = 10) {
        guard dispatcher.beginStopping() else { return }
        acceptor.stop()
        dispatcher.finishStreams()
        wait(seconds: withinSeconds) { dispatcher.isIdle }
        dispatcher.refuseSuspended()
        while !dispatcher.isAnswered {
            pause()
            dispatcher.refuseSuspended()
        }
        // Those last refusals have still to leave; a client that does not read must not hold the stop for long.
        wait(seconds: 0.25) { dispatcher.isIdle }
        daemon.stop()
        close(socket.descriptor)
    }

    private func wait(seconds: Double, until isDone: () -> Bool) {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(max(0, min(seconds, 86_400)))
        while !isDone() && clock.now < deadline { pause() }
    }

    /// Stopping looks every two milliseconds, so that running need not signal the end of each request.
    private func pause() {
        usleep(2_000)
    }
}

private func ignoreBrokenPipes() {
    var current = sigaction()
    let isDefault = unsafe sigaction(SIGPIPE, nil, &current) == 0 && current.__sigaction_handler.sa_handler == nil
    if isDefault { _ = signal(SIGPIPE, SIG_IGN) }
}
