import Foundation
import Synchronization
import Testing

@testable import OrreryHTTP

/// Answers that are taken piece by piece.
@Suite struct HTTPClientStreamTests {
    /// What an exchange told, and a way to wait for it.
    private final class Listener: Sendable {
        private let state = Mutex<(events: [String], bytes: [UInt8])>(([], []))
        private let ended = DispatchSemaphore(value: 0)
        private let paused = DispatchSemaphore(value: 0)
        private let flow: HTTPClientFlow

        init(_ flow: HTTPClientFlow) { self.flow = flow }

        var events: [String] { state.withLock { $0.events } }
        var bytes: [UInt8] { state.withLock { $0.bytes } }

        func take(_ event: HTTPClientEvent) -> HTTPClientFlow {
            state.withLock { state in
                switch event {
                case .head(let head): state.events.append("head \(head.status)")
                case .piece(let piece):
                    if state.bytes.isEmpty { state.events.append("pieces") }
                    state.bytes += piece
                case .finished: state.events.append("finished")
                case .failed(let error): state.events.append("failed \(error)")
                }
            }
            switch event {
            case .piece where flow == .pause:
                paused.signal()
                return .pause
            case .finished, .failed: ended.signal()
            default: break
            }
            return .proceed
        }

        /// Goes on after each pause until the exchange has ended. Returns how often it paused.
        func waitForEnd(resuming exchange: HTTPClientExchange? = nil) -> Int {
            var count = 0
            while ended.wait(timeout: .now() + (exchange == nil ? 20 : 0)) == .timedOut {
                guard let exchange else { break }
                if paused.wait(timeout: .now() + 1) == .success {
                    count += 1
                    exchange.resume()
                }
            }
            return count
        }
    }

    private static let body = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    private func client() throws -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        configuration.addressPolicy = .everywhere
        return try HTTPClient(configuration: configuration)
    }

    private func server() throws -> HTTPServer {
        try HTTPServer(configuration: HTTPServerConfiguration()) { _, responder in
            var response = HTTPResponse(status: 200)
            let stream = HTTPBodyStream()
            stream.write(Self.body)
            stream.finish()
            response.stream = stream
            responder.respond(response)
        }
    }

    @Test func tellsHeadPiecesAndEnd() throws {
        let (client, server) = (try client(), try server())
        let listener = Listener(.proceed)
        client.stream(HTTPClientRequest(.get, "http://127.0.0.1:\(server.port)/")) { listener.take($0) }
        _ = listener.waitForEnd()
        #expect(listener.events == ["head 200", "pieces", "finished"])
        #expect(listener.bytes == Self.body)
        server.stop(withinSeconds: 0)
    }

    @Test func pausesAndGoesOn() throws {
        let (client, server) = (try client(), try server())
        let listener = Listener(.pause)
        let exchange = client.stream(HTTPClientRequest(.get, "http://127.0.0.1:\(server.port)/")) { listener.take($0) }
        let pauseCount = listener.waitForEnd(resuming: exchange)
        #expect(pauseCount > 1)
        #expect(listener.events == ["head 200", "pieces", "finished"])
        #expect(listener.bytes == Self.body)
        server.stop(withinSeconds: 0)
    }

    @Test func aBodyThatIsTooLong() throws {
        let (client, server) = (try client(), try server())
        let listener = Listener(.proceed)
        var request = HTTPClientRequest(.get, "http://127.0.0.1:\(server.port)/")
        request.responseBytesMax = 100_000
        client.stream(request) { listener.take($0) }
        _ = listener.waitForEnd()
        #expect(listener.events == ["head 200", "pieces", "failed tooLarge"])
        #expect(listener.bytes.count == 100_000)
        server.stop(withinSeconds: 0)
    }

    @Test func cancelling() throws {
        let client = try client()
        let stream = HTTPBodyStream()
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { _, responder in
            var response = HTTPResponse(status: 200)
            response.stream = stream
            responder.respond(response)
        }
        stream.write([1])
        let listener = Listener(.pause)
        let exchange = client.stream(HTTPClientRequest(.get, "http://127.0.0.1:\(server.port)/")) { listener.take($0) }
        while listener.bytes.isEmpty { usleep(1_000) }
        exchange.cancel()
        _ = listener.waitForEnd()
        #expect(listener.events == ["head 200", "pieces", "failed cancelled"])
        exchange.resume()
        exchange.cancel()
        stream.finish()
        server.stop(withinSeconds: 0)
    }
}
