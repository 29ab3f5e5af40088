import CLinux
import Foundation
import Synchronization

/// What a load run found.
struct LoadResult {
    var requestCount = 0
    var failureCount = 0
    var seconds = 0.0
    /// The server's processor time for all of it, where it was taken.
    var serverMicroseconds: Double?
    /// The load generator's own, where it was taken.
    var clientMicroseconds: Double?
    /// Of every request, in nanoseconds, sorted.
    var latencies: [UInt64] = []

    var perSecond: Double { seconds > 0 ? Double(requestCount) / seconds : 0 }

    /// The server's processor time for one request.
    var workMicroseconds: Double? { serverMicroseconds.map { $0 / Double(max(requestCount, 1)) } }

    /// The load generator's processor time for one request.
    var askingMicroseconds: Double? { clientMicroseconds.map { $0 / Double(max(requestCount, 1)) } }

    /// The latency below which that share of the requests stayed, in microseconds.
    func percentile(_ share: Double) -> Double {
        guard !latencies.isEmpty else { return 0 }
        return Double(latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))]) / 1000
    }
}

/// Keeps a number of connections busy, one request at a time on each, for a while. The same generator loads every
/// server that is compared, so that what it costs itself is the same for all.
struct LoadGenerator {
    let port: UInt16
    let connectionCount: Int
    let seconds: Double
    var threadCount = 1

    /// Stops after so many requests, though the time is not up.
    var requestCountMax = Int.max

    /// Gives the bytes of a connection's next request.
    let request: @Sendable () -> [UInt8]

    func run() throws -> LoadResult {
        let results = Mutex<[LoadResult]>([])
        let failure = Mutex<(any Error)?>(nil)
        let threads = min(threadCount, connectionCount)
        DispatchQueue.concurrentPerform(iterations: threads) { index in
            let share = connectionCount / threads + (index < connectionCount % threads ? 1 : 0)
            do {
                let result = try LoadScheduling.lettingServersFinish {
                    var thread = try LoadThread(
                        port: port, connectionCount: share, requestCountMax: requestCountMax / threads,
                        request: request)
                    return try thread.run(seconds: seconds)
                }
                results.withLock { $0.append(result) }
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return results.withLock { results in
            var total = LoadResult()
            for result in results {
                total.requestCount += result.requestCount
                total.failureCount += result.failureCount
                total.seconds = max(total.seconds, result.seconds)
                total.latencies += result.latencies
            }
            total.latencies.sort()
            return total
        }
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
}

/// One thread's share of the connections, watched by epoll: what is ready costs, not what waits.
private struct LoadThread {
    private struct Connection {
        let socket: Int32
        var startedNanoseconds: UInt64 = 0
        var received: [UInt8] = []
    }

    private let watch = epoll_create1(0)
    private var connections: [Connection] = []
    private let request: @Sendable () -> [UInt8]
    private let requestCountMax: Int
    private var sentCount = 0
    private var result = LoadResult()
    private var buffer = [UInt8](repeating: 0, count: 262_144)

    init(
        port: UInt16, connectionCount: Int, requestCountMax: Int, request: @escaping @Sendable () -> [UInt8]
    ) throws {
        self.request = request
        self.requestCountMax = requestCountMax
        for index in 0..<connectionCount {
            let socket = try connectLoopback(port: port)
            var event = unsafe epoll_event()
            unsafe event.events = EPOLLIN.rawValue
            unsafe event.data.u64 = UInt64(index)
            unsafe epoll_ctl(watch, EPOLL_CTL_ADD, socket, &event)
            connections.append(Connection(socket: socket))
        }
    }

    mutating func run(seconds: Double) throws -> LoadResult {
        defer {
            for connection in connections { close(connection.socket) }
            close(watch)
        }
        let start = monotonicNanoseconds()
        let end = start + UInt64(seconds * 1e9)
        for index in connections.indices { try send(index) }
        var inFlightCount = connections.count
        var ready = unsafe [epoll_event](repeating: epoll_event(), count: 64)
        while inFlightCount > 0 {
            let readyCount = unsafe epoll_wait(watch, &ready, Int32(ready.count), 10_000)
            if readyCount == 0 { throw BenchError(description: "no answer within ten seconds") }
            for readyIndex in 0..<Int(max(0, readyCount)) {
                let index = unsafe Int(ready[readyIndex].data.u64)
                guard try receive(index) else { continue }
                let now = monotonicNanoseconds()
                result.latencies.append(now - connections[index].startedNanoseconds)
                if now < end && sentCount < requestCountMax { try send(index) } else { inFlightCount -= 1 }
            }
        }
        result.requestCount = result.latencies.count
        result.seconds = Double(monotonicNanoseconds() - start) / 1e9
        return result
    }

    private mutating func send(_ index: Int) throws {
        let bytes = request()
        sentCount += 1
        connections[index].startedNanoseconds = monotonicNanoseconds()
        let count = unsafe Glibc.send(connections[index].socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        // A request is far smaller than a socket's buffer, and the one before it was answered.
        if count != bytes.count { throw BenchError(description: "a request was not sent whole") }
    }

    /// Reads what is there; returns whether the response is complete.
    private mutating func receive(_ index: Int) throws -> Bool {
        let count = unsafe recv(connections[index].socket, &buffer, buffer.count, 0)
        if count <= 0 { throw BenchError(description: "the server closed a connection") }
        // The usual case: the whole response in one piece, looked at where it lies.
        if connections[index].received.isEmpty {
            if let isSuccess = outcome(of: buffer, count: count) {
                if !isSuccess { result.failureCount += 1 }
                return true
            }
        }
        connections[index].received += buffer[..<count]
        let received = connections[index].received
        guard let isSuccess = outcome(of: received, count: received.count) else { return false }
        if !isSuccess { result.failureCount += 1 }
        connections[index].received = []
        return true
    }

    private static let lengthField = Array("content-length:".utf8)

    /// Whether the complete response is a 2xx; nil while it is not complete. Line by line, and the C library finds
    /// their ends, many bytes at a time: what the generator takes, the server does not have.
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

func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
