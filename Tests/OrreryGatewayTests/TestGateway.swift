import Dispatch
import OrreryDocuments
import OrreryHTTP
import OrreryTelemetry
import Synchronization
import TestSupport
import Testing

@testable import OrreryGateway

/// A gateway with everything around it played: time, secrets, the database, and one function of the program.
final class TestGateway: Sendable {
    let gateway: Gateway
    let quotas: MemoryQuotas

    struct State {
        var nowSeconds = SampleTokens.nowSeconds
        var nowNanoseconds: UInt64 = 1_000_000_000_000
        /// What the database was asked.
        var asked: [HTTPRequest] = []
        var databaseAnswer = HTTPResponse(status: 200, contentType: "application/json", body: Array("{}".utf8))
        /// What servers behind the gateway were asked, and what they answer.
        var passedOn: [HTTPClientRequest] = []
        var backendAnswer: Result<HTTPClientResponse, HTTPClientError> = .success(HTTPClientResponse(status: 200))
        /// What they answer first, one request after the other.
        var backendAnswers: [Result<HTTPClientResponse, HTTPClientError>] = []
        /// Whether a test plays them itself, event by event.
        var tellsSlowly = false
        var observers: [@Sendable (HTTPClientEvent) -> HTTPClientFlow] = []
        /// What was asked of exchanges with them.
        var orders: [HTTPClientExchange.Order] = []
        /// What is to be called back, and when.
        var scheduled: [(dueNanoseconds: UInt64, body: @Sendable () -> Void)] = []
        /// The log.
        var lines: [String] = []
        /// What was asked of identity providers, and who waits for that.
        var fetched: [String] = []
        var fetching: [@Sendable (Result<HTTPClientResponse, HTTPClientError>) -> Void] = []
        /// Those who wait for the function that takes its time.
        var late: [HTTPResponder] = []
        /// Calls that came to the function.
        var calls: [GatewayCall] = []
    }

    private final class Box: Sendable {
        let state = Mutex(State())

        func schedule(milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
            state.withLock { state in
                state.scheduled.append((state.nowNanoseconds + UInt64(milliseconds) * 1_000_000, body))
            }
        }

        /// Plays a server behind the gateway: at once, unless its events are told one by one.
        func passOn(
            _ request: HTTPClientRequest, _ observer: @escaping @Sendable (HTTPClientEvent) -> HTTPClientFlow
        ) -> HTTPClientExchange {
            let answer = state.withLock { state -> Result<HTTPClientResponse, HTTPClientError>? in
                state.passedOn.append(request)
                if state.tellsSlowly { state.observers.append(observer) }
                if state.tellsSlowly { return nil }
                return state.backendAnswers.isEmpty ? state.backendAnswer : state.backendAnswers.removeFirst()
            }
            switch answer {
            case .success(let response):
                _ = observer(.head(HTTPClientResponse(status: response.status, headers: response.headers)))
                if !response.body.isEmpty { _ = observer(.piece(response.body)) }
                _ = observer(.finished)
            case .failure(let error): _ = observer(.failed(error))
            case nil: break
            }
            return HTTPClientExchange { order in self.state.withLock { $0.orders.append(order) } }
        }

        /// Takes what is to be called back by now.
        func takeDue() -> [@Sendable () -> Void] {
            state.withLock { state in
                let due = state.scheduled.filter { $0.dueNanoseconds <= state.nowNanoseconds }
                state.scheduled.removeAll { $0.dueNanoseconds <= state.nowNanoseconds }
                return due.sorted { $0.dueNanoseconds < $1.dueNanoseconds }.map(\.body)
            }
        }
    }

    private let box: Box

    /// - Parameter documents: the configuration, one JSON object each.
    init(
        _ documents: [String], quotas: MemoryQuotas = MemoryQuotas(), following: (any ContainerFollowing)? = nil
    ) throws {
        let box = Box()
        self.box = box
        self.quotas = quotas
        let services = GatewayServices(
            database: { request, responder in
                let answer = box.state.withLock { state in
                    state.asked.append(request)
                    return state.databaseAnswer
                }
                responder.respond(answer)
            },
            handler: { name, call, responder in
                if name == "late" {
                    box.state.withLock { state in
                        state.calls.append(call)
                        state.late.append(responder)
                    }
                    return true
                }
                guard name == "echo" else { return false }
                box.state.withLock { $0.calls.append(call) }
                let request = call.outgoing
                var body: JSONValue = [
                    "path": .string(String(decoding: request.target, as: UTF8.self)), "tenant": .string(call.tenant),
                ]
                for field in request.headers.all { body["header:" + field.name.lowercased()] = .string(field.value) }
                for (name, value) in call.parameters { body["parameter:" + name] = .string(value) }
                responder.respond(HTTPResponse(status: 200, contentType: "application/json", body: body.text))
                return true
            },
            backend: { request, observer in box.passOn(request, observer) },
            secret: { reference in
                switch reference {
                case "env:SECRET": [UInt8](repeating: 7, count: 64)
                case "env:SHORT": [1, 2, 3]
                case "env:HOST": Array("back.example.org".utf8)
                case "env:KEY": Array("{s&cret}".utf8)
                case "file:keys.json": Array(SampleTokens.keySet.utf8)
                default: nil
                }
            },
            nowSeconds: { box.state.withLock { $0.nowSeconds } },
            nowNanoseconds: { box.state.withLock { $0.nowNanoseconds } },
            schedule: { box.schedule(milliseconds: $0, $1) },
            fetch: { request, then in
                box.state.withLock { state in
                    state.fetched.append(request.url)
                    state.fetching.append(then)
                }
            }, following: following,
            log: Log(level: .info) { line in box.state.withLock { $0.lines.append(line) } })
        gateway = Gateway(services: services, quotas: quotas, metrics: MetricsRegistry())
        #expect(gateway.configure(try documents.map { try JSONValue(parsing: $0) }) == [])
    }

