@testable import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryQuery
import Testing

/// A scan that others help with gives what it gives alone, in the same order.
@Suite struct ScanAheadTests {
    /// Items in a few ranges, of which a long stretch in the middle is gone, and some are large.
    private static func filled() throws -> QueriedContainer {
        let queried = try QueriedContainer(rangeCount: 2)
        let padding = String(repeating: "x", count: 200_000)
        try queried.upsert((0..<4000).map { number in
            let text = number % 1000 < 6 ? padding : ""
            return #"{"id":"\#(number)","pk":"\#(number % 40)","n":\#(number).1,"text":"\#(text)"}"#
        })
        try queried.deleteAll((1000..<2600).map { ("\($0)", "\($0 % 40)") })
        return queried
    }

    private static func positions(_ documents: PartitionDocuments) throws -> [DocumentPosition] {
        var documents = documents
        var found: [DocumentPosition] = []
        while let next = try documents.next() { found.append(next.position) }
        return found
    }

    @Test(arguments: [1, 3]) func aHelpedScanIsInOrder(threadCount: Int) throws {
        let queried = try Self.filled()
        let snapshots = try queried.container.ranges.map { try queried.container.snapshot(of: $0) }
        let scans = snapshots.map { PartitionDocuments.Part(snapshot: $0, scope: .all, candidates: nil) }
        let alone = try Self.positions(PartitionDocuments(scans, nil))
        #expect(alone.count == 2400)
        let named = snapshots.indices.map { index in
            let versions = alone.filter { $0.partition == index }.map(\.version)
            return PartitionDocuments.Part(snapshot: snapshots[index], scope: .all, candidates: versions)
        }
        let helpers = WorkerPool(threadCount: threadCount)
        for parts in [scans, named] {
            for _ in 0..<2 { #expect(try Self.positions(PartitionDocuments(parts, nil, helpers: helpers)) == alone) }
        }
        helpers.stop()
        // Nobody helps any more.
        for parts in [scans, named] {
            #expect(try Self.positions(PartitionDocuments(parts, nil, helpers: helpers)) == alone)
        }
    }

    @Test func sumsAreTheSameToTheLastBit() throws {
        let queried = try Self.filled()
        var sum = 0.0
        for range in queried.container.ranges {
            let snapshot = try queried.container.snapshot(of: range)
            let part = PartitionDocuments.Part(snapshot: snapshot, scope: .all, candidates: nil)
            var documents = PartitionDocuments([part], nil)
            while let next = try documents.next() { sum += next.document.root["n"]?.double ?? .nan }
        }
        let rows = try queried.page("SELECT VALUE SUM(c.n) FROM c").texts
        #expect(rows.compactMap { Double($0) } == [sum])
    }
}
