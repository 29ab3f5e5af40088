import Foundation
@testable import OrreryEngine
import Synchronization
import Testing

/// What others make of a log that was trimmed: splits of its partition, rebuildings that are cut short, readers of
/// changes.
@Suite struct TrimmedSplitTests {
    private static func configuration(_ observer: (any EngineObserver)? = nil) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 50
        configuration.mergeFanIn = 2
        configuration.segmentBytes = 1 << 14
        configuration.retentionMilliseconds = 0
        configuration.observer = observer
        return configuration
    }

    /// A partition of which every kind of record was trimmed: segments of items that mostly stay, the few that do not
    /// having been deleted or replaced in segments that are trimmed, and an end that is trimmed too.
    private final class Ground {
        let scratch: Scratch
        let store: Store
        let parent: TestContainer
        private(set) var model: [String: String] = [:]

        init() throws {
            scratch = try Scratch()
            store = try Store(directory: scratch.path, configuration: TrimmedSplitTests.configuration())
            parent = try TestContainer(store)
            _ = try store.catalog.insertPartition(0, of: parent.container, body: [])
            try write()
        }

        private func put(_ id: String, _ key: String, _ text: String) throws {
            #expect(parent.commit(try parent.upsert(id, key, text)).isSuccess)
            model[id] = text
        }

        private func write() throws {
            // Two writes of one LSN, so that versions and LSNs are not the same.
            let pair = [try parent.create("p0", "a", "0"), try parent.create("p1", "a", "1")]
            #expect(parent.commit(pair).isSuccess)
            (model["p0"], model["p1"]) = ("0", "1")
            let filling = String(repeating: "y", count: 150)
            for number in 0..<240 { try put("\(number)", number % 2 == 0 ? "a" : "z", "old" + filling) }
            for round in 0..<3 {
                for number in stride(from: 0, to: 240, by: 12) { try put("\(number)", "a", "\(round)" + filling) }
                for number in stride(from: 1, to: 240, by: 12) { try put("\(number)", "z", "\(round)" + filling) }
            }
            for number in stride(from: 0, to: 240, by: 24) {
                for (id, key) in [("\(number)", "a"), ("\(number + 1)", "z")] {
                    #expect(parent.commit(try parent.delete(id, key)).isSuccess)
                    model[id] = nil
                }
            }
            try writeEnd()
        }

        /// Ends the log with a segment of nothing that stays, and one that is empty.
        private func writeEnd() throws {
            var random = SeededGenerator(seed: 3)
            var segmentCount = 0
            while segmentCount == 0 || parent.partition.currentView.segments.count == segmentCount {
                let text = String(repeating: "z", count: Int.random(in: 0...500, using: &random))
                #expect(parent.commit(try parent.upsert("last", "a", text)).isSuccess)
                segmentCount = parent.partition.currentView.segments.count
                #expect(parent.commit(try parent.delete("last", "a")).isSuccess)
            }
            parent.partition.view.withLock { $0 = $0.freezingActive() }
            parent.partition.scheduleFlush()
            let end = parent.partition.marks.withLock { $0.version }
            let isTrimmed = try eventually { try parent.partition.currentView.withRecord(end) { _ in true } == nil }
            #expect(isTrimmed)
            #expect(parent.partition.trimmedVersion == end)
            #expect(parent.partition.currentView.segments.contains { !$0.dead.isEmpty })
        }
    }

    private func check(_ parts: [TestContainer], _ model: [String: String], _ place: String) throws {
        var found: [String: String] = [:]
        var count = 0
        for part in parts {
            _ = try part.partition.snapshot().scan(.all) { item in
                found[String(decoding: item.id, as: UTF8.self)] = part.payload(item)
                count += 1
                return true
            }
            for (id, text) in model {
                for key in ["a", "z"] {
                    if let item = try part.partition.item(part.key(id, key)) {
                        #expect(part.payload(item) == text, "\(place): \(id)")
                    }
                }
            }
        }
        let isRight = found == model
        #expect(isRight, "\(place)")
        #expect(count == model.count, "\(place)")
        #expect(parts.reduce(0) { $0 + $1.partition.itemCount } == model.count, "\(place)")
    }

    @Test func aTrimmedPartitionIsSplitIntoWhatIsLeft() throws {
        let ground = try Ground()
        try check([ground.parent], ground.model, "before")
        let trimmed = ground.parent.partition.trimmedVersion
        let split = try ground.store.beginSplit(
            of: ground.parent.partition, at: Array("m...............".utf8), into: (1, 2))
        try split.copy(isCancelled: { false })
        try split.takeOver(([], []))
        split.begin()
        let children = try [1, 2].map { try TestContainer(ground.store, rangeNumber: $0) }
        try check(children, ground.model, "split")
        for child in children { #expect(child.partition.trimmedVersion >= trimmed) }
        #expect(children[0].commit(try children[0].create("new", "a", "x")).isSuccess)
        #expect(children[0].commit(try children[0].delete("new", "a")).isSuccess)
        ground.store.close()
        for hasRuns in [true, false] {
            let copy = try ground.scratch.copied()
            if !hasRuns { try removeRuns(copy) }
            let store = try Store(directory: copy.path, configuration: Self.configuration())
            defer { store.close() }
            let reopened = try [1, 2].map { try TestContainer(store, rangeNumber: $0) }
            try check(reopened, ground.model, "reopened, runs: \(hasRuns)")
            for child in reopened { #expect(child.partition.trimmedVersion >= trimmed) }
        }
    }

    private func removeRuns(_ scratch: Scratch) throws {
        let files = FileManager.default
        for folder in try files.contentsOfDirectory(atPath: scratch.file("partitions")) {
            let path = scratch.file("partitions/" + folder)
            for name in try files.contentsOfDirectory(atPath: path) where name.hasPrefix("run-") {
                try files.removeItem(atPath: path + "/" + name)
            }
        }
    }

    /// Nothing is trimmed while a split copies: what died would be alive in the children, its end being gone.
    @Test func nothingIsTrimmedWhileASplitCopies() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path, configuration: Self.configuration())
        defer { store.close() }
        let parent = try TestContainer(store)
        _ = try store.catalog.insertPartition(0, of: parent.container, body: [])
        parent.partition.changeRetention(toMilliseconds: 3_600_000)
        var model: [String: String] = [:]
        let filling = String(repeating: "y", count: 150)
        for number in 0..<200 {
            model["\(number)"] = "0" + filling
            #expect(parent.commit(try parent.create("\(number)", "a", "0" + filling)).isSuccess)
        }
        let split = try store.beginSplit(of: parent.partition, at: Array("m...............".utf8), into: (1, 2))
        try split.copy(isCancelled: { false })
        for number in 0..<200 where number % 4 != 0 {
            model["\(number)"] = nil
            #expect(parent.commit(try parent.delete("\(number)", "a")).isSuccess)
        }
        for number in 0..<300 {
            model["counter"] = "\(number)" + filling
            #expect(parent.commit(try parent.upsert("counter", "a", "\(number)" + filling)).isSuccess)
        }
        parent.partition.changeRetention(toMilliseconds: 0)
        // A trimming that was not kept from its work would be through by then.
        _ = eventually(seconds: 1) { parent.partition.trimmedVersion > 0 }
        #expect(parent.partition.trimmedVersion == 0)
        try split.takeOver(([], []))
        split.begin()
        try check(try [1, 2].map { try TestContainer(store, rangeNumber: $0) }, model, "split")
    }

    @Test func aSplitThatIsGivenUpLetsTheParentTrimAgain() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path, configuration: Self.configuration())
        defer { store.close() }
        let parent = try TestContainer(store)
        _ = try store.catalog.insertPartition(0, of: parent.container, body: [])
        let split = try store.beginSplit(of: parent.partition, at: Array("m...............".utf8), into: (1, 2))
        try split.copy(isCancelled: { false })
        for number in 0..<300 { _ = parent.commit(try parent.upsert("counter", "a", "\(number)")) }
        split.abandon()
        #expect(eventually { parent.partition.trimmedVersion > 0 })
    }

    /// Copies the folder once the first run is there.
    private final class Crash: EngineObserver {
        let scratch: Scratch
        let copy = Mutex<Scratch?>(nil)
        init(_ scratch: Scratch) { self.scratch = scratch }
        func deltaFlushed(versions: Int, nanoseconds: UInt64) {
            copy.withLock { copy in if copy == nil { copy = try? scratch.crashed() } }
        }
    }

    @Test func aRebuildingThatWasCutShortGoesOnWithTheSame() throws {
        let ground = try Ground()
        ground.store.close()
        try removeRuns(ground.scratch)
        let crash = Crash(ground.scratch)
        let store = try Store(directory: ground.scratch.path, configuration: Self.configuration(crash))
        try check([TestContainer(store)], ground.model, "rebuilt")
        #expect(eventually { crash.copy.withLock { $0 != nil } })
        store.close()
        let copy = try #require(crash.copy.withLock { $0 })
        let reopened = try Store(directory: copy.path, configuration: Self.configuration())
        defer { reopened.close() }
        try check([TestContainer(reopened)], ground.model, "half rebuilt")
    }

    @Test func whoReadAllFindsTheEndThoughItWasTrimmed() throws {
        let ground = try Ground()
        defer { ground.store.close() }
        let partition = ground.parent.partition
        let snapshot = partition.snapshot()
        #expect(try snapshot.lastVersion(upTo: partition.lsn) == partition.trimmedVersion)
        let now = Int64(Date().timeIntervalSince1970 * 1000) + 60_000
        #expect(try snapshot.lastVersion(beforeMilliseconds: now) == partition.trimmedVersion)
        #expect(try snapshot.lastLSN(beforeMilliseconds: now) == partition.lsn)
    }

    /// What was trimmed of the checkpoints' records is in their table alone.
    @Test func aDamagedTableOfCheckpointsIsAnErrorWhereItsRecordsAreGone() throws {
        let ground = try Ground()
        ground.store.close()
        for isMissing in [true, false] {
            let copy = try ground.scratch.copied()
            let path = try copy.partitionFolder() + "/CHECKPOINTS"
            if isMissing {
                try FileManager.default.removeItem(atPath: path)
            } else {
                try Data("damaged".utf8).write(to: URL(fileURLWithPath: path))
            }
            let store = try Store(directory: copy.path, configuration: Self.configuration())
            defer { store.close() }
            #expect(throws: EngineError.self) { try TestContainer(store) }
        }
    }
}
