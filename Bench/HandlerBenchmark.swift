import Foundation
import Orrery
import OrreryEngine
import Synchronization

/// From a change's commit to the start of its handler, while 32 connections write as fast as they can: the commit's
/// time is the one that the item carries, taken before it was flushed, so that the flush counts, too.
struct HandlerBenchmark {
    let writerCount: Int
    let seconds: Double

    /// Milliseconds that are good enough for 99 in a hundred.
    static let p99MillisecondsMax = 5.0

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-handler-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = AppConfiguration()
        (configuration.directory, configuration.port) = (folder.path, 0)
        configuration.key = OrreryServer.key
        let app = App(configuration: configuration)
        // A mutex that is handed from thread to thread would be what is measured.
        let delays = Lock<[Double]>([])
        delays.withLock { $0.reserveCapacity(Int(seconds * 100_000)) }
        app.onChange("bench/items", named: "bench", of: JSONText.self) { changes, _ in
            let now = Date().timeIntervalSince1970 * 1000
            delays.withLock { delays in
                for change in changes { delays.append(now - Double(change.timestampMilliseconds)) }
            }
        }
        try wait { try await app.start() }
        guard let port = app.port else { throw BenchError(description: "the app does not listen") }
        let items = try app.store?.database("bench").container("items", partitionKey: "/customer")
        // Until the handler has found its container.
        try wait { try await items?.create(JSONText(#"{"id":"first","customer":"first"}"#)) }
        while delays.withLock({ $0.isEmpty }) { usleep(10_000) }
        delays.withLock { $0.removeAll(keepingCapacity: true) }
        let numbers = Counter()
        let written = try LoadGenerator(port: port, connectionCount: writerCount, seconds: seconds) {
            OrreryServer.create(BenchDocument.self, numbers.next())
        }.run()
        let deadline = monotonicNanoseconds() + 60_000_000_000
        while delays.withLock({ $0.count }) < written.requestCount, monotonicNanoseconds() < deadline { usleep(10_000) }
        try wait { await app.stop() }
        try judge(delays.withLock { $0.sorted() }, written)
    }

    private func judge(_ delays: [Double], _ written: LoadResult) throws {
        guard delays.count >= written.requestCount, let last = delays.last, written.failureCount == 0 else {
            throw BenchError(description: "\(delays.count) of \(written.requestCount) changes were handled")
        }
        let p99 = delays[delays.count * 99 / 100]
        print("\nHandlers, \(writerCount) writing connections: \(Int(written.perSecond)) changes a second; "
            + "commit to start: p50 \(rounded(delays[delays.count / 2], 1)) ms, p99 \(rounded(p99, 1)) ms, "
            + "most \(rounded(last, 1)) ms")
        let (p50, most) = (written.percentile(0.5) / 1000, written.percentile(0.99) / 1000)
        print("the writers themselves waited: p50 \(rounded(p50, 1)) ms, p99 \(rounded(most, 1)) ms")
        print("must hold: p99 of at most \(Int(Self.p99MillisecondsMax)) ms — "
            + (p99 <= Self.p99MillisecondsMax ? "holds" : "FAILS"))
    }
}