    func pass(seconds: Double) {
        box.state.withLock { state in
            state.nowNanoseconds += UInt64(seconds * 1e9)
            state.nowSeconds += Int64(seconds)
        }
        for body in box.takeDue() { body() }
    }

    func answerDatabase(_ answer: HTTPResponse) { box.state.withLock { $0.databaseAnswer = answer } }
    func answerBackend(_ answer: Result<HTTPClientResponse, HTTPClientError>) {
        box.state.withLock { $0.backendAnswer = answer }
    }
    func answerBackend(first answers: [Result<HTTPClientResponse, HTTPClientError>]) {
        box.state.withLock { $0.backendAnswers = answers }
    }
    func tellSlowly() { box.state.withLock { $0.tellsSlowly = true } }
    /// Tells an event of the last request.
    @discardableResult
    func tell(_ event: HTTPClientEvent) -> HTTPClientFlow? { box.state.withLock { $0.observers.last }?(event) }
    var orders: [HTTPClientExchange.Order] { box.state.withLock { $0.orders } }
    var passedOn: [HTTPClientRequest] { box.state.withLock { $0.passedOn } }
    var lines: [String] { box.state.withLock { $0.lines } }
    /// Has an identity provider answer all that it was asked.
    func publish(_ result: Result<HTTPClientResponse, HTTPClientError>) {
        let waiting = box.state.withLock { state in
            defer { state.fetching = [] }
            return state.fetching
        }
        for then in waiting { then(result) }
    }
    var fetched: [String] { box.state.withLock { $0.fetched } }
    var asked: [HTTPRequest] { box.state.withLock { $0.asked } }
    var calls: [GatewayCall] { box.state.withLock { $0.calls } }

    /// Has the function that takes its time answer.
    func answerLate() {
        let late = box.state.withLock { state in
            defer { state.late = [] }
            return state.late
        }
        for responder in late { responder.respond(HTTPResponse(status: 200)) }
    }

    /// Sends a call and does not wait for its answer.
    func begin(_ method: String, _ target: String, _ headers: [(name: String, value: String)] = []) -> PendingCall {
        let call = PendingCall()
        let request = HTTPRequest(
            method: HTTPMethod(method), target: Array(target.utf8), headers: HTTPHeaders(headers),
            peer: HTTPPeerAddress(ipv4: 0xC000_0201, port: 4000))
        _ = gateway.answer(request, HTTPResponder { call.take($0) })
        return call
    }

    /// Sends a call and waits for its answer; nil where the gateway has nothing under the path.
    func send(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)] = [], body: String = "",
        from address: HTTPPeerAddress = HTTPPeerAddress(ipv4: 0xC000_0201, port: 4000)
    ) -> HTTPResponse? {
        let request = HTTPRequest(
            method: HTTPMethod(method), target: Array(target.utf8), headers: HTTPHeaders(headers),
            body: Array(body.utf8), peer: address)
        let answered = DispatchSemaphore(value: 0)
        let answer = Mutex<HTTPResponse?>(nil)
        let isTaken = gateway.answer(
            request,
            HTTPResponder { response in
                answer.withLock { $0 = response }
                answered.signal()
            })
        guard isTaken else { return nil }
        answered.wait()
        return answer.withLock { $0 }
    }
}

/// A call that was sent, and its answer once there is one.
final class PendingCall: Sendable {
    private let taken = Mutex<HTTPResponse?>(nil)

    var answer: HTTPResponse? { taken.withLock { $0 } }
    func take(_ answer: HTTPResponse?) { taken.withLock { $0 = answer } }
}

/// Quotas that are kept in memory, by the rules of something that can fail and takes its time.
final class MemoryQuotas: QuotaKeeping, Sendable {
    private let records = Mutex<[String: QuotaRecord]>([:])
    private let isFailing = Atomic(false)
    private let keptCount = Atomic(0)
    private let queue = DispatchQueue(label: "quotas")

    var kept: Int { keptCount.load(ordering: .relaxed) }
    func fail(_ failing: Bool) { isFailing.store(failing, ordering: .relaxed) }

    func record(named name: String) -> QuotaRecord? { records.withLock { $0[name] } }

    func keep(_ record: QuotaRecord, then: @escaping @Sendable (Bool) -> Void) {
        queue.async { [self] in
            let isKept = !isFailing.load(ordering: .relaxed)
            if isKept {
                keptCount.add(1, ordering: .relaxed)
                records.withLock { $0[record.name] = record }
            }
            then(isKept)
        }
    }

    /// Waits until everything asked for is done.
    func settle() { queue.sync {} }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}
