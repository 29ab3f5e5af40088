import Foundation
import OrreryDatabase

/// Bulk load with all indexes: documents into a new container in process by two threads, every path indexed, all of
/// them durable, against COPY into a new table with a GIN and a btree index. It is over when what waits for a flush is
/// in files.
struct LoadBenchmark {
    let documentCount: Int
    let roundCount: Int

    private static let wantedRatio = 3.0

    func run() throws {
        let texts = (0..<documentCount).map { QueryDocument.bytes($0) }
        var contenders = [Contender(name: "orrery, in process") { try load(texts) }]
        let peer = PostgresPeer.isInstalled ? try PostgresPeer() : nil
        if let peer {
            let path = try peer.writeRows(
                (0..<documentCount).lazy.map { (QueryDocument.id($0), QueryDocument.text($0)) })
            contenders.append(
                Contender(name: "PostgreSQL, COPY, then indexes") {
                    try peer.makeTable("loaded")
                    defer { try? peer.dropTable("loaded") }
                    return try timed { try peer.copy(path, into: "loaded", thenIndexes: PostgresPeer.indexes) }
                })
            contenders.append(
                Contender(name: "PostgreSQL, COPY") {
                    try peer.makeTable("loaded", withIndexes: PostgresPeer.indexes)
                    defer { try? peer.dropTable("loaded") }
                    return try timed { try peer.copy(path, into: "loaded") }
                })
        }
        let rates = try Comparison(
            title: "Bulk load of \(documentCount) documents with all indexes", contenders: contenders,
            roundCount: roundCount
        ).run()
        if rates.count == 3 {
            print(
                "wanted: \(rounded(Self.wantedRatio, 1)) times COPY, is: \(rounded(rates[0] / rates[2], 2)) times, and "
                    + "\(rounded(rates[0] / rates[1], 2)) times COPY with the indexes made afterwards")
        } else {
            print("PostgreSQL is not installed (Debian: postgresql-15); no comparison")
        }
    }

    private func load(_ texts: [[UInt8]]) throws -> LoadResult {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-load-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let account = try Account(directory: folder.path)
        defer { account.close() }
        let container = try BenchContainer.make(in: account)
        let before = ProcessorTime.clientMicroseconds
        var result = try timed { try BenchContainer.load(container, texts: texts, threadCount: 2) }
        result.serverMicroseconds = ProcessorTime.clientMicroseconds - before
        return result
    }

    private func timed(_ body: () throws -> Void) rethrows -> LoadResult {
        let start = monotonicNanoseconds()
        try body()
        return LoadResult(requestCount: documentCount, seconds: Double(monotonicNanoseconds() - start) / 1e9)
    }
}
