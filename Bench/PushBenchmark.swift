import Foundation
import Synchronization

/// What a thousand idle readers of a change feed cost: the server's processor time while nothing happens, and the rate
/// of point reads beside them.
struct PushBenchmark {
    let readerCount: Int
    let roundCount: Int
    let seconds: Double

    /// Of the rate without readers, the least that is good enough.
    static let ratioMin = 0.8
    /// Of one processor, the most that idle readers may take.
    static let idleShareMax = 0.01

    func run() throws {
        let server = try OrreryServer()
        try PointReadBenchmark.fill(server)
        let idleSeconds = max(20, seconds)
        let alone = try idleShare(of: server, seconds: idleSeconds)
        var readers: [Int32] = []
        defer { for reader in readers { close(reader) } }
        for _ in 0..<readerCount { readers.append(try reader(of: server)) }
        let watched = try idleShare(of: server, seconds: idleSeconds)
        print("\nIdle: \(percent(alone)) of a processor; with \(readerCount) push readers \(percent(watched))")
        let cost = watched - alone
        print("must hold: less than \(percent(Self.idleShareMax)) — \(cost < Self.idleShareMax ? "holds" : "FAILS")")

        // Readers come and go between the rounds, so that a noisy machine is noisy for both.
        let numbers = Atomic(0)
        let read = {
            try LoadGenerator(port: server.port, connectionCount: 32, seconds: seconds) {
                let number = numbers.add(7919, ordering: .relaxed).newValue
                return OrreryServer.read(number % PointReadBenchmark.itemCount)
            }.run()
        }
        let rates = try Comparison(
            title: "Point reads beside idle push readers",
            contenders: [
                Contender(name: "with \(readerCount) readers") {
                    while readers.count < readerCount { readers.append(try reader(of: server)) }
                    return try read()
                },
                Contender(name: "without") {
                    for reader in readers { close(reader) }
                    readers = []
                    return try read()
                },
            ], roundCount: roundCount
        ).run()
        judge(rates[0] / rates[1], atLeast: Self.ratioMin)
        withExtendedLifetime(server) {}
    }

    /// A connection with a change feed on it that has no changes.
    private func reader(of server: OrreryServer) throws -> Int32 {
        let descriptor = try connectLoopback(port: server.port)
        let request = OrreryServer.events
        _ = unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var buffer = [UInt8](repeating: 0, count: 4096)
        var received: [UInt8] = []
        while received.firstRange(of: Array("retry:".utf8)) == nil {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { throw BenchError(description: "the server refused a push reader") }
            received += buffer.prefix(count)
        }
        return descriptor
    }

    /// The share of one processor that the server takes while nothing is asked of it.
    private func idleShare(of server: OrreryServer, seconds: Double) throws -> Double {
        let before = server.processorMicroseconds
        Thread.sleep(forTimeInterval: seconds)
        return (server.processorMicroseconds - before) / 1e6 / seconds
    }

    private func percent(_ share: Double) -> String { "\(rounded(share * 100, 2)) %" }
}
