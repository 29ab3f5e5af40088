import OrreryHTTP
import OrreryTelemetry
import Synchronization

/// One call on its way to a server behind the gateway and back: tried again where that is worth it, and passed back as
/// it comes, so that of an answer of any length no more than a piece is in memory.
///
/// Its state is touched by the HTTP client's thread, which tells what comes, and by the server's, which tells when more
/// can be sent.
final class ProxyExchange: Sendable {
    /// Answers up to here are passed back whole, which costs less than to stream them; longer ones where they are to
    /// be kept.
    private static let wholeBytesMax = 64 * 1024
    /// What was written and not yet sent, beyond which the server behind is made to wait.
    private static let unsentBytesMax = 256 * 1024

    private enum Phase {
        case waiting
        /// The answer is small, as far as is known, and gathered.
        case gathering(HTTPResponse)
        case streaming(HTTPBodyStream)
        case ended
    }

    private struct State {
        var phase = Phase.waiting
        /// How often the request was sent.
        var attempts = 0
        /// The one that is listened to, by its number; 0 while none is. What another still tells is passed by.
        var attempt = 0
        /// Whether a circuit breaker waits for what becomes of it.
        var isTrial = false
        var exchange: HTTPClientExchange?
        var unsentBytes = 0
        var isPaused = false
    }

    private let backend: ProxyBackend
    private let request: HTTPClientRequest
    private let gateway: Gateway
    private let gatheredBytesMax: Int
    private let keepsAnswer: Bool
    private let responder: BackendResponder
    private let deadlineNanoseconds: UInt64
    private let state = Mutex(State())

    /// - Parameter keepsAnswer: whether the answer is to be kept, and so gathered where that can be.
    init(
        _ backend: ProxyBackend, _ request: HTTPClientRequest, _ gateway: Gateway, keepsAnswer: Bool,
        _ responder: BackendResponder
    ) {
        (self.backend, self.request, self.gateway, self.responder) = (backend, request, gateway, responder)
        self.keepsAnswer = keepsAnswer
        gatheredBytesMax = keepsAnswer ? gateway.cache.entryBytesMax : Self.wholeBytesMax
        deadlineNanoseconds = gateway.services.nowNanoseconds() + UInt64(backend.timeoutMilliseconds) * 1_000_000
    }

    /// Sends the request, unless the call was given up.
    func begin() {
        let now = gateway.services.nowNanoseconds()
        var isTrial = false
        if let circuit = backend.circuit {
            switch gateway.breakers.admit(circuit, at: now) {
            case .pass(let trial): isTrial = trial
            case .refused(let wait):
                gateway.metrics.recordBackend(.refused)
                var answer = GatewayAnswer.error(503, "The back end is left alone, for it has failed.")
                answer.headers.append("Retry-After", (wait + 999_999_999) / 1_000_000_000)
                return end(answer)
            }
        }
        var request = request
        let leftNanoseconds = deadlineNanoseconds - min(now, deadlineNanoseconds)
        request.timeoutMilliseconds = max(1, Int(clamping: leftNanoseconds / 1_000_000))
        let attempt = state.withLock { state -> Int? in
            state.isTrial = isTrial
            if case .ended = state.phase { return nil }
            state.attempts += 1
            (state.attempt, state.phase) = (state.attempts, .waiting)
            return state.attempt
        }
        guard let attempt else { return tellBreaker(.unknown) }
        let exchange = gateway.services.backend(request) { [self] event in take(event, of: attempt) }
        let isOver = state.withLock { state in
            if case .ended = state.phase { return true }
            if state.attempt == attempt { state.exchange = exchange }
            return state.attempt != attempt
        }
        // It was given up before this thread came to know how to say so.
        if isOver { exchange.cancel() }
    }

    /// Gives the call up: whoever waited for it was answered. An answer that has begun to be passed back goes on.
    func cancel() {
        let (isUnanswered, exchange) = state.withLock { state -> (Bool, HTTPClientExchange?) in
            var isUnanswered = false
            switch state.phase {
            case .streaming, .ended: return (false, nil)
            case .waiting: isUnanswered = state.attempt > 0
            case .gathering: break
            }
            (state.phase, state.attempt) = (.ended, 0)
            return (isUnanswered, state.exchange)
        }
        exchange?.cancel()
        if isUnanswered { record(.unknown) }
        request.upload?.discard()
    }

    // MARK: What comes

    private func take(_ event: HTTPClientEvent, of attempt: Int) -> HTTPClientFlow {
        guard state.withLock({ $0.attempt == attempt }) else { return .pause }
        switch event {
        case .head(let head): return takeHead(head)
        case .piece(let bytes): return takePiece(bytes)
        case .finished: finish()
        case .failed(let error): fail(error)
        }
        return .proceed
    }

