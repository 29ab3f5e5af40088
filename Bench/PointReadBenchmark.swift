import Foundation
import Synchronization

/// Point reads over HTTP against nginx sending the same bytes from a file.
struct PointReadBenchmark {
    let connectionCount: Int
    let roundCount: Int
    let seconds: Double

    static let itemCount = 10_000

    /// Of nginx's requests per second, the least that is good enough.
    static let ratioMin = 0.5

    func run() throws {
        let server = try OrreryServer()
        try Self.fill(server)
        let numbers = Atomic(0)
        var contenders = [
            Contender(name: "orrery, random items") {
                try server.measuringWork(
                    LoadGenerator(port: server.port, connectionCount: connectionCount, seconds: seconds) {
                        // A stride that shares no factor with the count visits every item, far apart.
                        let number = numbers.add(7919, ordering: .relaxed).newValue
                        return OrreryServer.read(number % Self.itemCount)
                    })
            }
        ]
        let nginx = NginxPeer.isInstalled ? try NginxPeer(body: try body(server), workerCount: 2) : nil
        if let nginx {
            let request = Array("GET /item HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".utf8)
            contenders.append(
                Contender(name: "nginx, the same bytes from a file") {
                    try LoadGenerator(port: nginx.port, connectionCount: connectionCount, seconds: seconds) { request }
                        .run()
                })
        }
        let rates = try Comparison(
            title: "Point read, \(connectionCount) connections", contenders: contenders, roundCount: roundCount
        ).run()
        if nginx == nil { print("nginx is not installed (Debian: nginx-light); no comparison") }
        if rates.count == 2 { judge(rates[0] / rates[1], atLeast: Self.ratioMin) }
        withExtendedLifetime((server, nginx)) {}
    }

    static func fill(_ server: OrreryServer) throws {
        let numbers = Atomic(-1)
        let generator = LoadGenerator(
            port: server.port, connectionCount: 32, seconds: 60, requestCountMax: itemCount
        ) { OrreryServer.create(BenchDocument.self, numbers.add(1, ordering: .relaxed).newValue) }
        let result = try generator.run()
        if result.failureCount > 0 { throw BenchError(description: "\(result.failureCount) creates were refused") }
    }

    /// The bytes of one item as the server answers it.
    private func body(_ server: OrreryServer) throws -> [UInt8] {
        let request = OrreryServer.read(0)
        return try RawExchange.body(port: server.port, request: request)
    }
}

/// Says whether a ratio that must hold holds.
func judge(_ ratio: Double, atLeast least: Double) {
    print(
        "must hold: at least \(rounded(least, 1)) × — \(ratio >= least ? "holds" : "FAILS") at \(rounded(ratio, 2)) ×")
}
