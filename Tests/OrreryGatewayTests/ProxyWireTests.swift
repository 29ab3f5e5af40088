import Foundation
import OrreryDocuments
import OrreryHTTP
import OrreryTelemetry
import Synchronization
import Testing

@testable import OrreryGateway
@testable import OrreryHTTP

/// The gateway between real connections: what comes out at its other side for what no proper client would send, and
/// bodies that are larger than anything it holds.
@Suite struct ProxyWireTests {
    /// A server that counts what it is asked, and a gateway in front of it.
    private final class Wire {
        private let back: HTTPServer
        private let front: HTTPServer
        private let client: HTTPClient
        let asked = Seen()

        final class Seen: Sendable {
            private let targets = Mutex<[String]>([])

            func add(_ request: HTTPRequest) {
                let text = String(decoding: request.target, as: UTF8.self)
                targets.withLock { $0.append("\(request.method.name) \(text) \(request.body.count)") }
            }

            private let added = DispatchSemaphore(value: 0)

            func add(_ line: String) {
                targets.withLock { $0.append(line) }
                added.signal()
            }

            func wait() -> Bool { added.wait(timeout: .now() + 20) == .success }

            var all: [String] { targets.withLock { $0 } }
        }

        static let bodyBytes = 8 << 20

        init(policies: String = "") throws {
            let asked = asked
            var backConfiguration = HTTPServerConfiguration()
            backConfiguration.takesUploads = { _ in true }
            let back = try HTTPServer(configuration: backConfiguration) { request, responder in
                if let upload = request.upload {
                    Self.takeUpload(upload, request, responder, asked)
                    return
                }
                asked.add(request)
                switch request.path {
                case "/large", "/broken": Wire.answerLarge(breaks: request.path == "/broken", responder)
                default: responder.respond(HTTPResponse(status: 200, contentType: "text/plain", body: [0x6F, 0x6B]))
                }
            }
            self.back = back
            var configuration = HTTPClientConfiguration()
            configuration.addressPolicy = .everywhere
            let client = try HTTPClient(configuration: configuration)
            self.client = client
            let services = GatewayServices(
                database: { _, _ in }, handler: { _, _, _ in false },
                backend: { client.stream($0, observer: $1) }, secret: { _ in nil }, nowSeconds: { 0 },
                nowNanoseconds: { DispatchTime.now().uptimeNanoseconds }, schedule: { _, _ in }, log: .silent)
            let gateway = Gateway(services: services, quotas: MemoryQuotas(), metrics: MetricsRegistry())
            let operations = ["GET", "POST", "HEAD", "PUT"].map { method in
                #"{"id":"\#(method)","method":"\#(method)","path":"/{*rest}","#
                    + #""backend":{"url":"http://127.0.0.1:\#(back.port)"}}"#
            }
            let api = #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":["#
                + operations.joined(separator: ",") + #"],"policies":[\#(policies)]}"#
            #expect(gateway.configure([try JSONValue(parsing: api)]) == [])
            var frontConfiguration = HTTPServerConfiguration()
            frontConfiguration.takesUploads = { gateway.takesUploads($0) }
            front = try HTTPServer(configuration: frontConfiguration) { request, responder in
                if !gateway.answer(request, responder) { responder.respond(HTTPResponse(status: 404)) }
            }
        }

        /// Takes a body while it comes, on a thread of its own, and notes how long it was and whether it was right.
        private static func takeUpload(
            _ upload: HTTPUpload, _ request: HTTPRequest, _ responder: HTTPResponder, _ asked: Seen
        ) {
            if request.path == "/refused" {
                responder.respond(HTTPResponse(status: 403))
                return
            }
            DispatchQueue(label: "upload").async {
                let readable = DispatchSemaphore(value: 0)
                upload.whenReadable { readable.signal() }
                var buffer = [UInt8](repeating: 0, count: 100_000)
                var (count, isRight) = (0, true)
                reading: while true {
                    switch unsafe buffer.withUnsafeMutableBytes({ unsafe upload.read(into: $0) }) {
                    case .bytes(let byteCount):
                        isRight = isRight && (0..<byteCount).allSatisfy {
                            buffer[$0] == UInt8(truncatingIfNeeded: (count + $0) % 251)
                        }
                        count += byteCount
                    case .later: readable.wait()
                    case .end: break reading
                    case .failure(let fault):
                        asked.add("\(request.method.name) \(request.path) \(fault)")
                        return
                    }
                }
                asked.add("\(request.method.name) \(request.path) \(count) \(isRight)")
                responder.respond(HTTPResponse(status: 201))
            }
        }

