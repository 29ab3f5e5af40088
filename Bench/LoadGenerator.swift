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
struct LoadGenerator<Connection: LoadConnection>: Sendable {
    let connectionCount: Int
    let seconds: Double
    var threadCount = 1

    /// Stops after so many requests, though the time is not up.
    var requestCountMax = Int.max

    let connect: @Sendable () throws -> Connection

    func run() throws -> LoadResult {
        let results = Mutex<[LoadResult]>([])
        let failure = Mutex<(any Error)?>(nil)
        let threads = min(threadCount, connectionCount)
        DispatchQueue.concurrentPerform(iterations: threads) { index in
            let share = connectionCount / threads + (index < connectionCount % threads ? 1 : 0)
            do {
                let result = try LoadScheduling.lettingServersFinish {
                    var thread = try LoadThread(
                        connectionCount: share, requestCountMax: requestCountMax / threads, connect: connect)
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
private struct LoadThread<Connection: LoadConnection> {
    private let watch = epoll_create1(0)
    private var connections: [(connection: Connection, startedNanoseconds: UInt64)] = []
    private let requestCountMax: Int
    private var sentCount = 0
    private var result = LoadResult()
    private var buffer = [UInt8](repeating: 0, count: 262_144)

    init(connectionCount: Int, requestCountMax: Int, connect: () throws -> Connection) throws {
        self.requestCountMax = requestCountMax
        for index in 0..<connectionCount {
            let connection = try connect()
            var event = unsafe epoll_event()
            unsafe event.events = EPOLLIN.rawValue
            unsafe event.data.u64 = UInt64(index)
            unsafe epoll_ctl(watch, EPOLL_CTL_ADD, connection.descriptor, &event)
            connections.append((connection, 0))
        }
    }

    mutating func run(seconds: Double) throws -> LoadResult {
        defer {
            for index in connections.indices { connections[index].connection.close() }
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
                guard let isSuccess = try connections[index].connection.receive(into: &buffer) else { continue }
                if !isSuccess { result.failureCount += 1 }
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
        sentCount += 1
        connections[index].startedNanoseconds = monotonicNanoseconds()
        try connections[index].connection.send()
    }
}

func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
