import Foundation
import OrreryDatabase
import OrreryKeys
import OrreryQuery

/// Work that kills what it wrote just before, in process: a counter that is replaced over and over, and a queue whose
/// head is deleted while its end grows. Disk use of the index and the times of queries must stay flat.
struct QueueBenchmark {
    let changeCount: Int

    /// Items that wait in the queue.
    private static let queueLength = 20_000
    private static let stepCount = 10

    func run() throws {
        try run("counter", first: 1) { step, container in
            try BenchContainer.upsert(container, count: changeCount / Self.stepCount) { number in
                #"{"id":"counter","customer":"c","n":\#(step * changeCount + number)}"#
            }
        }
        try run("queue", first: Self.queueLength) { step, container in
            let count = changeCount / Self.stepCount / 2
            try BenchContainer.upsert(container, count: count) { Self.item(Self.queueLength + step * count + $0) }
            try BenchContainer.delete(container, count: count) { "q\(step * count + $0)" }
        }
    }

    private static func item(_ number: Int) -> String { #"{"id":"q\#(number)","customer":"c","n":\#(number)}"# }

    private func run(_ name: String, first: Int, _ work: (Int, Container) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-\(name)-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let account = try Account(directory: folder.path)
        defer { account.close() }
        let container = try BenchContainer.make(in: account)
        if first > 1 { try BenchContainer.upsert(container, count: first) { Self.item($0) } }
        print("\n\(name), \(changeCount) changes: median µs of a query, and KiB of index on the disk")
        for step in 0..<Self.stepCount {
            try work(step, container)
            let times = try [
                "SELECT VALUE MIN(c.n) FROM c", "SELECT TOP 1 * FROM c ORDER BY c.n", "SELECT TOP 1 * FROM c",
            ].map { try median(container, $0) }
            print("MIN \(times[0])  TOP 1 ORDER BY \(times[1])  TOP 1 \(times[2])  index \(indexBytes(folder) / 1024)")
        }
    }

    private func median(_ container: Container, _ text: String) throws -> Int {
        let query = try container.query(Array(text.utf8))
        let options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
        var times: [UInt64] = []
        for _ in 0..<21 {
            let start = monotonicNanoseconds()
            let page = try container.page(of: query, in: .container, options: options)
            times.append(monotonicNanoseconds() - start)
            if page.page.rowCount != 1 { throw BenchError(description: "\(text) gave no row") }
        }
        return Int(times.sorted()[times.count / 2] / 1000)
    }

    private func indexBytes(_ folder: URL) -> Int {
        var count = 0
        for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? .init() {
            let last = name.split(separator: "/").last ?? ""
            guard last.hasPrefix("run-") || last.hasPrefix("superseded-") else { continue }
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
            count += (attributes?[.size] as? Int) ?? 0
        }
        return count
    }
}
