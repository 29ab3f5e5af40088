import Foundation
import OrreryDatabase
import OrreryEngine

/// What keeping the index costs beside the commits: the processor time of flushing and merging for each document, and
/// how often a document's entries are written anew. Documents are committed in process, every path indexed.
struct UpkeepBenchmark {
    let documentCount: Int

    func run() throws {
        print("\nUpkeep of the index, \(documentCount) documents in process, by document")
        print("  documents          flush µs   merge µs   written anew   index bytes   longest flush, merge ms")
        try measure("of equal values", BenchDocument.text)
        try measure("for queries", QueryDocument.text)
    }

    private func measure(_ name: String, _ text: (Int) -> String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-upkeep-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let meter = UpkeepMeter()
        var configuration = EngineConfiguration()
        configuration.observer = meter
        let account = try Account(directory: folder.path, configuration: configuration)
        defer { account.close() }
        let container = try BenchContainer.make(in: account)
        try BenchContainer.fill(container, count: documentCount, text: text)
        try BenchContainer.waitUntilFlushed(container)
        meter.waitUntilMerged()
        let upkeep = meter.upkeep
        let count = Double(documentCount)
        let cells = [
            rounded(upkeep.flushMicroseconds / count, 2), rounded(upkeep.mergeMicroseconds / count, 2),
            rounded(Double(upkeep.mergedEntries) / count, 2), "\(runBytes(folder) / documentCount)",
            "\(rounded(upkeep.longestFlushMilliseconds, 0)), \(rounded(upkeep.longestMergeMilliseconds, 0))",
        ]
        let widths = [11, 11, 15, 14, 26]
        print(
            "  " + name.padding(toLength: 18, withPad: " ", startingAt: 0)
                + zip(cells, widths).map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }.joined())
    }

    private func runBytes(_ folder: URL) -> Int {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.contains("/run-") }.reduce(0) { total, name in
            total + ((try? FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)[.size] as? Int) ?? 0)
        }
    }
}
