import Foundation
import OrreryEngine
import Synchronization
import Testing

/// Flushes that fail for a while, as on a full disk: nothing piles up, nobody waits for ever, and all goes on after.
/// A folder in the manifest's temporary place makes each writing of it fail.
@Suite struct MaintenanceFailureTests {
    private final class Failures: EngineObserver {
        let count = Atomic(0)
        func maintenanceFailed(_ message: String) { count.add(1, ordering: .relaxed) }
        func groupCommitted(
            versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64
        ) {}
        func deltaFlushed(versions: Int, nanoseconds: UInt64) {}
        func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) {}
        func partitionFailed(_ message: String) {}
    }

    private let failures = Failures()

    private func open(_ scratch: Scratch, frozenDeltasMax: Int) throws -> Store {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 10
        configuration.frozenDeltasMax = frozenDeltasMax
        configuration.observer = failures
        return try Store(directory: scratch.path, configuration: configuration)
    }

    private func block(_ scratch: Scratch) throws -> String {
        let path = try scratch.partitionFolder() + "/MANIFEST.new"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        return path
    }

    @Test func aFailedFlushLeavesNoFileBehind() throws {
        let scratch = try Scratch()
        let store = try open(scratch, frozenDeltasMax: 1000)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = try block(scratch)
        for number in 0..<100 { _ = container.commit(try container.create("\(number)", "k", "")) }
        #expect(eventually { failures.count.load(ordering: .relaxed) >= 1 })
        #expect(try eventually { try scratch.partitionFiles("run-").isEmpty })
    }

    @Test func aSegmentThatNoManifestNamesGoes() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 4096
        configuration.observer = failures
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = container.commit(try container.create("first", "k", ""))
        let path = try block(scratch)
        let text = String(repeating: "x", count: 1000)
        for number in 0..<20 { _ = container.commit(try container.create("\(number)", "k", text)) }
        #expect(failures.count.load(ordering: .relaxed) >= 2)
        #expect(try eventually { try scratch.partitionFiles("log-").count == 1 })
        try FileManager.default.removeItem(atPath: path)
        for number in 20..<40 { _ = container.commit(try container.create("\(number)", "k", text)) }
        #expect(try scratch.partitionFiles("log-").count > 1)
    }

    @Test func aStoreClosesThoughItsFlushesFail() throws {
        let scratch = try Scratch()
        let store = try open(scratch, frozenDeltasMax: 2)
        let container = try TestContainer(store)
        _ = try block(scratch)
        let isAnswered = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            for number in 0..<200 {
                guard let write = try? container.create("\(number)", "k", "") else { continue }
                _ = container.commit(write)
            }
            isAnswered.signal()
        }
        #expect(eventually { container.partition.statistics.frozenDeltas > 2 })
        let isClosed = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            store.close()
            isClosed.signal()
        }
        #expect(isClosed.wait(timeout: .now() + .seconds(10)) == .success)
        #expect(isAnswered.wait(timeout: .now() + .seconds(10)) == .success)
    }
}
