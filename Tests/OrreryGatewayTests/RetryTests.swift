import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryGateway

/// What is sent once more to servers behind the gateway, and what is kept from them.
@Suite struct RetryTests {
    private func gateway(_ more: String) throws -> TestGateway {
        let operations = ["GET", "POST"].map { method in
            #"{"id":"\#(method)","method":"\#(method)","path":"/{*rest}","#
                + #""backend":{"url":"http://back.example",\#(more)}}"#
        }
        return try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":["#
                + operations.joined(separator: ",") + "]}"
        ])
    }

    private func answer(_ status: Int, _ headers: [(name: String, value: String)] = []) -> HTTPClientResponse {
        HTTPClientResponse(status: status, headers: HTTPHeaders(headers))
    }

    private static let retry = #""retry":{"count":2,"intervalMilliseconds":1000}"#

    @Test func failuresAreTriedAgain() throws {
        let gateway = try gateway(Self.retry)
        gateway.answerBackend(first: [.success(answer(503)), .failure(.broken), .success(answer(200))])
        let call = gateway.begin("GET", "/a")
        #expect(gateway.passedOn.count == 1 && call.answer == nil)
        // Half of the time to all of it, and for the second twice as long.
        gateway.pass(seconds: 0.4)
        #expect(gateway.passedOn.count == 1)
        gateway.pass(seconds: 0.6)
        #expect(gateway.passedOn.count == 2)
        gateway.pass(seconds: 2)
        #expect(gateway.passedOn.count == 3 && call.answer?.status == 200)
        let times = gateway.passedOn.map(\.timeoutMilliseconds)
        #expect(times == [30_000, 29_000, 27_000])
    }

    @Test func theLastAnswerIsPassedBack() throws {
        let gateway = try gateway(Self.retry)
        gateway.answerBackend(.success(answer(502, [("X-A", "1")])))
        let call = gateway.begin("GET", "/a")
        gateway.pass(seconds: 1)
        gateway.pass(seconds: 2)
        #expect(gateway.passedOn.count == 3 && call.answer?.status == 502 && call.answer?.headers["x-a"] == "1")
    }

    @Test func whatIsNotIdempotentIsTriedAgainOnlyWhereToldSo() throws {
        for (more, count) in [("", 1), (#","methods":["POST"]"#, 2)] {
            let gateway = try gateway(#""retry":{"count":1,"intervalMilliseconds":1000\#(more)}"#)
            gateway.answerBackend(.success(answer(503)))
            let call = gateway.begin("POST", "/a")
            gateway.pass(seconds: 1)
            #expect(gateway.passedOn.count == count && call.answer?.status == 503)
        }
    }

    @Test func answersThatAreNoFailureAreNotTriedAgain() throws {
        for (status, more) in [(500, ""), (404, ""), (503, #","statuses":[429]"#)] {
            let gateway = try gateway(#""retry":{"count":1,"intervalMilliseconds":1\#(more)}"#)
            gateway.answerBackend(.success(answer(status)))
            #expect(gateway.begin("GET", "/a").answer?.status == status)
            #expect(gateway.passedOn.count == 1)
        }
    }

    @Test func aServerSaysWhenToComeAgain() throws {
        let gateway = try gateway(Self.retry)
        gateway.answerBackend(first: [.success(answer(503, [("Retry-After", "4")])), .success(answer(200))])
        let call = gateway.begin("GET", "/a")
        gateway.pass(seconds: 3)
        #expect(gateway.passedOn.count == 1)
        gateway.pass(seconds: 1)
        #expect(call.answer?.status == 200)
        // A time that is over is none.
        gateway.answerBackend(first: [.success(answer(503, [("Retry-After", "-5")])), .success(answer(200))])
        let next = gateway.begin("GET", "/a")
        gateway.pass(seconds: 0)
        #expect(next.answer?.status == 200)
        // Longer than the longest interval is not waited for.
        gateway.answerBackend(first: [.success(answer(503, [("Retry-After", "6")]))])
        #expect(gateway.begin("GET", "/a").answer?.status == 503)
    }

    @Test func theTimeOfTheCallIsNotExceeded() throws {
        let gateway = try gateway(Self.retry + #","timeoutMilliseconds":900"#)
        gateway.answerBackend(.failure(.unreachable))
        // Whether half a second or more, one or two more tries fit in.
        let call = gateway.begin("GET", "/a")
        // Any delay before the time is over.
        gateway.pass(seconds: 0.8995)
        #expect(call.answer?.status == 502 && gateway.passedOn.count <= 2)
    }

    @Test func jitterIsBounded() throws {
        let policy = try retryPolicy(#"{"count":3,"intervalMilliseconds":100,"maxIntervalMilliseconds":300}"#)
        func delay(_ attempt: Int, _ jitter: Double) -> Int? {
            policy.delayMilliseconds(
                afterAttempt: attempt, .get, status: nil, retryAfterSeconds: nil, jitter: jitter)
        }
        #expect([delay(1, 0), delay(1, 1), delay(2, 0), delay(2, 1)] == [50, 100, 100, 200])
        #expect([delay(3, 0), delay(3, 1), delay(4, 0)] == [150, 300, nil])
    }

    private func retryPolicy(_ json: String) throws -> RetryPolicy {
        var reader = try ConfigurationReader(try JSONValue(parsing: json), at: "retry")
        return try RetryPolicy(&reader)
    }

    @Test(arguments: [
        #""retry":{}"#, #""retry":{"count":0}"#, #""retry":{"count":1,"statuses":["5xx"]}"#,
        #""retry":{"count":1,"x":1}"#,
        #""circuitBreaker":{"statuses":[700]}"#, #""circuitBreaker":{"failures":0}"#, #""circuitBreaker":3"#,
    ])
    func mistakesAreTold(_ more: String) throws {
        let gateway = try TestGateway([])
        let document = #"{"kind":"api","id":"a","path":"/a","operations":[{"id":"o","method":"GET","backend":{"#
            + #""url":"http://x",\#(more)}}]}"#
        #expect(gateway.gateway.configure([try JSONValue(parsing: document)]).count == 1)
    }

    // MARK: Circuits

    private static let circuit = #""circuitBreaker":{"failures":2,"intervalSeconds":10,"tripSeconds":5}"#

    @Test func aServerThatFailsIsLeftAlone() throws {
        let gateway = try gateway(Self.circuit)
        gateway.answerBackend(.failure(.unreachable))
        for _ in 0..<2 { #expect(gateway.begin("GET", "/a").answer?.status == 502) }
        // Another operation on the same server is kept away from it too.
        let refused = gateway.begin("POST", "/a").answer
        #expect(refused?.status == 503 && refused?.headers["Retry-After"] == "5" && gateway.passedOn.count == 2)
        #expect(gateway.lines.contains { $0.contains("gateway-circuit-open") })
        gateway.pass(seconds: 5)
        gateway.answerBackend(.success(answer(200)))
        #expect(gateway.begin("GET", "/a").answer?.status == 200)
        #expect(gateway.begin("GET", "/a").answer?.status == 200)
    }

    @Test func onlyOneCallTriesTheServer() throws {
        let gateway = try gateway(Self.circuit)
        gateway.answerBackend(.success(answer(500)))
        for _ in 0..<2 { #expect(gateway.begin("GET", "/a").answer?.status == 500) }
        gateway.pass(seconds: 5)
        gateway.tellSlowly()
        let trial = gateway.begin("GET", "/a")
        #expect(gateway.begin("GET", "/a").answer?.status == 503 && gateway.passedOn.count == 3)
        gateway.tell(.head(answer(200)))
        gateway.tell(.finished)
        #expect(trial.answer?.status == 200)
        _ = gateway.begin("GET", "/a")
        #expect(gateway.passedOn.count == 4)
    }

    @Test func otherAnswersDoNotCount() throws {
        let gateway = try gateway(Self.circuit)
        for status in [404, 429, 400, 401] {
            gateway.answerBackend(.success(answer(status)))
            #expect(gateway.begin("GET", "/a").answer?.status == status)
        }
    }
}
