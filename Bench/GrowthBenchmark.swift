import Foundation

/// What an indexed query costs in a small container and in a large one: it is to cost what it returns, not what the
/// container holds. Both servers run at once and are asked in turn.
struct GrowthBenchmark {
    let smallCount: Int
    let largeCount: Int
    let connectionCount: Int
    let roundCount: Int
    let seconds: Double

    /// The most times its processor time in the small container that a query may take in the large one.
    static let growthMax = 1.5

    private struct Work: Sendable {
        let name: String
        let query: String
        /// The parameter @x: a number below this, for so many documents.
        let parameterMax: @Sendable (_ documentCount: Int) -> Int
    }

    private static let works = [
        Work(
            name: "equality, \(QueryDocument.batchSize) rows", query: "SELECT * FROM c WHERE c.batch = @x",
            parameterMax: { $0 / QueryDocument.batchSize }),
        Work(
            name: "equality, \(QueryDocument.lotSize) rows", query: "SELECT * FROM c WHERE c.lot = @x",
            parameterMax: { $0 / QueryDocument.lotSize }),
        Work(
            name: "range, ORDER BY, LIMIT 10", query: "SELECT TOP 10 * FROM c WHERE c.rank >= @x ORDER BY c.rank",
            parameterMax: { _ in 900_000 }),
    ]

    func run() throws {
        let small = try OrreryServer()
        let large = try OrreryServer()
        let start = monotonicNanoseconds()
        for (server, count) in [(small, smallCount), (large, largeCount)] { try server.fill(documentCount: count) }
        let fillSeconds = Double(monotonicNanoseconds() - start) / 1e9
        print("\n\(smallCount) and \(largeCount) documents, written in \(rounded(fillSeconds, 0)) s")
        // Once nothing was flushed for ten seconds, runs are merged further: that would count as time of the queries.
        for server in [small, large] { try server.waitUntilIdle() }
        for work in Self.works {
            let query = OrreryServer.query(work.query)
            let contenders = [(large, largeCount), (small, smallCount)].map { server, count in
                Contender(name: "\(count) documents") {
                    try server.measuringWork(
                        LoadGenerator(
                            port: server.port, connectionCount: connectionCount, seconds: seconds, threadCount: 2
                        ) {
                            query(Int.random(in: 0..<max(1, work.parameterMax(count))))
                        })
                }
            }
            let rates = try Comparison(title: work.name, contenders: contenders, roundCount: roundCount).run()
            print(
                "wanted: at most \(Self.growthMax) times the time in the small one, is: "
                    + "\(rounded(rates[1] / rates[0], 2)) times")
        }
    }
}
