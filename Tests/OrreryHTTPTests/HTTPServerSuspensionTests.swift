import Foundation
import OrreryHTTP
import Synchronization
import Testing

/// Handlers that answer later, twice or never, and a server that stops under them.
@Suite struct HTTPServerSuspensionTests {
    fileprivate static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Keeps responders for a test to use as it likes.
    private final class Waiting: Sendable {
        private let responders = Mutex<[HTTPResponder]>([])
        private let arrived = DispatchSemaphore(value: 0)

        var handler: HTTPServer.Handler {
            { request, responder in
                if request.path == "/at-once" {
                    responder.respond(HTTPResponse(status: 200))
                    return
                }
                self.responders.withLock { $0.append(responder) }
                self.arrived.signal()
            }
        }

        func next() -> HTTPResponder? {
            guard arrived.wait(timeout: .now() + 20) == .success else { return nil }
            return responders.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }

        func nextOfAClientThatGoesAway(port: UInt16) throws -> HTTPResponder {
            let client = try RawClient(port: port)
            try client.send(HTTPServerSuspensionTests.get)
            return try #require(next())
        }
    }

    @Test func answersFromAnotherThread() throws {
        let waiting = Waiting()
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: waiting.handler)
        let client = try RawClient(port: server.port)
        for index in 0..<20 {
            try client.send(Self.get)
            let responder = try #require(waiting.next())
            #expect(responder.respond(HTTPResponse(status: 200, body: Array("\(index)".utf8))))
            #expect(!responder.respond(HTTPResponse(status: 500)))
            #expect(try client.response().text == "\(index)")
        }
        server.stop()
    }

    /// The answer races the suspension: it is given by another thread as early as it can be.
    @Test func answersThatOvertakeTheSuspension() throws {
        let answered = Mutex(0)
        let queue = DispatchQueue(label: "answers", attributes: .concurrent)
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { request, responder in
            queue.async {
                responder.respond(HTTPResponse(status: 200, body: request.target))
                answered.withLock { $0 += 1 }
            }
        }
        let threadCount = 4
        let requestCount = 500
        DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
            guard let client = try? RawClient(port: server.port) else { return }
            for index in 0..<requestCount {
                let text = "/\(thread)-\(index)"
                let response = try? client.exchange("GET \(text) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(response?.text == text)
            }
        }
        server.stop()
        #expect(answered.withLock { $0 } == threadCount * requestCount)
    }

    @Test func manyThreadsAnswerAndOneIsHeard() throws {
        let taken = Mutex(0)
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { _, responder in
            for index in 0..<4 {
                DispatchQueue.global().async {
                    let isTaken = responder.respond(HTTPResponse(status: 200 + index))
                    if isTaken { taken.withLock { $0 += 1 } }
                }
            }
        }
        let client = try RawClient(port: server.port)
        for _ in 0..<200 { #expect((200..<204).contains(try client.exchange(Self.get).status)) }
        server.stop()
        #expect(taken.withLock { $0 } == 200)
    }

    @Test func aHandlerThatForgetsIsAnsweredFor() throws {
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { request, responder in
            if request.path == "/later" { DispatchQueue.global().async { _ = responder } }
        }
        let client = try RawClient(port: server.port)
        #expect(try client.exchange(Self.get).status == 500)
        #expect(try client.exchange("GET /later HTTP/1.1\r\nHost: x\r\n\r\n").status == 500)
        server.stop()
    }

    @Test func theClientIsGoneWhenTheAnswerComes() throws {
        let waiting = Waiting()
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: waiting.handler)
        for _ in 0..<20 {
            let responder = try waiting.nextOfAClientThatGoesAway(port: server.port)
            #expect(responder.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: 1_000_000))))
        }
        let client = try RawClient(port: server.port)
        try client.send(Self.get)
        waiting.next()?.respond(HTTPResponse(status: 200))
        #expect(try client.response().status == 200)
        server.stop()
    }

    @Test func stopWaitsForWhatIsInProgress() throws {
        let waiting = Waiting()
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: waiting.handler)
        let client = try RawClient(port: server.port)
        let idle = try RawClient(port: server.port)
        try client.send(Self.get)
        let responder = try #require(waiting.next())
        let stopped = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            server.stop(withinSeconds: 20)
            stopped.signal()
        }
        // The stop has begun when a request on an open connection is refused, or answered with the connection's end:
        // then the stop came between the handler's answer and its sending. Not before.
        while true {
            let answer = try idle.exchange("GET /at-once HTTP/1.1\r\nHost: x\r\n\r\n")
            if answer.status != 200 || answer.headers["connection"]?.lowercased() == "close" { break }
        }
        #expect(stopped.wait(timeout: .now()) == .timedOut)
        responder.respond(HTTPResponse(status: 201))
        let response = try client.response()
        #expect(response.status == 201)
        #expect(response.headers["connection"]?.lowercased() == "close")
        #expect(stopped.wait(timeout: .now() + 20) == .success)
        #expect(throws: RawClient.Failure.self) { try RawClient(port: server.port) }
    }

    @Test func stopAnswersForWhoNeverDoes() throws {
        let waiting = Waiting()
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: waiting.handler)
        let client = try RawClient(port: server.port)
        try client.send(Self.get)
        let responder = try #require(waiting.next())
        server.stop(withinSeconds: 0.01)
        #expect(try client.response().status == 503)
        #expect(!responder.respond(HTTPResponse(status: 200)))
        // And once more does nothing.
        server.stop()
    }

    /// A client that never reads holds its response in the server for ever, but not the server's stop.
    @Test func stopDoesNotWaitForWhoDoesNotRead() throws {
        let body = [UInt8](repeating: 1, count: 50_000_000)
        let asked = DispatchSemaphore(value: 0)
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { _, responder in
            responder.respond(HTTPResponse(status: 200, body: body))
            asked.signal()
        }
        let client = try RawClient(port: server.port)
        try client.send(Self.get)
        #expect(asked.wait(timeout: .now() + 20) == .success)
        let began = ContinuousClock.now
        server.stop(withinSeconds: 0.05)
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(throws: RawClient.Failure.self) { try client.response() }
    }
}
