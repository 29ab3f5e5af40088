import Foundation
import OrreryDatabase
import OrreryEngine
import OrreryKeys
import Synchronization

/// Minutes of durable creates in process, every path indexed: whether flushes and merges keep up, and what writers and
/// readers feel of them: the longest that anybody waited, beside the longest flush and merge of the same ten seconds.
/// Seconds do not tell, for runs pile up slowly.
struct SustainedBenchmark {
    let seconds: Double

    /// What one writer or reader may wait at the longest, in milliseconds.
    static let stallMillisecondsMax = 100.0
    private static let stepSeconds = 10.0

    private struct Step {
        var latencies: [UInt64] = []
        var failureCount = 0
    }

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-sustained-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let meter = UpkeepMeter()
        var configuration = EngineConfiguration()
        configuration.observer = meter
        let account = try Account(directory: folder.path, configuration: configuration)
        let container = try BenchContainer.make(in: account)
        let numbers = Counter()
        print("\nSustained creates in process, 32 in flight, \(Int(seconds)) s")
        print(
            "  seconds   per second   p50 µs   p99 µs   longest ms   reads p99 µs   longest ms   runs   memory MB"
                + "   flush ms   merge ms")
        let start = monotonicNanoseconds()
        var longest = 0.0
        var failureCount = 0
        while elapsed(start) < seconds {
            let step = Mutex(Step())
            let began = monotonicNanoseconds()
            let isDone = Atomic(false)
            let reads = Mutex<[UInt64]>([])
            let reader = DispatchGroup()
            reader.enter()
            Thread.detachNewThread {
                defer { reader.leave() }
                while !isDone.load(ordering: .relaxed) {
                    if let latency = try? read(container, below: numbers.count) {
                        reads.withLock { $0.append(latency) }
                    }
                    usleep(1000)
                }
            }
            try BenchContainer.create(
                in: container, inFlight: 32, untilNanoseconds: began + UInt64(Self.stepSeconds * 1e9), numbers: numbers
            ) { latency, isFailure in
                step.withLock { step in
                    step.latencies.append(latency)
                    if isFailure { step.failureCount += 1 }
                }
            }
            isDone.store(true, ordering: .relaxed)
            reader.wait()
            let latencies = step.withLock { $0.latencies.sorted() }
            failureCount += step.withLock { $0.failureCount }
            let stall = Double(latencies.last ?? 0) / 1e6
            let readLatencies = reads.withLock { $0.sorted() }
            let readStall = Double(readLatencies.last ?? 0) / 1e6
            longest = max(longest, stall, readStall)
            let upkeep = meter.takeLongest()
            let cells = [
                "\(Int(elapsed(start)))", "\(Int(Double(latencies.count) / elapsed(began)))",
                rounded(percentile(latencies, 0.5), 0), rounded(percentile(latencies, 0.99), 0), rounded(stall, 1),
                rounded(percentile(readLatencies, 0.99), 0), rounded(readStall, 1), "\(runCount(folder))",
                "\(residentMegabytes)", rounded(upkeep.flush, 0), rounded(upkeep.merge, 0),
            ]
            let widths = [9, 13, 9, 9, 13, 15, 13, 7, 12, 11, 11]
            print(zip(cells, widths).map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }.joined())
        }
        let bytes = folderBytes(folder)
        let byteCount = bytes / max(numbers.count, 1)
        print("\(numbers.count) documents, \(byteCount) bytes each on disk, \(failureCount) failures")
        let verdict = longest <= Self.stallMillisecondsMax && failureCount == 0 ? "holds" : "FAILS"
        let most = Int(Self.stallMillisecondsMax)
        print("must hold: nobody waits longer than \(most) ms — \(verdict) at \(rounded(longest, 1)) ms")
        account.close()
    }

    private func read(_ container: Container, below count: Int) throws -> UInt64? {
        guard count > 100 else { return nil }
        // Not the newest: those may still be on their way.
        let number = Int.random(in: 0..<(count - 100))
        let began = monotonicNanoseconds()
        let key = PartitionKey([.string(BenchDocument.partitionKey(number))])
        _ = try container.item(id: Array(BenchDocument.id(number).utf8), partitionKey: key)
        return monotonicNanoseconds() - began
    }

    private func elapsed(_ start: UInt64) -> Double { Double(monotonicNanoseconds() - start) / 1e9 }

    /// In microseconds.
    private func percentile(_ sorted: [UInt64], _ share: Double) -> Double {
        sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1000
    }

    /// Without the pages of mapped files, which the system takes back when it needs them.
    private var residentMegabytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) / 1024
    }

    private func runCount(_ folder: URL) -> Int {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.count { $0.contains("/run-") }
    }

    /// What the files in a folder take of the disk.
    private func folderBytes(_ folder: URL) -> Int {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.reduce(0) { total, name in
            var status = stat()
            // The call fills the structure it is given; of a file that has just gone it says so.
            let isThere = unsafe stat(folder.path + "/" + name, &status) == 0
            return isThere ? total + Int(status.st_blocks) * 512 : total
        }
    }
}
