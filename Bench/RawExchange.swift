import Foundation

/// One request and the body of its response.
enum RawExchange {
    static func body(port: UInt16, request: [UInt8]) throws -> [UInt8] {
        let descriptor = try connectLoopback(port: port)
        defer { close(descriptor) }
        _ = unsafe Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { throw BenchError(description: "the server closed a connection") }
            received += buffer.prefix(count)
            guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let head = String(decoding: received[..<end.lowerBound], as: UTF8.self).lowercased()
            let length = head.split(whereSeparator: \.isNewline).first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
            guard head.hasPrefix("http/1.1 200"), let length else {
                throw BenchError(description: "unexpected answer: \(head)")
            }
            let body = received[end.upperBound...]
            if body.count >= length { return Array(body.prefix(length)) }
        }
    }
}
