import Foundation
@testable import OrreryEngine
import OrreryLMDB
import Synchronization
import Testing

/// What an opening makes of files that are missing, cut short or older than the rest: an error that says so, or an
/// index built anew; never a new beginning, and never a number given twice.
@Suite struct DamagedStoreTests {
    private static func open(_ scratch: Scratch) throws -> Store {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 20
        configuration.segmentBytes = 1 << 16
        return try Store(directory: scratch.path, configuration: configuration)
    }

    /// A closed store with so many items, several runs and several segments.
    private func made(_ itemCount: Int = 200, in scratch: Scratch) throws {
        let store = try Self.open(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        for number in 0..<itemCount {
            _ = container.commit(try container.upsert("\(number)", "k", String(repeating: "x", count: 500)))
        }
    }

    private func expectDamaged(_ body: () throws -> Void) throws {
        do {
            try body()
            Issue.record("the damage was not seen")
        } catch let error as EngineError {
            guard case .damaged = error else { throw error }
        }
    }

    /// Leaves of a file its first two pages: those say how long it was.
    private func cut(_ path: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: 8192)
        try file.close()
    }

    @Test func aMissingManifestIsAnErrorAndRemovesNothing() throws {
        let scratch = try Scratch()
        try made(in: scratch)
        let logs = try scratch.partitionFiles("log-")
        try FileManager.default.removeItem(atPath: try scratch.partitionFolder() + "/MANIFEST")
        let store = try Self.open(scratch)
        defer { store.close() }
        try expectDamaged { _ = try TestContainer(store) }
        #expect(logs.count > 1)
        #expect(try scratch.partitionFiles("log-") == logs)
    }

    @Test func aMissingManifestOfOneSegmentIsAnErrorToo() throws {
        let scratch = try Scratch()
        try made(5, in: scratch)
        try FileManager.default.removeItem(atPath: try scratch.partitionFolder() + "/MANIFEST")
        let store = try Self.open(scratch)
        defer { store.close() }
        try expectDamaged { _ = try TestContainer(store) }
    }

    @Test func aMissingCatalogIsAnErrorAndRemovesNothing() throws {
        let scratch = try Scratch()
        try made(in: scratch)
        let logs = try scratch.partitionFiles("log-")
        try FileManager.default.removeItem(atPath: scratch.file("catalog.lmdb"))
        try expectDamaged { try Self.open(scratch).close() }
        #expect(try scratch.partitionFiles("log-") == logs)
        // The refusal must not have made the catalog whose absence it saw.
        try expectDamaged { try Self.open(scratch).close() }
    }

