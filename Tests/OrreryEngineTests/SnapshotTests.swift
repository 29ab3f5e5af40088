import Foundation
import OrreryEngine
import Synchronization
import Testing

/// Readers against a writer that changes all items at once, again and again, over flushes and merges: every snapshot
/// shows one state.
@Suite struct SnapshotTests {
    private static let itemCount = 15

    @Test func everySnapshotShowsOneCommit() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 40
        configuration.mergeFanIn = 2
        configuration.segmentBytes = 1 << 16
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store)
        try writeAll(container, "0")
        let isDone = Atomic(false)
        let snapshotCount = Atomic(0)
        // Expectations hold for the test's own thread alone.
        let faults = Mutex<[String]>([])
        let readers = DispatchGroup()
        for _ in 0..<2 {
            // Threads of their own: a pool may leave them waiting until the writer is done.
            readers.enter()
            Thread.detachNewThread {
                defer { readers.leave() }
                while !isDone.load(ordering: .relaxed) {
                    do {
                        if let fault = try self.fault(container) { faults.withLock { $0.append(fault) } }
                    } catch {
                        faults.withLock { $0.append("\(error)") }
                    }
                    snapshotCount.add(1, ordering: .relaxed)
                }
            }
        }
        var round = 0
        while round < 200 || snapshotCount.load(ordering: .relaxed) == 0 {
            round += 1
            try writeAll(container, "\(round)")
        }
        isDone.store(true, ordering: .relaxed)
        readers.wait()
        #expect(faults.withLock { $0.prefix(3) } == [])
        #expect(snapshotCount.load(ordering: .relaxed) > 0)
    }

    private func writeAll(_ container: TestContainer, _ payload: String) throws {
        let writes = try (0..<Self.itemCount).map { try container.upsert("\($0)", "k", payload) }
        guard container.commit(writes).isSuccess else { throw CocoaError(.featureUnsupported) }
    }

    /// What a snapshot shows that no state ever was.
    private func fault(_ container: TestContainer) throws -> String? {
        let snapshot = container.partition.snapshot()
        if snapshot.itemCount != Self.itemCount { return "\(snapshot.itemCount) items are counted" }
        var walked: [String] = []
        var found: [String] = []
        _ = try snapshot.scan(.all) { item in
            walked.append(container.payload(item))
            return true
        }
        _ = try snapshot.scan(container.scope("k")) { item in
            found.append(container.payload(item))
            return true
        }
        if walked.count != Self.itemCount || Set(walked).count != 1 { return "a walk gave \(walked)" }
        return found == walked ? nil : "a walk gave \(walked), the keys' index \(found)"
    }
}
