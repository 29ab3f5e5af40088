import Foundation
import OrreryEngine
import Testing

@Suite struct StoreTests {
    @Test func aPartitionOfARemovedContainerIsNotMadeAnew() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        let container = try TestContainer(store)
        try store.catalog.delete(.container, container.container)
        store.removePartitions(of: container.container)
        #expect(throws: EngineError.partitionGone) {
            try store.partition(of: container.container, rangeNumber: 0)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("partitions")).isEmpty)
    }

    @Test func aReopeningReplaysOnlyWhatIsNotFlushed() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 20
        let first = try Store(directory: scratch.path, configuration: configuration)
        var container = try TestContainer(first)
        for number in 0..<210 { _ = container.commit(try container.upsert("\(number % 60)", "k", "")) }
        #expect(eventually { container.partition.statistics.frozenDeltas == 0 })
        first.close()
        let second = try Store(directory: scratch.path, configuration: configuration)
        defer { second.close() }
        container = try TestContainer(second)
        #expect(container.partition.statistics.deltaVersions == 10)
        #expect(container.partition.itemCount == 60)
    }

    @Test func noDocumentNumberComesTwiceWhenAllIsFlushed() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 4
        let first = try Store(directory: scratch.path, configuration: configuration)
        var container = try TestContainer(first)
        for id in ["a", "b", "c"] { _ = container.commit(try container.create(id, "k", "")) }
        // The last version in the log is not of the newest item.
        _ = container.commit(try container.replace("a", "k", ""))
        #expect(eventually { container.partition.statistics.frozenDeltas == 0 })
        first.close()
        let second = try Store(directory: scratch.path, configuration: configuration)
        defer { second.close() }
        container = try TestContainer(second)
        let newest = try #require(try container.partition.item(container.key("c", "k")))
        let outcome = try #require(container.commit(try container.create("d", "k", "")).outcome)
        #expect(outcome.item.documentNumber > newest.documentNumber)
    }

    @Test func afterTheLastNumberThereIsNothing() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = container.commit(try container.create("a", "k", ""))
        let snapshot = container.partition.snapshot()
        let scopes = [.all, .range(lower: [], upper: [0xFF]), container.scope("k")] as [PartitionSnapshot.Scope]
        for scope in scopes {
            let isAtEnd = try snapshot.scan(scope, after: .max) { _ in
                Issue.record("an item was found after the last number")
                return true
            }
            #expect(isAtEnd)
        }
    }

    @Test func aRangeThatEndsBeforeItBeginsHoldsNothing() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = container.commit(try container.create("a", "k", ""))
        let isAtEnd = try container.partition.snapshot().scan(.range(lower: [0xF0], upper: [0x10])) { _ in
            Issue.record("an item was found in an empty range")
            return true
        }
        #expect(isAtEnd)
    }
}
