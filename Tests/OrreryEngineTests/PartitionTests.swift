import Foundation
import OrreryEngine
import OrreryKeys
import Testing

@Suite struct PartitionTests {
    private func store(_ scratch: Scratch, _ change: (inout EngineConfiguration) -> Void = { _ in }) throws -> Store {
        var configuration = EngineConfiguration()
        change(&configuration)
        return try Store(directory: scratch.path, configuration: configuration)
    }

    private func partitionFolder(_ scratch: Scratch) throws -> String {
        let folder = scratch.file("partitions")
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
        return folder + "/" + name
    }

    private func files(_ scratch: Scratch, prefix: String) throws -> [String] {
        let folder = try partitionFolder(scratch)
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasPrefix(prefix) && !$0.hasSuffix("-lock") }.map { folder + "/" + $0 }
    }

    // MARK: Commits

    @Test func aBatchTakesEffectWholeOrNotAtAllUnderOneLSN() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        let both = container.commit(try container.create("a", "k", "1"), try container.create("b", "k", "2"))
        #expect(both.isSuccess)
        #expect(container.partition.lsn == 1)
        let refused = container.commit(try container.upsert("c", "k", "3"), try container.create("a", "k", "4"))
        guard case .failure(let error) = refused, case .conflict = error.error else {
            Issue.record("a create of an item that is there went through")
            return
        }
        #expect(error.index == 1)
        #expect(container.partition.lsn == 1)
        #expect(try container.partition.item(container.key("c", "k")) == nil)
    }

    @Test func writesWithinABatchSeeEachOther() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        let result = container.commit(
            try container.create("a", "k", "1"), try container.replace("a", "k", "2"),
            try container.delete("a", "k"), try container.create("a", "k", "3"))
        #expect(result.isSuccess)
        let found = try #require(try container.partition.item(container.key("a", "k")))
        #expect(container.payload(found) == "3")
        #expect(container.partition.itemCount == 1)
    }

    @Test func preconditionsHold() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        let etag = try #require(container.commit(try container.create("a", "k", "1")).outcome?.item.etag)
        #expect(!container.commit(try container.replace("a", "k", "2", .match(nil))).isSuccess)
        #expect(!container.commit(try container.upsert("a", "k", "2", .absent)).isSuccess)
        #expect(container.commit(try container.replace("a", "k", "2", .match(etag))).isSuccess)
        #expect(!container.commit(try container.delete("a", "k", .match(etag))).isSuccess)
        #expect(ItemEtag(text: Array(etag.text.utf8)) == etag)
        #expect(ItemEtag(text: Array("no tag".utf8)) == nil)
    }

    @Test func itemsOfOneIdAndDifferentKeysStandApart() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        #expect(container.commit(try container.create("a", "k1", "1")).isSuccess)
        #expect(container.commit(try container.create("a", "k2", "2")).isSuccess)
        #expect(container.commit(try container.delete("a", "k1")).isSuccess)
        let found = try #require(try container.partition.item(container.key("a", "k2")))
        #expect(container.payload(found) == "2")
    }

    @Test func aSnapshotStaysAsItWasThroughFlushesAndMerges() throws {
        let scratch = try Scratch()
        let store = try store(scratch) { $0.deltaVersionsMax = 10 }
        defer { store.close() }
        let container = try TestContainer(store)
        for number in 0..<25 { _ = container.commit(try container.create("\(number)", "k", "old")) }
        let snapshot = container.partition.snapshot()
        for number in 0..<25 { _ = container.commit(try container.replace("\(number)", "k", "new")) }
        for number in 25..<200 { _ = container.commit(try container.create("\(number)", "k", "new")) }
        var payloads: [String] = []
        _ = try snapshot.scan(container.scope("k")) { item in
            payloads.append(container.payload(item))
            return true
        }
        #expect(payloads == [String](repeating: "old", count: 25))
        #expect(snapshot.itemCount == 25)
    }

    // MARK: Opening

    @Test func aSecondStoreOnTheDirectoryIsRefused() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        do {
            _ = try self.store(scratch)
            Issue.record("two stores have one directory open")
        } catch let error as EngineError {
            guard case .locked = error else { throw error }
        }
        store.close()
        try self.store(scratch).close()
    }

    @Test(arguments: ["run-", "superseded-"])
    func lostOrDamagedIndexFilesAreRebuiltFromTheLog(_ prefix: String) throws {
        for isRemoved in [true, false] {
            let scratch = try Scratch()
            let first = try store(scratch) { $0.deltaVersionsMax = 20 }
            var container = try TestContainer(first)
            for number in 0..<150 { _ = container.commit(try container.upsert("\(number % 50)", "k", "\(number)")) }
            first.close()
            let found = try files(scratch, prefix: prefix)
            #expect(!found.isEmpty)
            for path in found {
                if isRemoved {
                    try FileManager.default.removeItem(atPath: path)
                } else {
                    try Data(repeating: 0x55, count: 9000).write(to: URL(fileURLWithPath: path))
                }
            }
            let second = try store(scratch) { $0.deltaVersionsMax = 20 }
            container = try TestContainer(second)
            #expect(container.partition.itemCount == 50)
            #expect(container.partition.lsn == 150)
            for number in 0..<50 {
                let item = try container.partition.item(container.key("\(number)", "k"))
                #expect(item.map(container.payload) == "\(number + 100)")
            }
            second.close()
        }
    }

    @Test func aLostSegmentIsAnErrorAndNoNewBeginning() throws {
        let scratch = try Scratch()
        let first = try store(scratch)
        let container = try TestContainer(first)
        _ = container.commit(try container.create("a", "k", "1"))
        first.close()
        for path in try files(scratch, prefix: "log-") { try FileManager.default.removeItem(atPath: path) }
        let second = try store(scratch)
        defer { second.close() }
        #expect(throws: EngineError.self) { try TestContainer(second) }
    }

    @Test func aNewerManifestIsRefusedByName() throws {
        let scratch = try Scratch()
        let first = try store(scratch)
        _ = try TestContainer(first)
        first.close()
        let path = try partitionFolder(scratch) + "/MANIFEST"
        try "orrery-partition 99\nend 0\n".write(toFile: path, atomically: false, encoding: .utf8)
        let second = try store(scratch)
        defer { second.close() }
        do {
            _ = try TestContainer(second)
            Issue.record("a manifest of format 99 was read")
        } catch let error as EngineError {
            guard case .newerFormat(let message) = error else { throw error }
            #expect(message.contains("99"))
        }
    }

    @Test func aFlippedByteInTheLogIsFoundWhenItIsRead() throws {
        let scratch = try Scratch()
        let first = try store(scratch)
        var container = try TestContainer(first)
        _ = container.commit(try container.create("a", "k", String(repeating: "payload", count: 100)))
        first.close()
        for path in try files(scratch, prefix: "log-") {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let place = try #require(bytes.range(of: Data("payloadpayload".utf8)))
            bytes[place.lowerBound] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        let second = try store(scratch)
        defer { second.close() }
        #expect(throws: EngineError.self) {
            container = try TestContainer(second)
            _ = try container.partition.item(container.key("a", "k"))
        }
    }

    @Test func aRemovedContainersFilesAreGone() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = container.commit(try container.create("a", "k", "1"))
        try store.catalog.delete(.container, container.container)
        store.removePartitions(of: container.container)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("partitions")).isEmpty)
    }

    /// With the folder gone from under the partition no run can be written, while the open log still takes commits.
    @Test func writersAreRefusedRatherThanKeptWaitingWhenFlushesFail() throws {
        let scratch = try Scratch()
        let store = try store(scratch) {
            $0.deltaVersionsMax = 10
            $0.frozenDeltasMax = 2
        }
        let container = try TestContainer(store)
        let folder = try partitionFolder(scratch)
        try FileManager.default.moveItem(atPath: folder, toPath: folder + "-away")
        var refused: ItemWriteError?
        for number in 0..<200 where refused == nil {
            refused = container.commit(try container.create("\(number)", "k", "1")).error
        }
        guard case .storage = refused else {
            Issue.record("200 writes went through with every flush failing")
            return
        }
        try FileManager.default.moveItem(atPath: folder + "-away", toPath: folder)
        store.close()
    }

    // MARK: Relaxed durability

    @Test func relaxedWritesAreReadAtOnceAndKeptByAClose() throws {
        let scratch = try Scratch()
        let relaxed: (inout EngineConfiguration) -> Void = {
            $0.durability = .relaxed(milliseconds: 60_000)
            $0.deltaVersionsMax = 50
            $0.segmentBytes = 1 << 16
        }
        let first = try store(scratch, relaxed)
        var container = try TestContainer(first)
        for number in 0..<500 {
            _ = container.commit(try container.upsert("\(number % 120)", "k", "\(number)"))
            let item = try container.partition.item(container.key("\(number % 120)", "k"))
            #expect(item.map(container.payload) == "\(number)")
        }
        var seen = 0
        _ = try container.partition.snapshot().scan(.all) { _ in
            seen += 1
            return true
        }
        #expect(seen == 120)
        first.close()
        let second = try store(scratch)
        container = try TestContainer(second)
        #expect(container.partition.itemCount == 120)
        #expect(container.partition.lsn == 500)
        second.close()
    }
}
