import Synchronization

/// What all of a server's exchanges share: the handler, the limits, and the count of what is in progress, which a
/// graceful stop waits for.
final class HTTPDispatcher: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: HTTPServer.Handler

    private let stopping = Atomic(false)
    private let exchangeCount = Atomic(0)
    private let unansweredCount = Atomic(0)

    /// Exchanges whose connection is suspended. A stop that waits no longer answers for them, since the library may
    /// not be stopped while a connection is suspended.
    private let suspended = Mutex<[ObjectIdentifier: HTTPExchange]>([:])

    /// Exchanges whose body is handed over while it comes: their senders may take any time, and a stop does not wait.
    private let uploads = Mutex<[ObjectIdentifier: HTTPExchange]>([:])

    /// Bodies that are being written. A stop finishes them, for their writers may know no end.
    private let streams = Mutex<[ObjectIdentifier: HTTPBodyStream]>([:])

    init(configuration: HTTPServerConfiguration, handler: @escaping HTTPServer.Handler) {
        self.configuration = configuration
        self.handler = handler
    }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Whether any exchange is between its first byte and its last.
    var isIdle: Bool { exchangeCount.load(ordering: .acquiring) == 0 }

    /// Whether any handler has yet to answer.
    var isAnswered: Bool { unansweredCount.load(ordering: .acquiring) == 0 }

    /// From here on new requests are refused. Returns false where that was so before.
    func beginStopping() -> Bool {
        !stopping.exchange(true, ordering: .acquiringAndReleasing)
    }

    func exchangeBegan() { exchangeCount.add(1, ordering: .relaxed) }
    func exchangeEnded() { exchangeCount.subtract(1, ordering: .releasing) }
    func handlerBegan() { unansweredCount.add(1, ordering: .relaxed) }
    func handlerAnswered() { unansweredCount.subtract(1, ordering: .releasing) }

    func insertSuspended(_ exchange: HTTPExchange) {
        suspended.withLock { $0[ObjectIdentifier(exchange)] = exchange }
    }

    func removeSuspended(_ exchange: HTTPExchange) {
        _ = suspended.withLock { $0.removeValue(forKey: ObjectIdentifier(exchange)) }
    }

    func insertUpload(_ exchange: HTTPExchange) {
        uploads.withLock { $0[ObjectIdentifier(exchange)] = exchange }
    }

    func removeUpload(_ exchange: HTTPExchange) {
        _ = uploads.withLock { $0.removeValue(forKey: ObjectIdentifier(exchange)) }
    }

    /// Answers for every handler that has not, and throws the rest of their requests' bodies away.
    func refuseSuspended() {
        let uploads = uploads.withLock { Array($0.values) }
        for exchange in suspended.withLock({ Array($0.values) }) + uploads {
            _ = exchange.answer(configuration.errorResponse(.stopping))
        }
        for exchange in uploads { exchange.upload?.discard() }
    }

    func insertStream(_ stream: HTTPBodyStream) {
        streams.withLock { $0[ObjectIdentifier(stream)] = stream }
        // A stop that began before may not have seen it.
        if isStopping { stream.finish() }
    }

    func removeStream(_ stream: HTTPBodyStream) {
        _ = streams.withLock { $0.removeValue(forKey: ObjectIdentifier(stream)) }
    }

    /// Ends the bodies that are being written.
    func finishStreams() {
        for stream in streams.withLock({ Array($0.values) }) { stream.finish() }
    }
}
