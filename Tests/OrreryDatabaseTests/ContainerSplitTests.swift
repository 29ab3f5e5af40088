import Dispatch
import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryQuery
import Synchronization
import TestSupport
import Testing

/// What a container's clients have in hand holds when its partitions are split.
@Suite struct ContainerSplitTests {
    private func document(_ id: String, _ more: String = "") throws -> JSONDocument {
        try Container.document(parsing: Array(#"{"id":"\#(id)","pk":"\#(id)"\#(more)}"#.utf8))
    }

    private func commit(_ container: Container, _ operation: ItemOperation) throws -> ItemCommitAnswer {
        let answer = ItemTests.Answer()
        container.commit([operation]) { answer.set($0) }
        return try answer.wait()
    }

    private func create(_ container: Container, _ ids: some Sequence<Int>, _ more: String = "") throws {
        for id in ids {
            _ = try commit(container, container.preparingCreate(document("\(id)", more), partitionKey: nil))
        }
    }

    private func raise(_ account: Account, _ container: Container, to requestUnits: Int) throws -> Container {
        #expect(SplitDriver.raise(account, container.resourceID, to: requestUnits))
        return try account.openContainer(container.resourceID)
    }

    private func rows(_ page: QueryPage) throws -> [JSONValue] {
        let brackets = (Array("[".utf8), Array("]".utf8))
        return try JSONValue(parsing: brackets.0 + page.rows + brackets.1).array ?? []
    }

    private func key(_ id: String) -> PartitionKey { PartitionKey([.string(id)]) }

    @Test func throughputDecidesHowManyThereAre() throws {
        let scratch = ItemTests.Scratch()
        var (account, container) = try scratch.open()
        try create(container, 0..<60)
        let session = try commit(container, container.preparingCreate(document("60"), partitionKey: nil)).progress
        container = try raise(account, container, to: 11_000)
        #expect(container.ranges.map(\.id) == ["1", "2"])
        #expect(container.ranges.map(\.parents) == [[0], [0]])
        #expect(container.ranges.map(\.keys.min.hex) == ["", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"])
        // One stays, one is divided; and none are put together again.
        container = try raise(account, container, to: 25_000)
        #expect(container.ranges.map(\.id) == ["3", "4", "2"])
        #expect(container.ranges.map(\.parents) == [[0, 1], [0, 1], [0]])
        container = try raise(account, container, to: 400)
        container = try raise(account, container, to: 45_000)
        #expect(container.ranges.map(\.id) == ["7", "8", "4", "5", "6"])
        for (range, next) in zip(container.ranges, container.ranges.dropFirst()) {
            #expect(range.keys.max == next.keys.min)
        }
        var resourceNumbers: Set<UInt64> = []
        for id in 0...60 {
            // What the parent acknowledged is not too new for any of its children.
            let found = try container.item(id: Array("\(id)".utf8), partitionKey: key("\(id)")) { _ in session.lsn }
            resourceNumbers.insert(found.item.documentNumber)
        }
        try create(container, 61..<100)
        for id in 61..<100 {
            resourceNumbers.insert(
                try container.item(id: Array("\(id)".utf8), partitionKey: key("\(id)")).item.documentNumber)
        }
        #expect(resourceNumbers.count == 100)
        account.close()
        (account, container) = try scratch.open()
        defer { account.close() }
        #expect(container.ranges.count == 5)
        #expect(try container.items(in: .container, from: nil, itemCountMax: nil).items.count == 100)
    }

    @Test(arguments: [31, 32, 33, 34] as [UInt64]) func pagesGoOnWhereTheyWere(_ seed: UInt64) throws {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var (account, container) = try ItemTests.Scratch().open()
        defer { account.close() }
        try create(container, 0..<200)
        let query = try Query(#"SELECT VALUE c.id FROM c WHERE c.id != "x""#)
        let sorted = try Query("SELECT VALUE c.id FROM c ORDER BY c.id")
        var (listed, queried, ordered): ([String], [String], [String]) = ([], [], [])
        var position: FeedPosition?
        var options = QueryPageOptions(sign: { Array($0.suffix(8)) })
        var sortedOptions = options
        var (isListed, isQueried, isSorted) = (false, false, false)
        var peak = 1_000
        while !(isListed && isQueried && isSorted) {
            if peak < 81_000, random.next() % 3 == 0 {
                peak += 10_000
                container = try raise(account, container, to: peak)
            }
            if !isListed {
                let page = try container.items(
                    in: .container, from: position, itemCountMax: Int(random.next() % 20) + 1)
                listed += page.items.map { String(decoding: $0.id, as: UTF8.self) }
                position = page.next
                isListed = position == nil
            }
            if !isQueried {
                options.rowCountMax = Int(random.next() % 20) + 1
                let page = try container.page(of: query, in: .container, options: options).page
                queried += try rows(page).compactMap(\.string)
                options.continuation = page.continuation
                isQueried = page.continuation == nil
            }
            if !isSorted {
                sortedOptions.rowCountMax = Int(random.next() % 20) + 1
                let page = try container.page(of: sorted, in: .container, options: sortedOptions).page
                ordered += try rows(page).compactMap(\.string)
                sortedOptions.continuation = page.continuation
                isSorted = page.continuation == nil
            }
        }
        let all = (0..<200).map(String.init).sorted()
        #expect(listed.sorted() == all, "seed \(seed)")
        #expect(queried.sorted() == all, "seed \(seed)")
        #expect(ordered == all, "seed \(seed)")
        #expect(container.ranges.count > 2)
    }

    /// SDKs ask range by range, and go on in each child with the token that the parent gave.
    @Test(arguments: [
        "SELECT VALUE c.id FROM c", "SELECT VALUE c.id FROM c ORDER BY c.id", "SELECT TOP 200 VALUE c.id FROM c",
    ])
    func aParentsContinuationHoldsInEachChild(_ text: String) throws {
        var (account, container) = try ItemTests.Scratch().open()
        defer { account.close() }
        try create(container, 0..<100)
        let query = try Query(text)
        var options = QueryPageOptions(sign: { Array($0.suffix(8)) })
        options.rowCountMax = 30
        let parent = try #require(container.ranges.first)
        let first = try container.page(of: query, in: .keys(parent.keys), options: options).page
        var ids = try rows(first).compactMap(\.string)
        #expect(ids.count == 30)
        container = try raise(account, container, to: 11_000)
        for range in container.ranges {
            options.continuation = first.continuation
            repeat {
                let page = try container.page(of: query, in: .keys(range.keys), options: options).page
                ids += try rows(page).compactMap(\.string)
                options.continuation = page.continuation
            } while options.continuation != nil
        }
        #expect(ids.sorted() == (0..<100).map(String.init).sorted())
    }

    private final class Clock: Sendable {
        let milliseconds = Atomic<Int64>(1_800_000_000_000)
    }

    @Test func thePoliciesHoldInTheChildren() throws {
        let clock = Clock()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 16
        configuration.clock = { clock.milliseconds.load(ordering: .relaxed) }
        var (account, container) = try ItemTests.Scratch().open(
            #","defaultTtl":100,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/name"]}]}"#, configuration)
        defer { account.close() }
        try create(container, 0..<40, #","name":"n""#)
        try create(container, 40..<50, #","name":"n","ttl":-1"#)
        container = try raise(account, container, to: 31_000)
        #expect(container.ranges.count == 4)
        // Values that were unique within a partition key are so still.
        #expect(throws: (any Error).self) {
            let text = #"{"id":"other","pk":"7","name":"n"}"#
            _ = try commit(
                container,
                container.preparingCreate(Container.document(parsing: Array(text.utf8)), partitionKey: nil))
        }
        clock.milliseconds.store(1_800_000_200_000, ordering: .relaxed)
        let page = try container.items(in: .container, from: nil, itemCountMax: nil)
        #expect(Set(page.items.map { String(decoding: $0.id, as: UTF8.self) }) == Set((40..<50).map(String.init)))
        let count = try container.page(
            of: Query("SELECT VALUE COUNT(1) FROM c"), in: .container,
            options: QueryPageOptions(sign: { _ in [] })).page
        #expect(try rows(count).first?.int64 == 10)
    }

    /// The definition is replaced again and again, and partition keys are deleted, while partitions are split.
    @Test(arguments: [41, 42] as [UInt64]) func policiesChangeMeanwhile(_ seed: UInt64) throws {
        print("seed \(seed)")
        let clock = Clock()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 32
        configuration.mergeFanIn = 2
        configuration.clock = { clock.milliseconds.load(ordering: .relaxed) }
        let (account, first) = try ItemTests.Scratch().open("", configuration)
        defer { account.close() }
        let lookup = ContainerLookup(account, first)
        try create(first, 0..<200, #","colour":"red""#)
        let isSplit = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            for step in 0..<8 {
                _ = SplitDriver.raise(account, first.resourceID, to: 11_000 + 10_000 * step)
            }
            isSplit.signal()
        }
        var random = SplitMix64(seed: seed)
        var (alive, next) = (Set(0..<200), 200)
        for round in 0..<40 {
            let isIndexed = round % 2 == 1
            let policy = isIndexed ? #"{"includedPaths":[{"path":"/*"}]}"#
                : #"{"includedPaths":[{"path":"/pk/?"}],"excludedPaths":[{"path":"/*"}]}"#
            let timeToLive = round % 4 < 2 ? "" : #","defaultTtl":-1"#
            let text = #"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"indexingPolicy":"#
                + policy + timeToLive + "}"
            _ = try account.replaceContainer(
                first.resourceID, with: ContainerDefinition(JSONValue(parsing: Array(text.utf8))))
            try create(lookup.container, next..<(next + 3), #","colour":"red""#)
            alive.formUnion(next..<(next + 3))
            next += 3
            let gone = try #require(alive.randomElement(using: &random))
            let answer = DispatchSemaphore(value: 0)
            lookup.container.deleteItems(of: key("\(gone)")) { result in
                if case .success(let deletion) = result, deletion.itemCount == 1 { answer.signal() }
            }
            #expect(answer.wait(timeout: .now() + 30) == .success)
            alive.remove(gone)
        }
        isSplit.wait()
        let container = lookup.container
        #expect(container.ranges.count == 9)
        let query = try Query(#"SELECT VALUE c.id FROM c WHERE c.colour = "red" ORDER BY c.id"#)
        var options = QueryPageOptions(sign: { Array($0.suffix(8)) })
        options.rowCountMax = 1000
        let found = try rows(container.page(of: query, in: .container, options: options).page).compactMap(\.string)
        #expect(found == alive.map(String.init).sorted(), "seed \(seed)")
        // All index by the last policy, whichever ranges there were when it came.
        var percent = 0
        let end = Date().addingTimeInterval(30)
        while percent < 100, Date() < end { percent = account.indexProgressPercent(of: first.resourceID) }
        #expect(percent == 100)
        // And all items end by the last time to live.
        let text = #"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"defaultTtl":100}"#
        _ = try account.replaceContainer(
            first.resourceID, with: ContainerDefinition(JSONValue(parsing: Array(text.utf8))))
        clock.milliseconds.add(200_000, ordering: .relaxed)
        #expect(try lookup.container.items(in: .container, from: nil, itemCountMax: nil).items.isEmpty)
    }

    @Test func aPartitionThatGrowsIsSplitByItsItems() throws {
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 1 << 15
        configuration.partitionBytesMax = 1 << 17
        var (account, container) = try ItemTests.Scratch().open("", configuration)
        defer { account.close() }
        let filling = #","text":"\#(String(repeating: "x", count: 500))""#
        try create(container, 0..<400, filling)
        let waited = DispatchSemaphore(value: 0)
        account.whenSplit(container.resourceID, withinMilliseconds: 60_000) { waited.signal() }
        waited.wait()
        container = try account.openContainer(container.resourceID)
        #expect(container.ranges.count >= 2)
        let counts = try container.ranges.map { try container.snapshot(of: $0).itemCount }
        #expect(counts.reduce(0, +) == 400)
        #expect(counts.allSatisfy { $0 > 50 })
        #expect(!account.isSplitPending(in: container.resourceID))
    }

    /// Version 1's keys crowd in a corner of the key space; a range is halved where they are.
    @Test func keysOfVersionOneAreDividedToo() throws {
        var (account, container) = try ItemTests.Scratch().open(partitionKey: #"{"paths":["/pk"],"kind":"Hash"}"#)
        defer { account.close() }
        try create(container, 0..<100)
        container = try raise(account, container, to: 11_000)
        let counts = try container.ranges.map { try container.snapshot(of: $0).itemCount }
        #expect(counts.count == 2 && counts.reduce(0, +) == 100)
        #expect(counts.allSatisfy { $0 > 20 })
        for id in 0..<100 {
            #expect(try container.item(id: Array("\(id)".utf8), partitionKey: key("\(id)")).item.version > 0)
        }
    }

    /// One tenant's users are in two partitions, and its prefix names them all.
    @Test func aTenantOfAHierarchicalKeyIsDivided() throws {
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 1 << 15
        configuration.partitionBytesMax = 1 << 17
        let definition = #"{"paths":["/tenant","/pk"],"kind":"MultiHash","version":2}"#
        var (account, container) = try ItemTests.Scratch().open("", configuration, partitionKey: definition)
        defer { account.close() }
        let filling = #","tenant":"one","text":"\#(String(repeating: "x", count: 500))""#
        try create(container, 0..<400, filling)
        let waited = DispatchSemaphore(value: 0)
        account.whenSplit(container.resourceID, withinMilliseconds: 60_000) { waited.signal() }
        waited.wait()
        container = try account.openContainer(container.resourceID)
        #expect(container.ranges.count >= 2)
        let tenant = FeedScope.partitionKey(PartitionKey([.string("one")]))
        #expect(container.ranges(of: tenant).count >= 2)
        var position: FeedPosition?
        var ids: [String] = []
        repeat {
            let page = try container.items(in: tenant, from: position, itemCountMax: 70)
            ids += page.items.map { String(decoding: $0.id, as: UTF8.self) }
            position = page.next
        } while position != nil
        #expect(ids.sorted() == (0..<400).map(String.init).sorted())
    }

    @Test func onePartitionKeyIsNotDivided() throws {
        var configuration = EngineConfiguration()
        configuration.segmentBytes = 1 << 14
        configuration.partitionBytesMax = 1 << 16
        let (account, container) = try ItemTests.Scratch().open("", configuration)
        defer { account.close() }
        for id in 0..<200 {
            let text = #"{"id":"\#(id)","pk":"one","text":"\#(String(repeating: "x", count: 500))"}"#
            _ = try commit(
                container, container.preparingCreate(Container.document(parsing: Array(text.utf8)), partitionKey: nil))
        }
        let waited = DispatchSemaphore(value: 0)
        account.whenSplit(container.resourceID, withinMilliseconds: 60_000) { waited.signal() }
        waited.wait()
        #expect(try account.openContainer(container.resourceID).ranges.map(\.id) == ["0"])
        #expect(!account.isSplitPending(in: container.resourceID))
    }

    /// A crash, or a server that is stopped, in the middle of a split.
    @Test func whatWasBegunIsResumed() throws {
        let scratch = ItemTests.Scratch()
        var (account, container) = try scratch.open()
        try create(container, 0..<50)
        account.close()
        // What a crash leaves behind once the range is marked and a child is begun.
        let store = try Store(directory: scratch.path)
        let record = try #require(store.catalog.list(.partition, under: container.resourceID).first)
        let body = String(decoding: record.body, as: UTF8.self)
            .replacingOccurrences(of: #""status":"online""#, with: #""status":"splitting""#)
        _ = try store.catalog.replace(.partition, record.resourceID, body: Array(body.utf8))
        let parent = try store.partition(of: container.resourceID, rangeNumber: 0)
        let split = try store.beginSplit(of: parent, at: [0x20], into: (1, 2))
        try split.copy(isCancelled: { false })
        store.close()

        (account, container) = try scratch.open()
        defer { account.close() }
        let waited = DispatchSemaphore(value: 0)
        account.whenSplit(container.resourceID, withinMilliseconds: 60_000) { waited.signal() }
        waited.wait()
        container = try account.openContainer(container.resourceID)
        #expect(container.ranges.map(\.id) == ["1", "2"])
        #expect(container.ranges.allSatisfy { !$0.isSplitting })
        #expect(try container.items(in: .container, from: nil, itemCountMax: nil).items.count == 50)
    }
}
