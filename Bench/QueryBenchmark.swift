import Foundation
import OrreryDocuments
import OrreryQuery

/// Queries over HTTP beside PostgreSQL over its own protocol: the same documents in a container with its default
/// policy, and in a table of jsonb with a GIN index (jsonb_path_ops) and a btree over one expression.
struct QueryBenchmark {
    let documentCount: Int
    let connectionCount: Int
    let roundCount: Int
    let seconds: Double

    /// What is asked of both, and how many times as many answers a second this project is to give.
    struct Work {
        let name: String
        let wantedRatio: Double
        let query: String
        /// The parameter @x: a number below this.
        let parameterMax: Int
        let statement: String
        /// Nil for the benchmark's own.
        var connectionCount: Int?
    }

    var works: [Work] {
        let groups = Work(
            name: "GROUP BY with AVG, no index", wantedRatio: 1,
            query: "SELECT c.state, AVG(c.total) AS mean FROM c WHERE c.total >= @x GROUP BY c.state",
            parameterMax: 1,
            statement: """
                SELECT body->>'state', AVG((body->>'total')::float8) FROM items \
                WHERE (body->>'total')::float8 >= $1::float8 GROUP BY 1
                """)
        return [
            Work(
                name: "equality, \(QueryDocument.batchSize) rows", wantedRatio: 3,
                query: "SELECT * FROM c WHERE c.batch = @x", parameterMax: documentCount / QueryDocument.batchSize,
                statement: "SELECT body FROM items WHERE body @> jsonb_build_object('batch', $1::int)"),
            Work(
                name: "equality, \(QueryDocument.lotSize) rows", wantedRatio: 3,
                query: "SELECT * FROM c WHERE c.lot = @x", parameterMax: documentCount / QueryDocument.lotSize,
                statement: "SELECT body FROM items WHERE body @> jsonb_build_object('lot', $1::int)"),
            Work(
                name: "range, ORDER BY, LIMIT 10", wantedRatio: 3,
                query: "SELECT TOP 10 * FROM c WHERE c.rank >= @x ORDER BY c.rank", parameterMax: 900_000,
                statement: """
                    SELECT body FROM items WHERE \(PostgresPeer.rank) >= $1::float8 \
                    ORDER BY \(PostgresPeer.rank) LIMIT 10
                    """),
            Work(
                name: "COUNT with an equality", wantedRatio: 50,
                query: "SELECT VALUE COUNT(1) FROM c WHERE c.level = @x", parameterMax: 7,
                statement: "SELECT COUNT(*) FROM items WHERE body @> jsonb_build_object('level', $1::int)"),
            groups,
            // One query at a time: both may use all processors for it.
            Work(
                name: groups.name + ", one at a time", wantedRatio: 1.5, query: groups.query,
                parameterMax: groups.parameterMax, statement: groups.statement, connectionCount: 1),
        ]
    }

    /// What it takes to read and plan a text, with and without the cache of queries.
    private func compile() throws {
        let text = Array(works[2].query.utf8)
        let cache = QueryCache()
        func measure(_ name: String, _ make: (QueryParameters) throws -> Query, isSame: Bool) throws {
            let count = 100_000
            let start = monotonicNanoseconds()
            for number in 0..<count {
                var parameters = QueryParameters()
                parameters.set("@x", .number(JSONNumber(Int64(isSame ? 1 : number))))
                _ = try make(parameters).prepared()
            }
            let microseconds = Double(monotonicNanoseconds() - start) / 1000 / Double(count)
            print("reading and planning a query, \(name): \(rounded(microseconds, 2)) µs")
        }
        try measure("new each time", { try Query(text, parameters: $0) }, isSame: false)
        try measure("a known text", { try cache.query(text, parameters: $0) }, isSame: false)
        try measure("a known text with the same parameters", { try cache.query(text, parameters: $0) }, isSame: true)
    }

    /// A number for each number, in no order: to ask the system for a random one costs a system call.
    private static func scattered(_ number: Int) -> Int {
        var bits = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        return Int((bits ^ bits >> 27) >> 1)
    }

    func run() throws {
        try compile()
        let server = try OrreryServer()
        try server.fill(documentCount: documentCount)
        let peer = PostgresPeer.isInstalled ? try PostgresPeer() : nil
        try peer?.load((0..<documentCount).lazy.map { (QueryDocument.id($0), QueryDocument.text($0)) })
        // What merges and vacuums are still to be done is done now, as far as it goes in that time.
        sleep(5)
        for work in works {
            let query = OrreryServer.query(work.query)
            let connectionCount = work.connectionCount ?? connectionCount
            let (number, peerNumber) = (Counter(), Counter())
            let load = LoadGenerator(
                port: server.port, connectionCount: connectionCount, seconds: seconds, threadCount: 2
            ) { query(Self.scattered(number.next()) % work.parameterMax) }
            var contenders = [Contender(name: "orrery") { try server.measuringWork(load) }]
            if let peer {
                contenders.append(
                    Contender(name: "postgresql") {
                        try peer.measuringWork(
                            work.statement, parameterCount: 1, connectionCount: connectionCount, threadCount: 2,
                            seconds: seconds
                        ) { [Array("\(Self.scattered(peerNumber.next()) % work.parameterMax)".utf8) + [0]] }
                    })
            }
            let rates = try Comparison(title: work.name, contenders: contenders, roundCount: roundCount).run()
            if rates.count == 2 {
                print("wanted: \(rounded(work.wantedRatio, 1)) times, is: \(rounded(rates[0] / rates[1], 2)) times")
            }
        }
        print(
            "\nbytes on disk per document: \(server.diskBytes / documentCount), of them index "
                + "\(server.indexDiskBytes / documentCount)")
        if let peer { print("PostgreSQL's table and its indexes: \(try peer.itemsBytes() / documentCount)") }
    }
}

extension OrreryServer {
    /// Writes the documents that queries are measured with, in batches of a hundred.
    func fill<Document: MeasuredDocument>(
        _ document: Document.Type = QueryDocument.self, documentCount: Int
    ) throws {
        let number = Counter()
        let load = LoadGenerator(
            port: port, connectionCount: 32, seconds: 1800, requestCountMax: documentCount / 100
        ) {
            let first = number.next() * 100
            return OrreryServer.batch(
                (first..<(first + 100)).map { Document.text($0) }, partitionKey: Document.partitionKey(first))
        }
        if try load.run().failureCount > 0 { throw BenchError(description: "documents were refused") }
    }
}