    @Test func foldersThatAreNotTheStoresStay() throws {
        let scratch = try Scratch()
        try made(5, in: scratch)
        let stray = scratch.file("partitions/lost+found")
        try FileManager.default.createDirectory(atPath: stray, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: stray + "/file"))
        try Self.open(scratch).close()
        #expect(FileManager.default.fileExists(atPath: stray + "/file"))
    }

    @Test func runsCutShortAreRebuilt() throws {
        let scratch = try Scratch()
        try made(in: scratch)
        for path in try scratch.partitionFiles("run-") { try cut(path) }
        let store = try Self.open(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        #expect(container.partition.itemCount == 200)
        for number in 0..<200 {
            #expect(try container.partition.item(container.key("\(number)", "k")) != nil)
        }
    }

    /// Counts the runs that were indexed anew as a whole. Those that are rewritten for what is superseded have less.
    private final class Reindexings: EngineObserver {
        private let whole = Mutex(0)
        let entryCount: Int

        init(entryCount: Int) {
            self.entryCount = entryCount
        }

        var count: Int { whole.withLock { $0 } }

        func groupCommitted(
            versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64
        ) {}

        func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) {
            if runs == 1, entries == entryCount { whole.withLock { $0 += 1 } }
        }
    }

    /// A merge reads all of its runs: where one's pages were changed that one is indexed anew from the log.
    @Test func runsThatAMergeCannotReadAreRebuilt() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 20
        configuration.mergeFanIn = 100
        do {
            let store = try Store(directory: scratch.path, configuration: configuration)
            defer { store.close() }
            let container = try TestContainer(store)
            for number in 0..<100 { _ = container.commit(try container.create("\(number)", "k", "")) }
            #expect(eventually { container.partition.statistics.runs == 5 })
        }
        // The last entry, which is to have the highest hash.
        try change(scratch.partitionFiles("run-").first, Run.hashesName) { block in
            for index in block.indices.suffix(16) { block[index] = 0 }
        }
        configuration.mergeFanIn = 4
        let reindexings = Reindexings(entryCount: 20)
        configuration.observer = reindexings
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store)
        func missingCount() throws -> Int {
            try (0..<100).count { try container.partition.item(container.key("\($0)", "k")) == nil }
        }
        #expect(try missingCount() == 1)
        // Flushes have merges looked for.
        let isWhole = try eventually {
            #expect(container.commit(try container.upsert("new", "k", "")).isSuccess)
            return try missingCount() == 0
        }
        #expect(isWhole && container.partition.itemCount == 101)
        // Then all are merged, the others as they were.
        #expect(eventually { container.partition.statistics.runs < 5 })
        #expect(reindexings.count == 1)
    }

    /// Versions that a run cannot have are not taken over as what is right.
    @Test func runsWhosePostingsAMergeCannotTakeAreRebuilt() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 200
        configuration.mergeFanIn = 100
        do {
            let store = try Store(directory: scratch.path, configuration: configuration)
            defer { store.close() }
            let container = try TestContainer(store, selection: TestContainer.byNumber)
            for number in 0..<1000 { try container.create("\(number)", number: 7) }
            #expect(eventually { container.partition.statistics.runs == 5 })
        }
        // Of the last run: no put of the key would find itself before it.
        try change(scratch.partitionFiles("run-").last, Run.postingsName, options: .duplicates) { chunk in
            chunk = []
            chunk.append(bigEndian: UInt64(1) << 60)
        }
        configuration.mergeFanIn = 4
        let reindexings = Reindexings(entryCount: 200)
        configuration.observer = reindexings
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store, selection: TestContainer.byNumber)
        // A flush has merges looked for.
        for number in 0..<200 { try container.create("\(1000 + number)", number: 8) }
        #expect(eventually { container.partition.statistics.runs < 5 })
        #expect(reindexings.count == 1)
        #expect(try container.partition.snapshot().count(TestContainer.numbers(7...7)) == 1000)
    }

    /// Puts another value in the place of the first one of a table in a run's file.
    private func change(
        _ path: String?, _ name: String, options: Database.Options = [], _ change: (inout [UInt8]) -> Void
    ) throws {
        let path = try #require(path)
        let environment = try Environment(path: path, mapBytes: 1 << 26, databasesMax: 6, options: [.noLock])
        let table = try environment.openDatabase(name, options: options)
        var (key, value): ([UInt8], [UInt8]) = ([], [])
        do {
            let transaction = try environment.read()
            var cursor = try transaction.cursor(table)
            #expect(try cursor.first())
            (key, value) = ([UInt8](copying: cursor.key), [UInt8](copying: cursor.value))
        }
        change(&value)
        var transaction = try environment.write()
        try transaction.remove(table, key: key.span)
        try transaction.put(table, key: key.span, value: value.span)
        try transaction.commit()
    }

    /// Changes each run's header, which begins at the place that `change` is given, and expects that none opens then.
    private func changeHeaders(ofRunsIn scratch: Scratch, _ change: (inout Data, Int) -> Void) throws {
        let runs = try scratch.partitionFiles("run-")
        #expect(!runs.isEmpty)
        // Its key stands before it.
        let header = Data("header".utf8) + [UInt8(Run.formatVersion), 0, 0, 0, 0, 0, 0, 0]
        for path in runs {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let place = try #require(bytes.range(of: header))
            change(&bytes, place.upperBound - 8)
            try bytes.write(to: URL(fileURLWithPath: path))
            try expectDamaged {
                let fileName = URL(fileURLWithPath: path).lastPathComponent
                _ = try Run(directory: scratch.partitionFolder(), number: 1, fileName: fileName)
            }
        }
    }

    /// What an earlier version wrote is indexed anew, and what is there is found.
    @Test func runsOfAnotherFormatAreRebuilt() throws {
        let scratch = try Scratch()
        try made(in: scratch)
        // The header begins with the format's number.
        try changeHeaders(ofRunsIn: scratch) { bytes, place in bytes[place] = 2 }
        let store = try Self.open(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        #expect(container.partition.itemCount == 200)
        for number in 0..<200 {
            #expect(try container.partition.item(container.key("\(number)", "k")) != nil)
        }
    }

    /// Nothing is reckoned with versions that there cannot be, nor with more entries than versions.
    @Test(arguments: [[UInt64.max, .max], [1, .max], [2, 1], [0, 9], [1, 9, 10], [1, 9, .max], [1, 1 << 62, 1 << 61]])
    func runsOfImpossibleVersionsAreRebuilt(_ versions: [UInt64]) throws {
        let scratch = try Scratch()
        try made(in: scratch)
        let numbers = versions.flatMap { version in (0..<8).map { UInt8(truncatingIfNeeded: version >> ($0 * 8)) } }
        // They stand behind the format's number.
        try changeHeaders(ofRunsIn: scratch) { bytes, place in
            bytes.replaceSubrange((place + 8)..<(place + 8 + numbers.count), with: numbers)
        }
        let store = try Self.open(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        #expect(container.partition.itemCount == 200)
    }

    @Test func aLogCutShortIsAnError() throws {
        let scratch = try Scratch()
        try made(in: scratch)
        for path in try scratch.partitionFiles("log-") { try cut(path) }
        let store = try Self.open(scratch)
        defer { store.close() }
        try expectDamaged { _ = try TestContainer(store) }
    }

    /// The runs know more than the log, or so does the next segment.
    @Test(arguments: [60, 300]) func anOlderCopyOfTheLogIsAnError(_ itemCount: Int) throws {
        let scratch = try Scratch()
        try made(5, in: scratch)
        let older = try scratch.copied()
        try made(itemCount, in: scratch)
        let log = try #require(try scratch.partitionFiles("log-").first)
        try FileManager.default.removeItem(atPath: log)
        try FileManager.default.copyItem(atPath: try older.partitionFolder() + "/log-1", toPath: log)
        #expect(try scratch.partitionFiles("run-").isEmpty == false)
        let store = try Self.open(scratch)
        defer { store.close() }
        try expectDamaged { _ = try TestContainer(store) }
    }
}
