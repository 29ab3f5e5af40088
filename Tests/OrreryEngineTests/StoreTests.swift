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
        #expect(throws: EngineError.closed) {
            try store.partition(of: container.container, rangeNumber: 0)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("partitions")).isEmpty)
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