        /// Bytes that count up, a piece at a time, as the caller takes them.
        private static func answerLarge(breaks: Bool, _ responder: HTTPResponder) {
            let position = Mutex(0)
            final class Box: Sendable { let stream = Mutex<HTTPBodyStream?>(nil) }
            let box = Box()
            let bytes = Wire.bodyBytes
            let next: @Sendable () -> [UInt8] = {
                position.withLock { position in
                    let count = min(50_000, bytes - position)
                    defer { position += count }
                    return (0..<count).map { UInt8(truncatingIfNeeded: (position + $0) % 251) }
                }
            }
            let stream = HTTPBodyStream(lengthBytes: breaks ? nil : bytes) { event in
                guard case .drained = event else { return }
                let piece = next()
                let stream = box.stream.withLock { $0 }
                if piece.isEmpty || breaks { breaks ? stream?.fail() : stream?.finish() } else { stream?.write(piece) }
            }
            box.stream.withLock { $0 = stream }
            stream.write(next())
            var answer = HTTPResponse(status: 200)
            answer.stream = stream
            responder.respond(answer)
        }

        /// Sends bytes on a connection of their own, and gives all that comes back until it is closed.
        func exchange(_ text: String, body: [UInt8] = [], hangsUp: Bool = false) -> [UInt8] {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var timeout = timeval(tv_sec: 20, tv_usec: 0)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = front.port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            _ = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            let bytes = Array(text.utf8) + body
            var sent = 0
            while sent < bytes.count {
                let count = unsafe bytes[sent...].withUnsafeBytes {
                    unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { break }
                sent += count
            }
            if hangsUp { return [] }
            var received: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = unsafe piece.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
                if count <= 0 { return received }
                received += piece[..<count]
            }
        }

        func stop() {
            front.stop()
            client.stop()
            back.stop()
        }
    }

    /// Whatever stands behind one request must never be taken for another by the server behind.
    @Test(arguments: [
        "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2\r\nContent-Length: 2",
        "Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Content-Length: -1", "Content-Length: 2x",
        "Content-Length: 0x2", "Content-Length: +2", "Transfer-Encoding: xchunked", "Transfer-Encoding : chunked",
        "Transfer-Encoding:\u{0b}chunked", "X: y\r\n Transfer-Encoding: chunked", "Content-Length: 2\rX: y",
        "Transfer-Encoding: chunked\nContent-Length: 2", "Content-Length: 2\r\nConnection: Content-Length",
    ])
    func nothingIsSmuggled(lines: String) throws {
        let wire = try Wire()
        let smuggled = "0\r\n\r\nGET /a/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        _ = wire.exchange("POST /a/first HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(lines)\r\n\r\n\(smuggled)")
        wire.stop()
        #expect(wire.asked.all.count <= 1)
        #expect(!wire.asked.all.contains { $0.contains("smuggled") })
    }

    @Test func bodiesAreFramedAnew() throws {
        let wire = try Wire()
        let chunked = wire.exchange(
            "POST /a/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\n\u{0}\u{1}\u{2}\r\n2\r\n\u{3}\u{4}\r\n0\r\nX-Trailer: 1\r\n\r\n")
        #expect(String(decoding: chunked, as: UTF8.self).hasPrefix("HTTP/1.1 201"))
        #expect(wire.asked.all == ["POST /x 5 true"])
        wire.stop()
    }

