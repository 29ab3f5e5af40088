import Foundation
import OrreryDatabase
import OrreryKeys
import Synchronization

/// Point reads and durable creates in process: what is left of a request without HTTP.
struct DatabaseBenchmark {
    let roundCount: Int
    let seconds: Double

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-account-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let account = try Account(directory: folder.path)
        let container = try BenchContainer.make(in: account)
        let numbers = Counter()
        let contenders = [
            Contender(name: "create, 32 in flight") { try create(in: container, inFlight: 32, numbers) },
            Contender(name: "create, 1 in flight") { try create(in: container, inFlight: 1, numbers) },
            Contender(name: "point read, 1 thread") {
                try read(from: container, itemCount: numbers.count)
            },
        ]
        try Comparison(title: "In process", contenders: contenders, roundCount: roundCount).run()
        account.close()
    }

    private func create(in container: Container, inFlight: Int, _ numbers: Counter) throws -> LoadResult {
        let result = Mutex(LoadResult())
        let start = monotonicNanoseconds()
        try BenchContainer.create(
            in: container, inFlight: inFlight, untilNanoseconds: start + UInt64(seconds * 1e9), numbers: numbers
        ) { latency, isFailure in
            result.withLock { result in
                result.latencies.append(latency)
                if isFailure { result.failureCount += 1 }
            }
        }
        return result.withLock { finished($0, since: start) }
    }

    private func read(from container: Container, itemCount: Int) throws -> LoadResult {
        var result = LoadResult()
        let start = monotonicNanoseconds()
        let end = start + UInt64(seconds * 1e9)
        var number = 0
        var began = start
        while began < end {
            number = (number + 7919) % itemCount
            let key = PartitionKey([.string(BenchDocument.partitionKey(number))])
            _ = try container.item(id: Array(BenchDocument.id(number).utf8), partitionKey: key)
            let now = monotonicNanoseconds()
            result.latencies.append(now - began)
            began = now
        }
        return finished(result, since: start)
    }

    private func finished(_ result: LoadResult, since start: UInt64) -> LoadResult {
        var result = result
        result.requestCount = result.latencies.count
        result.seconds = Double(monotonicNanoseconds() - start) / 1e9
        result.latencies.sort()
        return result
    }
}
