import Foundation

/// A client that sends exactly the bytes it is told to, which no proper client would.
final class RawClient {
    struct Response: Equatable {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Failure: Error {
        case connect, send, timedOut, closed, malformed(String)
    }

    private let descriptor: Int32
    private var received: [UInt8] = []

    init(port: UInt16, receiveTimeoutSeconds: Int = 20) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: receiveTimeoutSeconds, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 { throw Failure.connect }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { throw Failure.send }
            sent += count
        }
    }

    func closeSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads one response; of a response to HEAD there is no body to read.
    func response(toHead: Bool = false) throws -> Response {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let range = received.firstRange(of: end) {
                let head = String(decoding: received[..<range.lowerBound], as: UTF8.self)
                received.removeSubrange(..<range.upperBound)
                var response = try parse(head)
                let length = toHead ? 0 : Int(response.headers["content-length"] ?? "0") ?? 0
                while received.count < length { try receive() }
                response.body = Array(received.prefix(length))
                received.removeFirst(length)
                return response
            }
            try receive()
        }
    }

    /// Reads one chunk of a body whose length was not told; the last one is empty (RFC 9112 section 7.1).
    func chunk() throws -> String {
        let end = Array("\r\n".utf8)
        while true {
            if let line = received.firstRange(of: end) {
                let size = String(decoding: received[..<line.lowerBound], as: UTF8.self)
                guard let byteCount = Int(size, radix: 16) else { throw Failure.malformed(size) }
                let total = line.upperBound + byteCount + end.count
                while received.count < total { try receive() }
                defer { received.removeFirst(total) }
                return String(decoding: received[line.upperBound..<(line.upperBound + byteCount)], as: UTF8.self)
            }
            try receive()
        }
    }

    /// Sends a request and reads its response.
    func exchange(_ text: String, toHead: Bool = false) throws -> Response {
        try send(text)
        return try response(toHead: toHead)
    }

    /// Reads until the server closes.
    func waitForClose() throws {
        do {
            while true { try receive() }
        } catch Failure.closed {
            return
        }
    }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 && errno == EAGAIN { throw Failure.timedOut }
        if count <= 0 { throw Failure.closed }
        received += buffer.prefix(count)
    }

    private func parse(_ head: String) throws -> Response {
        var lines = head.components(separatedBy: "\r\n")[...]
        let start = lines.popFirst()?.split(separator: " ", maxSplits: 2) ?? []
        guard start.count >= 2, start[0].hasPrefix("HTTP/1."), let status = Int(start[1]) else {
            throw Failure.malformed(head)
        }
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { throw Failure.malformed(line) }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        return Response(status: status, headers: headers, body: [])
    }
}
