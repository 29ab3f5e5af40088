import OrreryEngine
import Testing

@Suite struct RemovalTests {
    @Test func aPartitionKeyGoesUnderOneLSNAndOthersStay() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 20
        let store = try Store(directory: scratch.path, configuration: configuration)
        let container = try TestContainer(store)
        for number in 0..<50 {
            #expect(container.commit(try container.create("\(number)", number % 2 == 0 ? "even" : "odd", "")).isSuccess)
        }
        #expect(container.commit(try container.delete("0", "even")).isSuccess)
        let before = container.partition.lsn
        #expect(container.deletePartitionKey("even") == 24)
        #expect(container.partition.lsn == before + 1)
        #expect(container.partition.itemCount == 25)
        #expect(container.deletePartitionKey("even") == 0)
        #expect(container.partition.lsn == before + 1, "nothing to delete is nothing to log")
        #expect(container.commit(try container.create("0", "even", "")).isSuccess)
        store.close()
        let again = try Store(directory: scratch.path, configuration: configuration)
        defer { again.close() }
        #expect(try TestContainer(again).partition.itemCount == 26)
    }

    /// Keys whose effective keys are the same are not the same keys.
    @Test func aKeyThatHashesAlikeStays() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        let container = try TestContainer(store)
        // The test's effective key is the first sixteen bytes.
        #expect(container.commit(try container.create("1", "sixteen-bytes-or-more", "")).isSuccess)
        #expect(container.commit(try container.create("1", "sixteen-bytes-or-less", "")).isSuccess)
        #expect(container.deletePartitionKey("sixteen-bytes-or-more") == 1)
        #expect(try container.partition.item(container.key("1", "sixteen-bytes-or-less")) != nil)
    }
}
