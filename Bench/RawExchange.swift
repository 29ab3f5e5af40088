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
            let text = String(decoding: received, as: UTF8.self)
            guard let head = text.firstMatch(of: #/(?is)^HTTP/1.1 200.*?content-length: (\d+)\r\n.*?\r\n\r\n/#),
                let length = Int(head.output.1)
            else { continue }
            let body = text[head.range.upperBound...].utf8
            if body.count >= length { return Array(body.prefix(length)) }
        }
    }
}