    private func takeHead(_ head: HTTPClientResponse) -> HTTPClientFlow {
        let retryAfter = head.headers["retry-after"].flatMap { Int($0) }
        let isFailure = backend.failureStatuses.contains(head.status)
        record(isFailure ? .failure(retryAfterSeconds: retryAfter) : .success)
        if tryAgain(status: head.status, retryAfterSeconds: retryAfter) { return .pause }
        let answer = HTTPResponse(status: head.status, headers: ProxyBackend.passedBack(head.headers.all))
        let length = head.headers["content-length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        let isEvents = answer.headers["content-type"]?.hasPrefix("text/event-stream") == true
        let isShort = length.map { $0 <= gatheredBytesMax } ?? (keepsAnswer && !isEvents)
        if head.status == 204 || head.status == 304 || isShort, request.method != .head {
            state.withLock { $0.phase = .gathering(answer) }
        } else {
            stream(answer, lengthBytes: length)
        }
        return .proceed
    }

    private func stream(_ answer: HTTPResponse, lengthBytes: Int?) {
        let stream = HTTPBodyStream(lengthBytes: lengthBytes) { [weak self] event in self?.take(event) }
        state.withLock { $0.phase = .streaming(stream) }
        var answer = answer
        answer.stream = stream
        // Where the time was over before, nobody will read it.
        if !responder.respond(answer) { take(.ended) }
    }

    private func takePiece(_ bytes: [UInt8]) -> HTTPClientFlow {
        let (stream, gathered) = state.withLock { state -> (HTTPBodyStream?, HTTPResponse?) in
            switch state.phase {
            case .gathering(var answer):
                // The phase lets go of the body, so that it grows in its place.
                state.phase = .ended
                answer.body += bytes
                state.phase = .gathering(answer)
                return (nil, answer.body.count > gatheredBytesMax ? answer : nil)
            case .streaming(let stream):
                state.unsentBytes += bytes.count
                return (stream, nil)
            case .waiting, .ended: return (nil, nil)
            }
        }
        if let gathered {
            // It turns out to be long.
            self.stream(HTTPResponse(status: gathered.status, headers: gathered.headers), lengthBytes: nil)
            return takePiece(gathered.body)
        }
        guard let stream else { return .proceed }
        guard stream.write(bytes) else {
            // Whoever was to read it does not any more.
            take(.ended)
            return .pause
        }
        return state.withLock { state in
            // Who cannot be told to go on must not be made to wait. Where all that was written is on its way by now,
            // nobody would say that more can be.
            guard state.unsentBytes >= Self.unsentBytesMax, state.exchange != nil else { return .proceed }
            state.isPaused = true
            return .pause
        }
    }

    /// The caller has taken what there was, or is gone.
    private func take(_ event: HTTPBodyStream.Event) {
        let (exchange, isEnded) = state.withLock { state -> (HTTPClientExchange?, Bool) in
            switch event {
            case .drained:
                state.unsentBytes = 0
                defer { state.isPaused = false }
                return (state.isPaused ? state.exchange : nil, false)
            case .ended:
                state.phase = .ended
                return (state.exchange, true)
            }
        }
        if isEnded { exchange?.cancel() } else { exchange?.resume() }
    }

    // MARK: The end

    private func finish() {
        let phase = state.withLock { state in
            defer { state.phase = .ended }
            return state.phase
        }
        // The rest of a body that the server did not want to see is nobody's.
        request.upload?.discard()
        switch phase {
        case .gathering(let answer): responder.respond(answer)
        case .streaming(let stream): stream.finish()
        case .waiting: responder.refuse(ProxyBackend.answer(.broken))
        case .ended: break
        }
    }

    private func fail(_ error: HTTPClientError) {
        let phase = state.withLock { $0.phase }
        switch phase {
        case .waiting:
            record(error.isOfServer ? .failure(retryAfterSeconds: nil) : .unknown)
            if error.isOfServer, tryAgain(status: nil, retryAfterSeconds: nil) { return }
            end(ProxyBackend.answer(error))
        case .gathering:
            record(.failure(retryAfterSeconds: nil))
            if tryAgain(status: nil, retryAfterSeconds: nil) { return }
            end(ProxyBackend.answer(error))
        case .streaming(let stream):
            state.withLock { $0.phase = .ended }
            record(.failure(retryAfterSeconds: nil))
            request.upload?.discard()
            stream.fail()
        case .ended: break
        }
    }

    private func end(_ answer: HTTPResponse) {
        state.withLock { $0.phase = .ended }
        request.upload?.discard()
        responder.refuse(answer)
    }

    // MARK: Failures

    /// Sends the request once more after a time, where that is worth it and there is time.
    private func tryAgain(status: Int?, retryAfterSeconds: Int?) -> Bool {
        // What was sent of a body that came in pieces is gone.
        guard request.upload?.isUntouched != false else { return false }
        let now = gateway.services.nowNanoseconds()
        let attempts = state.withLock { $0.attempts }
        let delay = backend.retry?.delayMilliseconds(
            afterAttempt: attempts, request.method, status: status, retryAfterSeconds: retryAfterSeconds,
            jitter: Double.random(in: 0...1))
        guard let delay, now + UInt64(delay) * 1_000_000 < deadlineNanoseconds else { return false }
        let exchange = state.withLock { state -> HTTPClientExchange? in
            state.attempt = 0
            if case .ended = state.phase { return nil }
            state.phase = .waiting
            defer { state.exchange = nil }
            return state.exchange
        }
        exchange?.cancel()
        gateway.metrics.recordBackend(.retried)
        gateway.services.schedule(delay) { self.begin() }
        return true
    }

    private func record(_ result: CircuitBreaker.Result) {
        gateway.metrics.recordBackend(result == .success ? .answered : .failed)
        tellBreaker(result)
    }

    private func tellBreaker(_ result: CircuitBreaker.Result) {
        guard let circuit = backend.circuit else { return }
        let isTrial = state.withLock { state in
            defer { state.isTrial = false }
            return state.isTrial
        }
        let now = gateway.services.nowNanoseconds()
        if gateway.breakers.record(result, circuit, isTrial: isTrial, at: now) == .opened {
            gateway.metrics.recordTrip()
            gateway.services.log.warning("gateway-circuit-open", [("backend", .text(circuit.name))])
        }
    }
}
