import Dispatch
import Foundation
import OrreryDocuments
import OrreryEngine
import Synchronization
import Testing

@Suite struct ReindexTests {
    /// Told of each finished merge or reindexing, so that a test can wait for the last without sleeping.
    private final class Progress: EngineObserver {
        private let finished = DispatchSemaphore(value: 0)
        private let failures = Mutex<[String]>([])
        var messages: [String] { failures.withLock { $0 } }

        func groupCommitted(
            versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64
        ) {}
        func deltaFlushed(versions: Int, nanoseconds: UInt64) { finished.signal() }
        func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) { finished.signal() }
        func maintenanceFailed(_ message: String) { failures.withLock { $0.append(message) } }
        func partitionFailed(_ message: String) { failures.withLock { $0.append(message) } }

        /// Waits for one more piece of work; false when none comes in time.
        func waitForWork() -> Bool { finished.wait(timeout: .now() + 20) == .success }
    }

    @Test func aChangedSelectionReachesWhatIsThereAndWhatComes() throws {
        let scratch = try Scratch()
        let progress = Progress()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 50
        configuration.observer = progress
        let store = try Store(directory: scratch.path, configuration: configuration)
        let container = try TestContainer(store)
        func write(_ ids: Range<Int>) throws {
            for id in ids {
                let write = ItemWrite(
                    key: container.key("\(id)", "k"), operation: .upsert(try container.body(number: id % 10)))
                #expect(container.commit(write).isSuccess)
            }
        }
        try write(0..<400)
        #expect(try container.partition.snapshot().candidates(TestContainer.numbers(3...3), in: .all) == nil)

        store.changeSelection(of: container.container, to: TestContainer.byNumber)
        // Superseding goes on while runs are indexed anew.
        try write(100..<300)
        while container.partition.indexProgressPercent < 100 {
            guard progress.waitForWork() else {
                Issue.record("indexing anew did not come to its end: \(container.partition.indexProgressPercent) %")
                break
            }
        }
        #expect(progress.messages == [])
        #expect(container.partition.itemCount == 400)
        let found = try #require(try container.partition.snapshot().candidates(TestContainer.numbers(3...3), in: .all))
        var ids: Set<String> = []
        _ = try container.partition.snapshot().scan(.all, of: found[...]) { item in
            ids.insert(String(decoding: item.id, as: UTF8.self))
            return true
        }
        #expect(ids == Set((0..<400).filter { $0 % 10 == 3 }.map { "\($0)" }))
        store.close()

        // The selection is asked for again at the next opening, and nothing is left to do.
        let again = try Store(directory: scratch.path, configuration: configuration)
        let partition = try again.partition(of: container.container, rangeNumber: 0) {
            var settings = PartitionSettings()
            settings.selection = TestContainer.byNumber
            return settings
        }
        #expect(partition.indexProgressPercent == 100)
        #expect(partition.itemCount == 400)
        again.close()
    }
}
