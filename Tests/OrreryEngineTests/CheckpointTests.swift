import Foundation
import OrreryEngine
import Testing

/// Checkpoints take effect with the writes of their commit, or not at all, and outlive everything that those outlive.
@Suite struct CheckpointTests {
    private func write(_ key: String, _ value: String?) throws -> CheckpointWrite {
        try #require(CheckpointWrite(key: Array(key.utf8), value: value.map { Array($0.utf8) }))
    }

    private func value(_ key: String, of items: TestContainer) -> String? {
        items.partition.checkpoint(Array(key.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func aCheckpointComesWithItsWrites() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        let items = try TestContainer(store)
        let result = items.commit([try items.create("1", "a", "x")], CheckpointChange(writes: [try write("at", "1")]))
        #expect(result.isSuccess)
        #expect(value("at", of: items) == "1")
        // A write that is refused takes its checkpoint along.
        let refused = items.commit([try items.create("1", "a", "x")], CheckpointChange(writes: [try write("at", "2")]))
        #expect(!refused.isSuccess)
        #expect(value("at", of: items) == "1")
        // Checkpoints alone take no LSN.
        #expect(items.commit([], CheckpointChange(writes: [try write("at", nil), try write("b", "3")])).isSuccess)
        #expect(items.partition.lsn == 1)
        #expect(value("at", of: items) == nil)
        #expect(items.partition.checkpoints(withPrefix: []).map(\.value) == [Array("3".utf8)])
    }

    @Test func aCommitIsRefusedWhenItsLeaseHasMoved() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        let items = try TestContainer(store)
        func commit(_ id: String, under epoch: String?, to next: String) throws -> TestContainer.CommitResult {
            items.commit(
                [try items.create(id, "a", "x")],
                CheckpointChange(
                    condition: CheckpointChange.Condition(
                        key: Array("epoch".utf8), value: epoch.map { Array($0.utf8) }),
                    writes: [try write("epoch", next)]))
        }
        #expect(try commit("1", under: nil, to: "1").isSuccess)
        #expect(try commit("2", under: "1", to: "2").isSuccess)
        guard case .checkpointMoved? = try commit("3", under: "1", to: "3").error else {
            Issue.record("a commit under an old lease was not refused")
            return
        }
        #expect(try items.partition.item(items.key("3", "a")) == nil)
        #expect(value("epoch", of: items) == "2")
    }

    @Test(arguments: [EngineConfiguration.Durability.strict, .relaxed(milliseconds: 5)])
    func checkpointsOutliveTheProcessAndTheirSegment(durability: EngineConfiguration.Durability) throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.durability = durability
        configuration.segmentBytes = 64 << 10
        do {
            let store = try Store(directory: scratch.path, configuration: configuration)
            let items = try TestContainer(store)
            #expect(items.commit([], CheckpointChange(writes: [try write("old", "kept")])).isSuccess)
            let payload = String(repeating: "x", count: 1000)
            for number in 0..<400 {
                let change = CheckpointChange(writes: [try write("at", "\(number)")])
                #expect(items.commit([try items.create("\(number)", "a", payload)], change).isSuccess)
            }
            store.close()
        }
        #expect(try scratch.partitionFiles("log-").count > 2)
        let store = try Store(directory: scratch.path, configuration: configuration)
        let items = try TestContainer(store)
        #expect(value("old", of: items) == "kept")
        #expect(value("at", of: items) == "399")
    }

    /// Without its table the checkpoints are read from the whole log.
    @Test func aTableThatIsLostIsReadFromTheLog() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 64 << 10
        do {
            let store = try Store(directory: scratch.path, configuration: configuration)
            let items = try TestContainer(store)
            #expect(items.commit([], CheckpointChange(writes: [try write("old", "kept")])).isSuccess)
            let payload = String(repeating: "x", count: 1000)
            for number in 0..<200 { #expect(items.commit(try items.create("\(number)", "a", payload)).isSuccess) }
            store.close()
        }
        let table = try scratch.partitionFolder() + "/CHECKPOINTS"
        #expect(FileManager.default.fileExists(atPath: table))
        try FileManager.default.removeItem(atPath: table)
        let store = try Store(directory: scratch.path, configuration: configuration)
        #expect(value("old", of: try TestContainer(store)) == "kept")
    }

    @Test func originsAndTracesAreKept() throws {
        let scratch = try Scratch()
        let origin: UInt64 = 0xFEED_0000_0000_0001
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let trace = try #require(TraceMark(traceparent: header.utf8))
        do {
            let store = try Store(directory: scratch.path)
            let items = try TestContainer(store)
            var create = try items.create("1", "a", "x")
            (create.origin, create.trace) = (origin, trace)
            var delete = try items.delete("1", "a")
            delete.trace = trace
            #expect(items.commit(create).isSuccess)
            #expect(items.commit(delete).isSuccess)
            #expect(items.commit(try items.create("2", "a", "y")).isSuccess)
            store.close()
        }
        let store = try Store(directory: scratch.path)
        let items = try TestContainer(store)
        var origins: [UInt64] = []
        var traces: [String?] = []
        var payloads: [String] = []
        _ = try items.partition.snapshot().history(.all) { change in
            origins.append(change.item.origin)
            traces.append(change.item.trace.traceparent)
            if change.kind == .create { payloads.append(items.payload(change.item)) }
            return true
        }
        #expect(origins == [origin, 0, 0])
        #expect(traces == [header, header, nil])
        #expect(payloads == ["x", "y"])
    }

    @Test func keysAndValuesHaveBounds() {
        #expect(CheckpointWrite(key: [], value: nil) == nil)
        #expect(CheckpointWrite(key: [UInt8](repeating: 1, count: 201), value: nil) == nil)
        #expect(CheckpointWrite(key: [1], value: [UInt8](repeating: 1, count: 65_537)) == nil)
        let longest = CheckpointWrite(
            key: [UInt8](repeating: 1, count: 200), value: [UInt8](repeating: 1, count: 65_536))
        #expect(longest != nil)
    }
}

extension TestContainer {
    fileprivate func commit(_ writes: [ItemWrite], _ checkpoint: CheckpointChange) -> CommitResult {
        commit(writes, checkpoint: checkpoint)
    }
}
