import Foundation

/// Minutes of durable creates over HTTP with every path indexed, against PostgreSQL inserting the same documents into a
/// table with a GIN and a btree index. Both grow all the while, in turn.
struct SustainedWritesBenchmark {
    let connectionCount: Int
    /// Of each, in all.
    let seconds: Double
    /// Of PostgreSQL's inserts per second, the least that is good enough.
    let ratioMin: Double

    private static let turnSeconds = 15.0

    func run() throws {
        let server = try OrreryServer()
        let (numbers, peerNumbers) = (Counter(), Counter())
        var contenders = [
            Contender(name: "orrery, durable create") {
                try server.measuringWork(
                    LoadGenerator(port: server.port, connectionCount: connectionCount, seconds: Self.turnSeconds) {
                        OrreryServer.create(QueryDocument.self, numbers.next())
                    })
            }
        ]
        let postgres = PostgresPeer.isInstalled ? try PostgresPeer() : nil
        if let postgres {
            try postgres.makeTable("indexed_items", withIndexes: PostgresPeer.indexes)
            contenders.append(
                Contender(name: "PostgreSQL, durable jsonb insert") {
                    try postgres.insert(
                        QueryDocument.self, into: "indexed_items", numbers: peerNumbers,
                        connectionCount: connectionCount, seconds: Self.turnSeconds)
                })
        }
        let rates = try Comparison(
            title: "Durable create, every path indexed, \(connectionCount) connections, \(Int(seconds)) s of each",
            contenders: contenders, roundCount: Int((seconds / Self.turnSeconds).rounded(.up))
        ).run()
        if postgres == nil { print("PostgreSQL is not installed (Debian: postgresql-15); no comparison") }
        if rates.count == 2 { judge(rates[0] / rates[1], atLeast: ratioMin) }
        withExtendedLifetime((server, postgres)) {}
    }
}
