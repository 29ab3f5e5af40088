import Dispatch
import Synchronization
import Testing

@testable import OrreryHTTP

/// Bodies that are handed over while they come.
@Suite(.timeLimit(.minutes(1))) struct HTTPUploadTests {
    /// Takes uploads and hands them to the test with their responders.
    private final class Door: Sendable {
        private let arrived = DispatchSemaphore(value: 0)
        private let requests = Mutex<[(HTTPRequest, HTTPResponder)]>([])

        func take(_ request: HTTPRequest, _ responder: HTTPResponder) {
            requests.withLock { $0.append((request, responder)) }
            arrived.signal()
        }

        func next() -> (request: HTTPRequest, responder: HTTPResponder)? {
            guard arrived.wait(timeout: .now() + 20) == .success else { return nil }
            return requests.withLock { $0.removeFirst() }
        }
    }

    private func server(_ door: Door, bodyTimeoutSeconds: UInt32 = 60) throws -> HTTPServer {
        var configuration = HTTPServerConfiguration()
        configuration.takesUploads = { $0.path == "/upload" }
        configuration.bodyTimeoutSeconds = bodyTimeoutSeconds
        return try HTTPServer(configuration: configuration) { door.take($0, $1) }
    }

    /// Reads as much as there is; waits for the next bytes where there are none.
    private func read(_ upload: HTTPUpload, bytesMax: Int = .max) -> (bytes: [UInt8], end: HTTPUpload.Reading?) {
        let readable = DispatchSemaphore(value: 0)
        upload.whenReadable { readable.signal() }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 30_000)
        while bytes.count < bytesMax {
            switch unsafe buffer.withUnsafeMutableBytes({ unsafe upload.read(into: $0) }) {
            case .bytes(let count): bytes += buffer[..<count]
            case .later: if readable.wait(timeout: .now() + 20) == .timedOut { return (bytes, nil) }
            case let end: return (bytes, end)
            }
        }
        return (bytes, nil)
    }

    private static let body = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
    private static let head = "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\n\r\n"

    /// Sends bytes from a thread of its own, as far as they are taken.
    private func send(_ bytes: [UInt8], over client: RawClient) -> DispatchSemaphore {
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) let client = client
        DispatchQueue(label: "sender").async {
            try? unsafe client.send(bytes)
            done.signal()
        }
        return done
    }

    @Test func aReaderThatIsSlowMakesTheSenderWait() throws {
        let door = Door()
        let server = try server(door)
        let client = try RawClient(port: server.port)
        try client.send(Self.head)
        let sent = send(Self.body, over: client)
        let (request, responder) = try #require(door.next())
        let upload = try #require(request.upload)
        #expect(upload.lengthBytes == Self.body.count && request.body.isEmpty)
        var received: [UInt8] = []
        // What is held never grows beyond the bound and a piece, however little was read.
        while received.count < Self.body.count {
            let (bytes, end) = read(upload, bytesMax: 1)
            received += bytes
            if end != nil { break }
            #expect(upload.byteCount - received.count <= 256 * 1024 + 64 * 1024)
        }
        #expect(received == Self.body && read(upload).end == .end)
        #expect(sent.wait(timeout: .now() + 20) == .success)
        responder.respond(HTTPResponse(status: 201))
        #expect(try client.response().status == 201)
        // The connection is good for the next request.
        try client.send("POST /whole HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
        let next = try #require(door.next())
        #expect(next.request.body == Array("ab".utf8) && next.request.upload == nil)
        next.responder.respond(HTTPResponse(status: 200))
        #expect(try client.response().status == 200)
        server.stop()
    }

    @Test func chunksOfNoKnownLength() throws {
        let door = Door()
        let server = try server(door)
        let client = try RawClient(port: server.port)
        try client.send("PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        let (request, responder) = try #require(door.next())
        let upload = try #require(request.upload)
        #expect(upload.lengthBytes == nil)
        #expect(read(upload, bytesMax: 3).bytes == Array("abc".utf8))
        try client.send("2\r\nde\r\n0\r\n\r\n")
        #expect(read(upload) == (Array("de".utf8), .end))
        responder.respond(HTTPResponse(status: 200))
        #expect(try client.response().status == 200)
        server.stop()
    }

    @Test func aSenderThatGoesAwayIsNoticed() throws {
        let door = Door()
        let server = try server(door)
        var client: RawClient? = try RawClient(port: server.port)
        try client?.send(Self.head + "abc")
        let (request, responder) = try #require(door.next())
        let upload = try #require(request.upload)
        #expect(read(upload, bytesMax: 3).bytes.count == 3)
        client = nil
        #expect(read(upload).end == .failure(.brokenOff))
        responder.respond(HTTPResponse(status: 200))
        server.stop()
    }

    /// Whoever answers early gets the rest out of the way, and the answer comes after it.
    @Test func anAnswerDoesNotWaitForTheRest() throws {
        let door = Door()
        let server = try server(door)
        let client = try RawClient(port: server.port)
        try client.send(Self.head)
        let sent = send(Self.body, over: client)
        let (request, responder) = try #require(door.next())
        responder.respond(HTTPResponse(status: 403))
        #expect(sent.wait(timeout: .now() + 20) == .success)
        #expect(try client.response().status == 403)
        let upload = try #require(request.upload)
        #expect(read(upload) == ([], .failure(.discarded)))
        server.stop()
    }

    @Test func whoWaitsForAWordIsToldAtOnce() throws {
        var configuration = HTTPServerConfiguration()
        configuration.takesUploads = { _ in true }
        let server = try HTTPServer(configuration: configuration) { $1.respond(HTTPResponse(status: 401)) }
        let client = try RawClient(port: server.port)
        try client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n")
        #expect(try client.response().status == 401)
        let other = try RawClient(port: server.port)
        try other.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n")
        #expect(try other.response().status == 401)
        server.stop()
    }

    @Test func whatIsTooLongIsBrokenOff() throws {
        let door = Door()
        let server = try server(door)
        let client = try RawClient(port: server.port)
        try client.send("PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        let (request, responder) = try #require(door.next())
        let upload = try #require(request.upload)
        upload.limit(bytes: 4)
        #expect(read(upload, bytesMax: 3).bytes.count == 3)
        try client.send("2\r\nde\r\n")
        #expect(read(upload).end == .failure(.tooLarge))
        responder.respond(HTTPResponse(status: 413))
        try client.send("1\r\nf\r\n0\r\n\r\n")
        #expect(try client.response().status == 413)
        server.stop()
    }

    /// A stop does not wait for a sender that takes its time, nor for a reader that does.
    @Test func aStopEndsUploads() throws {
        let door = Door()
        let server = try server(door)
        let slow = try RawClient(port: server.port)
        try slow.send(Self.head + "abc")
        let first = try #require(door.next())
        let fast = try RawClient(port: server.port)
        try fast.send(Self.head)
        let sent = send(Self.body, over: fast)
        let second = try #require(door.next())
        server.stop(withinSeconds: 0)
        #expect(sent.wait(timeout: .now() + 20) == .success)
        for request in [first.request, second.request] {
            #expect(try #require(request.upload).isUntouched == false)
        }
    }

    @Test func aClientSendsWhatComes() throws {
        let back = Door()
        let server = try server(back)
        var configuration = HTTPClientConfiguration()
        configuration.addressPolicy = .everywhere
        let client = try HTTPClient(configuration: configuration)
        for length in [6, nil] {
            let upload = HTTPUpload(lengthBytes: length) {}
            var request = HTTPClientRequest(.put, "http://127.0.0.1:\(server.port)/upload")
            request.upload = upload
            let answered = DispatchSemaphore(value: 0)
            let result = Mutex<Result<HTTPClientResponse, HTTPClientError>?>(nil)
            client.send(request) { answer in
                result.withLock { $0 = answer }
                answered.signal()
            }
            for text in ["abc", "def"] {
                _ = unsafe Array(text.utf8).withUnsafeBytes { unsafe upload.write($0) }
            }
            upload.finish()
            let (taken, responder) = try #require(back.next())
            let received = taken.upload.map { read($0).bytes } ?? taken.body
            #expect(received == Array("abcdef".utf8) && taken.method == .put)
            responder.respond(HTTPResponse(status: 200))
            #expect(answered.wait(timeout: .now() + 20) == .success)
            #expect(try result.withLock { try $0?.get().status } == 200)
        }
        client.stop()
        server.stop()
    }
}
