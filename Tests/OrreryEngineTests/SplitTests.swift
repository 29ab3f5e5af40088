import Foundation
import OrreryEngine
import OrreryKeys
import Synchronization
import Testing

/// A partition becomes two, which hold what it held under the same numbers.
@Suite struct SplitTests {
    private static let boundary = Array("m...............".utf8)
    private static let partitionKeys = ["a", "f", "l", "m", "r", "z"]

    private static func configuration(
        _ durability: EngineConfiguration.Durability = .strict, isTrimmed: Bool = false
    ) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 12
        configuration.mergeFanIn = 2
        configuration.segmentBytes = isTrimmed ? 1 << 14 : 1 << 16
        if isTrimmed { configuration.retentionMilliseconds = 0 }
        configuration.durability = durability
        return configuration
    }

    /// What was acknowledged: payloads by partition key and id.
    private typealias Model = [String: [String: String]]

    /// A store with one partition, listed in the catalog, and some writes.
    private struct Ground {
        let scratch: Scratch
        let store: Store
        let parent: TestContainer
        var model: Model = [:]
        var random: SeededGenerator

        init(
            seed: UInt64, _ durability: EngineConfiguration.Durability = .strict, isTrimmed: Bool = false
        ) throws {
            scratch = try Scratch()
            store = try Store(
                directory: scratch.path, configuration: SplitTests.configuration(durability, isTrimmed: isTrimmed))
            parent = try TestContainer(store)
            _ = try store.catalog.insertPartition(0, of: parent.container, body: [])
            random = SeededGenerator(seed: seed)
        }

        mutating func write(_ count: Int) throws {
            for number in 0..<count {
                let key = try #require(SplitTests.partitionKeys.randomElement(using: &random))
                let id = "\(Int.random(in: 0..<20, using: &random))"
                if Int.random(in: 0..<5, using: &random) == 0 {
                    if parent.commit(try parent.delete(id, key)).isSuccess { model[key]?[id] = nil }
                } else {
                    #expect(parent.commit(try parent.upsert(id, key, "\(number)")).isSuccess)
                    model[key, default: [:]][id] = "\(number)"
                }
            }
        }

        func begin() throws -> PartitionSplit {
            try store.beginSplit(of: parent.partition, at: SplitTests.boundary, into: (1, 2))
        }

        func child(_ number: UInt64, in store: Store? = nil) throws -> TestContainer {
            try TestContainer(store ?? self.store, rangeNumber: number)
        }
    }

    private struct Change: Equatable {
        let version: UInt64
        let lsn: UInt64
        let documentNumber: UInt64
        let kind: ItemChange.Kind
        let text: [UInt8]
        let previous: [UInt8]?
    }

    private func history(_ partition: Partition, _ scope: PartitionSnapshot.Scope = .all) throws -> [Change] {
        var changes: [Change] = []
        _ = try partition.snapshot().history(scope) { change in
            changes.append(
                Change(
                    version: change.item.version, lsn: change.item.lsn, documentNumber: change.item.documentNumber,
                    kind: change.kind, text: change.item.text, previous: change.previous?.text))
            return true
        }
        return changes
    }

    /// Compares partitions, each with the keys it should have, with what was acknowledged.
    private func check(_ parts: [(TestContainer, keys: [String])], _ model: Model, _ place: String) throws {
        for (part, keys) in parts {
            var found: Model = [:]
            for key in keys {
                _ = try part.partition.snapshot().scan(part.scope(key)) { item in
                    found[key, default: [:]][String(decoding: item.id, as: UTF8.self)] = part.payload(item)
                    return true
                }
            }
            let expected = model.filter { keys.contains($0.key) && !$0.value.isEmpty }
            #expect(found == expected, "\(place)")
            #expect(part.partition.itemCount == expected.values.reduce(0) { $0 + $1.count }, "\(place)")
        }
    }

    private func checkChildren(_ ground: Ground, in store: Store? = nil, _ place: String) throws {
        let lower = try ground.child(1, in: store)
        let upper = try ground.child(2, in: store)
        try check([(lower, ["a", "f", "l"]), (upper, ["m", "r", "z"])], ground.model, place)
    }

    @Test(arguments: [21, 22, 23] as [UInt64]) func theChildrenKeepNumbersAndHistory(_ seed: UInt64) throws {
        print("seed \(seed)")
        var ground = try Ground(seed: seed)
        try ground.write(200)
        let split = try ground.begin()
        try split.copy(isCancelled: { false })
        try ground.write(40)
        let before = (lsn: ground.parent.partition.lsn, all: try history(ground.parent.partition))
        let below = try history(ground.parent.partition, .range(lower: [], upper: Self.boundary))
        try split.takeOver(([], []))
        split.begin()
        try checkChildren(ground, "after the split")
        let (lower, upper) = (try ground.child(1), try ground.child(2))
        #expect(try history(lower.partition) == below)
        #expect(try history(upper.partition) == before.all.filter { change in !below.contains(change) })
        #expect(lower.partition.lsn == before.lsn && upper.partition.lsn == before.lsn)

        // Numbers go on from where the parent had come, in both, also after a restart.
        let written = try #require(lower.commit(try lower.create("new", "a", "x")).outcome).item
        #expect(written.lsn == before.lsn + 1)
        #expect(written.documentNumber > (before.all.map(\.documentNumber).max() ?? 0))
        ground.model["a", default: [:]]["new"] = "x"
        ground.store.close()
        let store = try Store(directory: ground.scratch.path, configuration: Self.configuration())
        defer { store.close() }
        try checkChildren(ground, in: store, "after a restart")
        let reopened = try ground.child(2, in: store)
        #expect(reopened.partition.lsn == before.lsn)
        let other = try #require(reopened.commit(try reopened.create("new", "z", "y")).outcome).item
        #expect(other.lsn == before.lsn + 1)
        #expect(other.documentNumber != written.documentNumber)
    }

    /// Versions are gone from the log, and others look live for that, until the runs say otherwise.
    @Test(arguments: [51, 52, 53] as [UInt64]) func aTrimmedLogIsDividedToo(_ seed: UInt64) throws {
        print("seed \(seed)")
        var ground = try Ground(seed: seed, isTrimmed: true)
        // First values among items that stay: their segment is never worth trimming.
        for number in 0..<60 {
            for key in SplitTests.partitionKeys {
                #expect(ground.parent.commit(try ground.parent.create("stays-\(number)", key, "0")).isSuccess)
                ground.model[key, default: [:]]["stays-\(number)"] = "0"
            }
            if number < 20 { try ground.write(6) }
        }
        for _ in 0..<6 { try ground.write(300) }
        let parent = ground.parent.partition
        #expect(eventually { parent.trimmedVersion > 0 })
        try ground.write(100)
        let split = try ground.begin()
        try split.copy(isCancelled: { false })
        try ground.write(30)
        try split.takeOver(([], []))
        split.begin()
        try checkChildren(ground, "after the split")
        // What is not whole is known not to be.
        for number: UInt64 in [1, 2] {
            #expect(try ground.child(number).partition.trimmedVersion >= parent.trimmedVersion)
        }
        func update(_ store: Store, _ payload: String) throws {
            for (key, items) in ground.model {
                let child = try ground.child(key < "m" ? 1 : 2, in: store)
                for id in items.keys.sorted() {
                    #expect(child.commit(try child.upsert(id, key, payload)).isSuccess)
                    ground.model[key]?[id] = payload
                }
            }
        }
        try update(ground.store, "second")
        try checkChildren(ground, "after updates")
        ground.store.close()
        do {
            let store = try Store(directory: ground.scratch.path, configuration: Self.configuration(isTrimmed: true))
            try checkChildren(ground, in: store, "after a restart")
            try update(store, "third")
            store.close()
        }
        // A rebuilding from the log alone finds no more than was there.
        let files = FileManager.default
        for folder in try files.contentsOfDirectory(atPath: ground.scratch.file("partitions")) {
            let path = ground.scratch.file("partitions/" + folder)
            for name in try files.contentsOfDirectory(atPath: path) where name.hasPrefix("run-") {
                try files.removeItem(atPath: path + "/" + name)
            }
        }
        let store = try Store(directory: ground.scratch.path, configuration: Self.configuration(isTrimmed: true))
        defer { store.close() }
        try checkChildren(ground, in: store, "after a rebuilding")
    }

    @Test func whoHoldsTheParentWaitsAndIsPassedOn() throws {
        var ground = try Ground(seed: 5)
        try ground.write(50)
        let split = try ground.begin()
        try split.copy(isCancelled: { false })
        try split.takeOver(([], []))
        let answers = Mutex<[UInt64?]>([])
        let parent = ground.parent
        for key in ["a", "z"] {
            let write = try parent.upsert("held", key, "1")
            parent.partition.commit(
                ItemCommit(writes: [write]) { result in
                    answers.withLock { $0.append((try? result.get()).flatMap(\.successorNumber)) }
                })
            ground.model[key, default: [:]]["held"] = "1"
        }
        #expect(answers.withLock { $0.isEmpty })
        let woken = Mutex<[CommitWake]>([])
        let wait = parent.partition.wait(after: parent.partition.lsn) { wake in woken.withLock { $0.append(wake) } }
        split.begin()
        #expect(eventually { answers.withLock { $0.count == 2 } })
        #expect(answers.withLock { Set($0) } == [1, 2])
        #expect(woken.withLock { $0 } == [.gone])
        wait.cancel()
        // And so is who comes later.
        #expect(parent.deletePartitionKey("f") == ground.model["f", default: [:]].count)
        ground.model["f"] = nil
        try checkChildren(ground, "after the split")
        #expect(throws: EngineError.partitionGone) { try TestContainer(ground.store, rangeNumber: 3) }
        ground.store.close()
    }

    @Test(arguments: [EngineConfiguration.Durability.strict, .relaxed(milliseconds: 60_000)])
    func aCrashLeavesTheParentOrTheChildren(_ durability: EngineConfiguration.Durability) throws {
        var ground = try Ground(seed: 9, durability)
        try ground.write(150)
        func crash(_ place: String, isSplit: Bool) throws {
            // Under relaxed durability a crash may take what only the parent had, and nothing that the children have.
            if !isSplit, durability != .strict { return }
            let copy = try ground.scratch.crashed()
            let store = try Store(directory: copy.path, configuration: Self.configuration())
            defer { store.close() }
            let folders = try FileManager.default.contentsOfDirectory(atPath: copy.file("partitions"))
            if isSplit {
                try checkChildren(ground, in: store, place)
                #expect(folders.count == 2, "\(place)")
            } else {
                let parent = try TestContainer(store)
                try check([(parent, Self.partitionKeys)], ground.model, place)
                #expect(folders.count == 1, "\(place)")
                #expect(parent.commit(try parent.upsert("after", "a", "x")).isSuccess, "\(place)")
            }
        }
        let split = try ground.begin()
        try crash("begun", isSplit: false)
        try split.copy(isCancelled: { false })
        try ground.write(10)
        try crash("copied", isSplit: false)
        try split.takeOver(([], []))
        try crash("taken over", isSplit: true)
        split.begin()
        try crash("done", isSplit: true)
        ground.store.close()
    }

    @Test func aSplitThatIsGivenUpLeavesNothing() throws {
        var ground = try Ground(seed: 7)
        try ground.write(120)
        let cancelled = try ground.begin()
        #expect(throws: EngineError.closed) { try cancelled.copy(isCancelled: { true }) }
        cancelled.abandon()
        let folders = { try FileManager.default.contentsOfDirectory(atPath: ground.scratch.file("partitions")) }
        #expect(try folders().count == 1)
        // The container goes while it is copied.
        let doomed = try ground.begin()
        try doomed.copy(isCancelled: { false })
        try ground.write(20)
        try check([(ground.parent, Self.partitionKeys)], ground.model, "given up")
        try ground.store.catalog.delete(.container, ground.parent.container)
        #expect(throws: EngineError.closed) { try doomed.takeOver(([], [])) }
        doomed.abandon()
        #expect(try folders().allSatisfy { $0.hasSuffix("-0") })
        ground.store.close()
    }

    @Test func theMiddleKeyHalvesTheItems() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path, configuration: Self.configuration())
        defer { store.close() }
        let container = try TestContainer(store)
        #expect(try container.partition.middleKey() == nil)
        for number in 0..<20 { #expect(container.commit(try container.create("\(number)", "b", "")).isSuccess) }
        #expect(try container.partition.middleKey() == nil)
        for number in 0..<20 { #expect(container.commit(try container.create("\(number)", "c", "")).isSuccess) }
        for number in 0..<20 { #expect(container.commit(try container.create("\(number)", "d", "")).isSuccess) }
        #expect(try container.partition.middleKey() == Array("c...............".utf8))
        // What is gone does not count.
        #expect(container.deletePartitionKey("b") == 20)
        #expect(try container.partition.middleKey() == Array("d...............".utf8))
    }
}
