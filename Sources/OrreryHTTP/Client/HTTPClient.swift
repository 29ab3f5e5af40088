import Glibc
import Synchronization

/// An HTTP/1.1 client over libcurl. One thread serves all requests; connections are kept and used again, and each is
/// made only to an address that the policy allows.
public final class HTTPClient: Sendable {
    private let inbox: HTTPClientInbox
    private let thread: HTTPThread

    /// Starts the client's thread.
    public init(configuration: HTTPClientConfiguration = HTTPClientConfiguration()) throws(HTTPServerError) {
        guard let multi = CurlMulti(configuration) else { throw .system("start of the HTTP client", ENOMEM) }
        let inbox = HTTPClientInbox(requestsMax: configuration.requestsMax) { multi.wake() }
        thread = try HTTPThread("the HTTP client's thread") {
            var loop = HTTPClientLoop(multi, inbox, configuration)
            loop.run()
        }
        self.inbox = inbox
    }

    deinit {
        stop()
    }

    /// Sends a request. What came of it is told once, on the client's thread, which must not be held up: whoever has
    /// more to do hands it on.
    public func send(
        _ request: HTTPClientRequest,
        completion: @escaping @Sendable (Result<HTTPClientResponse, HTTPClientError>) -> Void
    ) {
        _ = inbox.start(HTTPClientJob(request: request, sink: .whole(completion)))
    }

    /// Sends a request and tells of the answer as it comes. `HTTPClientRequest.responseBytesMax` holds here too.
    @discardableResult
    public func stream(
        _ request: HTTPClientRequest, observer: @escaping @Sendable (HTTPClientEvent) -> HTTPClientFlow
    ) -> HTTPClientExchange {
        let number = inbox.start(HTTPClientJob(request: request, sink: .streamed(observer)))
        return HTTPClientExchange { [inbox] order in
            switch order {
            case .resume: inbox.submit(.resume(number))
            case .cancel: inbox.submit(.cancel(number))
            }
        }
    }

    /// Requests on their way.
    public var openCount: Int { inbox.openCount }

    /// Gives up what is on its way, which ends with `HTTPClientError.cancelled`, and ends the thread. It returns when
    /// nothing more will be told, unless it is called by what is being told. A second call does nothing.
    public func stop() {
        if inbox.stop() { thread.join() }
    }
}
