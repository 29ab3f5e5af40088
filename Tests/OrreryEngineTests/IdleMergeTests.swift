import Dispatch
import OrreryEngine
import Testing

/// Runs are merged further once nobody writes, though none of them would be due.
@Suite struct IdleMergeTests {
    private final class Merges: EngineObserver {
        private let finished = DispatchSemaphore(value: 0)

        func groupCommitted(
            versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64
        ) {}
        func deltaFlushed(versions: Int, nanoseconds: UInt64) { finished.signal() }
        func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) { finished.signal() }
        func maintenanceFailed(_ message: String) { Issue.record("\(message)") }
        func partitionFailed(_ message: String) { Issue.record("\(message)") }

        /// Waits for one more piece of work; false when none comes in time.
        func waitForOne() -> Bool { finished.wait(timeout: .now() + 20) == .success }
    }

    @Test func runsBecomeOneWhenNobodyWrites() throws {
        let scratch = try Scratch()
        let merges = Merges()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 50
        configuration.mergeFanIn = 8
        configuration.idleMilliseconds = 1
        configuration.observer = merges
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store)
        for id in 0..<250 {
            #expect(container.commit(try container.upsert("\(id)", "k", "payload")).isSuccess)
        }
        while container.partition.statistics.runs != 1 || container.partition.statistics.frozenDeltas > 0 {
            guard merges.waitForOne() else {
                Issue.record("\(container.partition.statistics.runs) runs are left")
                break
            }
        }
        #expect(container.partition.itemCount == 250)
        #expect(try container.partition.item(container.key("17", "k")) != nil)
    }

    /// What is written without a flush makes no run: runs that are left over, by an earlier opening too, need not wait
    /// until all is quiet.
    @Test func runsBecomeOneBesideAFewWrites() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.mergeFanIn = 100
        configuration.deltaVersionsMax = 50
        do {
            let store = try Store(directory: scratch.path, configuration: configuration)
            defer { store.close() }
            let container = try TestContainer(store)
            for id in 0..<300 {
                #expect(container.commit(try container.upsert("\(id)", "k", "payload")).isSuccess)
            }
        }
        let merges = Merges()
        configuration.observer = merges
        configuration.deltaVersionsMax = .max
        // Many commits.
        configuration.idleMilliseconds = 200
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store)
        #expect(container.partition.statistics.runs > 1)
        let deadline = DispatchTime.now() + 20
        while container.partition.statistics.runs > 1, DispatchTime.now() < deadline {
            #expect(container.commit(try container.upsert("0", "k", "payload")).isSuccess)
        }
        #expect(container.partition.statistics.runs == 1)
    }
}
