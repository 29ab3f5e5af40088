import Foundation
import Synchronization

/// Durable creates over HTTP against PostgreSQL inserting the same documents as jsonb, without a secondary index.
struct CreateBenchmark {
    let connectionCount: Int
    let roundCount: Int
    let seconds: Double

    /// Of PostgreSQL's inserts per second, the least that is good enough.
    static let ratioMin = 2.0

    func run() throws {
        let server = try OrreryServer()
        let numbers = Atomic(0)
        var contenders = [
            Contender(name: "orrery, durable create") {
                try server.measuringWork(
                    LoadGenerator(port: server.port, connectionCount: connectionCount, seconds: seconds) {
                        OrreryServer.create(numbers.add(1, ordering: .relaxed).newValue)
                    })
            }
        ]
        let postgres = PostgresPeer.isInstalled ? try PostgresPeer() : nil
        if let postgres {
            contenders.append(
                Contender(name: "PostgreSQL, durable jsonb insert") {
                    try postgres.insert(connectionCount: connectionCount, seconds: seconds)
                })
        }
        let rates = try Comparison(
            title: "Durable create, \(connectionCount) connections", contenders: contenders, roundCount: roundCount
        ).run()
        if postgres == nil { print("PostgreSQL is not installed (Debian: postgresql-15); no comparison") }
        if rates.count == 2 { judge(rates[0] / rates[1], atLeast: Self.ratioMin) }
        withExtendedLifetime((server, postgres)) {}
    }
}