    @Test(.timeLimit(.minutes(1))) func largeBodiesComeThrough() throws {
        let wire = try Wire()
        let received = wire.exchange("GET /a/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let end = try #require(received.firstRange(of: Array("\r\n\r\n".utf8)))
        let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
        #expect(head.contains("Content-Length: \(Wire.bodyBytes)"))
        let body = received[end.upperBound...]
        #expect(body.count == Wire.bodyBytes)
        let isRight = body.enumerated().allSatisfy { $0.element == UInt8(truncatingIfNeeded: $0.offset % 251) }
        #expect(isRight)
        wire.stop()
    }

    @Test(.timeLimit(.minutes(1))) func brokenBodiesComeThroughBroken() throws {
        let wire = try Wire()
        let received = wire.exchange("GET /a/broken HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let text = String(decoding: received, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200") && text.contains("chunked") && !text.hasSuffix("0\r\n\r\n"))
        wire.stop()
    }

    // MARK: Uploads

    private static let upload = (0..<Wire.bodyBytes).map { UInt8(truncatingIfNeeded: $0 % 251) }

    private func head(_ path: String, _ framing: String, method: String = "POST") -> String {
        "\(method) /a\(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(framing)\r\n\r\n"
    }

    private func chunked(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(70_000)
            text += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [0x0D, 0x0A]
            rest = rest.dropFirst(chunk.count)
        }
        return text + Array("0\r\n\r\n".utf8)
    }

    @Test(.timeLimit(.minutes(1))) func largeRequestsComeThrough() throws {
        let wire = try Wire()
        let sized = wire.exchange(head("/x", "Content-Length: \(Self.upload.count)"), body: Self.upload)
        #expect(String(decoding: sized, as: UTF8.self).hasPrefix("HTTP/1.1 201"))
        let inChunks = wire.exchange(
            head("/x", "Transfer-Encoding: chunked", method: "PUT"), body: chunked(Self.upload))
        #expect(String(decoding: inChunks, as: UTF8.self).hasPrefix("HTTP/1.1 201"))
        #expect(wire.asked.all == ["POST /x \(Wire.bodyBytes) true", "PUT /x \(Wire.bodyBytes) true"])
        wire.stop()
    }

    /// A length that is told is looked at beforehand, a body in chunks while it comes.
    @Test(.timeLimit(.minutes(1))) func largeRequestsAreLimited() throws {
        let wire = try Wire(policies: #"{"policy":"request-limit","bodyBytes":5000000}"#)
        let told = wire.exchange(head("/x", "Content-Length: 5000001"), body: Array(Self.upload.prefix(5_000_001)))
        #expect(String(decoding: told, as: UTF8.self).hasPrefix("HTTP/1.1 413") && wire.asked.all.isEmpty)
        let longer = wire.exchange(head("/x", "Transfer-Encoding: chunked"), body: chunked(Self.upload))
        #expect(String(decoding: longer, as: UTF8.self).hasPrefix("HTTP/1.1 413"))
        // The server behind finds its request broken off, rather than ended.
        #expect(wire.asked.wait() && wire.asked.all == ["POST /x brokenOff"])
        let fitting = wire.exchange(
            head("/x", "Transfer-Encoding: chunked"), body: chunked(Array(Self.upload.prefix(5_000_000))))
        #expect(String(decoding: fitting, as: UTF8.self).hasPrefix("HTTP/1.1 201"))
        wire.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aServerThatWantsNoBodyIsHeard() throws {
        let wire = try Wire()
        let refused = wire.exchange(head("/refused", "Content-Length: \(Self.upload.count)"), body: Self.upload)
        #expect(String(decoding: refused, as: UTF8.self).hasPrefix("HTTP/1.1 403"))
        wire.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aBrokenRequestComesThroughBroken() throws {
        let wire = try Wire()
        let text = head("/x", "Content-Length: \(Self.upload.count)")
        #expect(wire.exchange(text, body: Array(Self.upload.prefix(300_000)), hangsUp: true).isEmpty)
        #expect(wire.asked.wait() && wire.asked.all == ["POST /x brokenOff"])
        wire.stop()
    }
}
