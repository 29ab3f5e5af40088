import Dispatch
import OrreryHTTP
import Synchronization
import Testing

/// Bodies that are written while they are sent.
@Suite struct HTTPBodyStreamTests {
    /// Hands the stream of each request to the test.
    private final class Streams: Sendable {
        private let streams = Mutex<[HTTPBodyStream]>([])
        private let events = Mutex<[HTTPBodyStream.Event]>([])
        private let arrived = DispatchSemaphore(value: 0)
        private let drained = DispatchSemaphore(value: 0)
        private let ended = DispatchSemaphore(value: 0)

        var handler: HTTPServer.Handler {
            { _, responder in
                let stream = HTTPBodyStream { event in
                    switch event {
                    case .drained: self.drained.signal()
                    case .ended: self.ended.signal()
                    }
                }
                self.streams.withLock { $0.append(stream) }
                var response = HTTPResponse(status: 200, contentType: "text/plain", body: [])
                response.stream = stream
                responder.respond(response)
                self.arrived.signal()
            }
        }

        func next() -> HTTPBodyStream? {
            guard arrived.wait(timeout: .now() + 20) == .success else { return nil }
            return streams.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }

        func waitForDrain() -> Bool { drained.wait(timeout: .now() + 20) == .success }
        func waitForEnd() -> Bool { ended.wait(timeout: .now() + 20) == .success }
    }

    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test func piecesArriveAsTheyAreWritten() throws {
        let streams = Streams()
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: streams.handler)
        let client = try RawClient(port: server.port)
        try client.send(Self.get)
        let stream = try #require(streams.next())
        #expect(try client.response().headers["transfer-encoding"] == "chunked")
        for index in 0..<50 {
            #expect(stream.write(Array("piece \(index)".utf8)))
            #expect(try client.chunk() == "piece \(index)")
            #expect(streams.waitForDrain())
        }
        stream.finish()
        #expect(try client.chunk() == "")
        #expect(streams.waitForEnd())
        #expect(!stream.write([1]))
        // The connection is good for the next request.
        try client.send(Self.get)
        try #require(streams.next()).finish()
        #expect(try client.response().status == 200)
        server.stop()
    }

    @Test func aLargePieceIsSentWhole() throws {
        let streams = Streams()
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: streams.handler)
        let client = try RawClient(port: server.port)
        try client.send(Self.get)
        let stream = try #require(streams.next())
        let text = String(repeating: "0123456789", count: 100_000)
        stream.write(Array(text.utf8))
        stream.finish()
        _ = try client.response()
        var received = ""
        while case let chunk = try client.chunk(), !chunk.isEmpty { received += chunk }
        #expect(received == text)
        server.stop()
    }

    @Test func aClientThatIsGoneEndsTheStream() throws {
        let streams = Streams()
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: streams.handler)
        var client: RawClient? = try RawClient(port: server.port)
        try client?.send(Self.get)
        let stream = try #require(streams.next())
        _ = try client?.response()
        client = nil
        // The first write finds the connection closed, or makes it so.
        while stream.write(Array("anybody there?".utf8)) { #expect(streams.waitForDrain() || streams.waitForEnd()) }
        server.stop()
    }

    @Test func aStopEndsStreams() throws {
        let streams = Streams()
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: streams.handler)
        let clients = try (0..<20).map { _ in try RawClient(port: server.port) }
        for client in clients { try client.send(Self.get) }
        for client in clients {
            _ = try #require(streams.next())
            _ = try client.response()
        }
        server.stop(withinSeconds: 20)
        for client in clients {
            #expect(try client.chunk() == "")
            #expect(streams.waitForEnd())
        }
    }
}
