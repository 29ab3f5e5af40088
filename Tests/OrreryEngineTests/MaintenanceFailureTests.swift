import Foundation
import OrreryEngine
import Synchronization
import Testing

/// Flushes that fail for a while, as on a full disk: nothing piles up, nobody waits for ever, and all goes on after.
/// A folder in the manifest's temporary place makes each writing of it fail.
@Suite struct MaintenanceFailureTests {
    private final class Failures: EngineObserver {
        private let all = Mutex<[String]>([])
        var messages: [String] { all.withLock { $0 } }
        func maintenanceFailed(_ message: String) { all.withLock { $0.append(message) } }
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
        // A manifest may be there just now.
        let isMade = eventually {
            (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)) != nil
        }
        try #require(isMade)
        return path
    }

    @Test func aFailedFlushLeavesNoFileBehind() throws {
        let scratch = try Scratch()
        let store = try open(scratch, frozenDeltasMax: 1000)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = try block(scratch)
        for number in 0..<100 { _ = container.commit(try container.create("\(number)", "k", "")) }
        #expect(eventually { !failures.messages.isEmpty })
        #expect(try eventually { try scratch.partitionFiles("run-").isEmpty })
    }

    /// Each try of a flush that fails writes what it superseded anew.
    @Test func aFailedFlushLeavesNoVersionSetBehind() throws {
        let scratch = try Scratch()
        let store = try open(scratch, frozenDeltasMax: 1000)
        defer { store.close() }
        let container = try TestContainer(store)
        for number in 0..<10 { _ = container.commit(try container.create("\(number)", "k", "")) }
        #expect(eventually { container.partition.statistics.frozenDeltas == 0 })
        let path = try block(scratch)
        for number in 0..<10 { _ = container.commit(try container.upsert("\(number)", "k", "")) }
        #expect(eventually { failures.messages.contains { $0.hasPrefix("flush") } })
        // The next try may just be at its own.
        #expect(try eventually { try scratch.partitionFiles("superseded-").isEmpty })
        try FileManager.default.removeItem(atPath: path)
    }

    /// A manifest that cannot be read may name the run: it stays, and what comes after a crash needs no rebuilding.
    @Test func aRunThatAManifestMayNameStays() throws {
        let scratch = try Scratch()
        let store = try open(scratch, frozenDeltasMax: 1000)
        defer { store.close() }
        let container = try TestContainer(store)
        let path = try block(scratch)
        try FileManager.default.removeItem(atPath: scratch.partitionFolder() + "/MANIFEST")
        for number in 0..<10 { _ = container.commit(try container.create("\(number)", "k", "")) }
        #expect(eventually { failures.messages.contains { $0.hasPrefix("flush") } })
        // Its first run was given up by then.
        #expect(try !scratch.partitionFiles("run-").isEmpty)
        try FileManager.default.removeItem(atPath: path)
        // A later group has it flushed.
        let isFlushed = try eventually {
            let write = try container.upsert("10", "k", "")
            #expect(container.commit(write).isSuccess)
            return container.partition.statistics.frozenDeltas == 0
        }
        #expect(isFlushed)
    }

    /// So do those that were indexed anew.
    @Test func aRunIndexedAnewThatAManifestMayNameStays() throws {
        let scratch = try Scratch()
        let store = try open(scratch, frozenDeltasMax: 1000)
        defer { store.close() }
        let container = try TestContainer(store)
        for number in 0..<10 { _ = container.commit(try container.create("\(number)", "k", "")) }
        #expect(eventually { container.partition.statistics.runs == 1 })
        _ = try block(scratch)
        try FileManager.default.removeItem(atPath: scratch.partitionFolder() + "/MANIFEST")
        store.changeSelection(of: container.container, to: TestContainer.byNumber)
        #expect(eventually { failures.messages.contains { $0.hasPrefix("merge") } })
        #expect(try scratch.partitionFiles("run-").count == 2)
    }

    /// A merge that fails is tried again after a while, for which no flush waits.
    @Test func aFailedMergeHoldsUpNoFlush() throws {
        let scratch = try Scratch()
        let store = try open(scratch, frozenDeltasMax: 1000)
        defer { store.close() }
        let container = try TestContainer(store)
        for number in 0..<10 { _ = container.commit(try container.create("\(number)", "k", "")) }
        #expect(eventually { container.partition.statistics.runs == 1 })
        let path = try block(scratch)
        store.changeSelection(of: container.container, to: TestContainer.byNumber)
        #expect(eventually { failures.messages.contains { $0.hasPrefix("merge") } })
        try FileManager.default.removeItem(atPath: path)
        // As many as are flushed, and none later that would have it tried again.
        for number in 10..<20 { #expect(container.commit(try container.create("\(number)", "k", "")).isSuccess) }
        #expect(eventually { container.partition.statistics.frozenDeltas == 0 })
        #expect(!failures.messages.contains { $0.hasPrefix("flush") })
    }

    /// - Parameter deltaVersionsMax: ten have flushes fail as well, which take file numbers that no manifest tells of.
    @Test(arguments: [10, 100_000]) func aSegmentThatNoManifestNamesGoes(deltaVersionsMax: Int) throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 4096
        configuration.deltaVersionsMax = deltaVersionsMax
        configuration.frozenDeltasMax = 1000
        configuration.observer = failures
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = container.commit(try container.create("first", "k", ""))
        let path = try block(scratch)
        let text = String(repeating: "x", count: 1000)
        for number in 0..<20 { #expect(container.commit(try container.create("\(number)", "k", text)).isSuccess) }
        #expect(failures.messages.count { $0.hasPrefix("sealing") } >= 2)
        #expect(try eventually { try scratch.partitionFiles("log-").count == 1 })
        try FileManager.default.removeItem(atPath: path)
        for number in 20..<40 { #expect(container.commit(try container.create("\(number)", "k", text)).isSuccess) }
        #expect(try scratch.partitionFiles("log-").count > 1)
    }

    /// The room for the next segment takes a number that no manifest tells of.
    @Test func aSegmentThatCannotBeStartedOverItsRoomStopsNobody() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 1 << 20
        configuration.observer = failures
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store)
        let text = String(repeating: "x", count: 50_000)
        var number = 0
        func commit(while holds: () throws -> Bool) throws {
            let end = number + 100
            while try number < end && holds() {
                #expect(container.commit(try container.create("\(number)", "k", text)).isSuccess)
                number += 1
            }
            #expect(try !holds())
        }
        try commit { number < 10 }
        #expect(try eventually { try !scratch.partitionFiles("room-").isEmpty })
        let path = try block(scratch)
        try commit { failures.messages.isEmpty }
        #expect(try eventually { try scratch.partitionFiles("log-").count == 1 })
        try FileManager.default.removeItem(atPath: path)
        try commit { try scratch.partitionFiles("log-").count == 1 }
        let last = number + 1
        try commit { number < last }
    }

    /// The copy of a segment without what was trimmed goes again, where no manifest names it.
    @Test func aFailedTrimLeavesNoFileBehind() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 50
        configuration.segmentBytes = 1 << 14
        configuration.retentionMilliseconds = 3_600_000
        configuration.observer = failures
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store)
        for value in 1...1000 { _ = container.commit(try container.upsert("counter", "k", "\(value)")) }
        #expect(eventually { container.partition.statistics.frozenDeltas == 0 })
        let path = try block(scratch)
        container.partition.changeRetention(toMilliseconds: 0)
        #expect(eventually { failures.messages.contains { $0.hasPrefix("trimming") } })
        let manifest = try String(contentsOfFile: scratch.partitionFolder() + "/MANIFEST", encoding: .utf8)
        let named = manifest.split(separator: "\n").filter { $0.hasPrefix("segment") }.count
        #expect(try eventually { try scratch.partitionFiles("log-").count == named })
        try FileManager.default.removeItem(atPath: path)
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
