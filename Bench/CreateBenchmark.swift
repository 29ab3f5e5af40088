import Foundation

/// Durable creates over HTTP against PostgreSQL inserting the same documents as jsonb: once where neither keeps a
/// secondary index, and once where both index every path, PostgreSQL by GIN.
struct CreateBenchmark {
    let connectionCount: Int
    let roundCount: Int
    let seconds: Double

    /// Of PostgreSQL's inserts per second, the least that is good enough.
    static let ratioMin = 2.0

    func run() throws {
        let server = try OrreryServer()
        let plainItems = try server.makeContainer("plain", indexingMode: "none")
        let postgres = PostgresPeer.isInstalled ? try PostgresPeer() : nil
        let plain = try compare("without a secondary index", server, plainItems, postgres, "items")
        try postgres?.makeTable("indexed_items", withIndexes: ["gin (body jsonb_path_ops)"])
        let indexed = try compare("every path indexed", server, OrreryServer.items, postgres, "indexed_items")
        if postgres == nil { print("PostgreSQL is not installed (Debian: postgresql-15); no comparison") }
        if plain.count == 2, indexed.count == 2 {
            print("orrery with every path indexed, of PostgreSQL without: \(rounded(indexed[0] / plain[1], 2)) ×")
            judge(min(plain[0] / plain[1], indexed[0] / indexed[1]), atLeast: Self.ratioMin)
        }
        withExtendedLifetime((server, postgres)) {}
    }

    private func compare(
        _ title: String, _ server: OrreryServer, _ items: String, _ postgres: PostgresPeer?, _ table: String
    ) throws -> [Double] {
        let (numbers, peerNumbers) = (Counter(), Counter())
        var contenders = [
            Contender(name: "orrery, durable create") {
                try server.measuringWork(
                    LoadGenerator(port: server.port, connectionCount: connectionCount, seconds: seconds) {
                        OrreryServer.create(BenchDocument.self, numbers.next(), in: items)
                    })
            }
        ]
        if let postgres {
            contenders.append(
                Contender(name: "PostgreSQL, durable jsonb insert") {
                    try postgres.insert(
                        BenchDocument.self, into: table, numbers: peerNumbers, connectionCount: connectionCount,
                        seconds: seconds)
                })
        }
        return try Comparison(
            title: "Durable create, \(connectionCount) connections, \(title)", contenders: contenders,
            roundCount: roundCount
        ).run()
    }
}
