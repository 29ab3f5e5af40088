import Glibc

/// A connection that asks over HTTP/1.1 and looks at as little as it can: what the generator takes, the server does not
/// have.
struct HTTPConnection: LoadConnection {
    let descriptor: Int32
    /// Gives the bytes of the next request.
    let request: @Sendable () -> [UInt8]
    /// Of an answer that came in pieces.
    private var received: [UInt8] = []

    init(port: UInt16, request: @escaping @Sendable () -> [UInt8]) throws {
        descriptor = try connectLoopback(port: port)
        self.request = request
    }

    mutating func send() throws {
        let bytes = request()
        let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        // A request is far smaller than a socket's buffer, and the one before it was answered.
        if count != bytes.count { throw BenchError(description: "a request was not sent whole") }
    }

    mutating func receive(into buffer: inout [UInt8]) throws -> Bool? {
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        if count <= 0 { throw BenchError(description: "the server closed a connection") }
        // The usual case: the whole response in one piece, looked at where it lies.
        if received.isEmpty, let isSuccess = outcome(of: buffer, count: count) { return isSuccess }
        received += buffer[..<count]
        guard let isSuccess = outcome(of: received, count: received.count) else { return nil }
        received = []
        return isSuccess
    }

    func close() { _ = Glibc.close(descriptor) }

    private static let lengthField = Array("content-length:".utf8)

    /// Whether the complete response is a 2xx; nil while it is not complete. Line by line, and the C library finds
    /// their ends, many bytes at a time.
    private func outcome(of bytes: [UInt8], count: Int) -> Bool? {
        // All that is looked at lies within the first `count` bytes, which are there.
        unsafe bytes.withUnsafeBytes { bytes in
            var length = 0
            var rest = unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix(count))
            while let start = rest.baseAddress, let end = unsafe memchr(start, 10, rest.count) {
                let lineCount = unsafe UnsafeRawPointer(end) - start
                let line = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(lineCount))
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(lineCount + 1))
                // Nothing but its carriage return.
                if lineCount <= 1 { return unsafe rest.count >= length ? bytes[9] == UInt8(ascii: "2") : nil }
                if unsafe line[0] | 0x20 == UInt8(ascii: "c") { length = unsafe contentLength(line) ?? length }
            }
            return nil
        }
    }

    /// The length that a header line tells; nil for any other line.
    private func contentLength(_ line: UnsafeRawBufferPointer) -> Int? {
        guard line.count > Self.lengthField.count else { return nil }
        for index in Self.lengthField.indices where unsafe line[index] | 0x20 != Self.lengthField[index] | 0x20 {
            return nil
        }
        var value = 0
        for index in Self.lengthField.count..<line.count {
            let byte = unsafe line[index]
            if byte > 0x20 { value = value * 10 + Int(byte & 15) }
        }
        return value
    }
}

extension LoadGenerator where Connection == HTTPConnection {
    /// - Parameters:
    ///   - requestCountMax: stops after so many requests, though the time is not up.
    ///   - request: gives the bytes of the next request.
    init(
        port: UInt16, connectionCount: Int, seconds: Double, threadCount: Int = 1, requestCountMax: Int = .max,
        request: @escaping @Sendable () -> [UInt8]
    ) {
        self.init(
            connectionCount: connectionCount, seconds: seconds, threadCount: threadCount,
            requestCountMax: requestCountMax
        ) { try HTTPConnection(port: port, request: request) }
    }
}

func connectLoopback(port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    if connected != 0 { throw BenchError(description: "cannot connect to port \(port)") }
    return descriptor
}
