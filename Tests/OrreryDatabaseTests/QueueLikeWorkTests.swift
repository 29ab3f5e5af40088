import Foundation
import OrreryDatabase
import OrreryEngine
import OrreryQuery
import Testing

/// Work that kills what it wrote just before: what queries pass by and what files hold must not grow with it. The long
/// form is `orrery-bench queue`.
@Suite struct QueueLikeWorkTests {
    private static func configuration(deltaVersionsMax: Int) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = deltaVersionsMax
        return configuration
    }

    /// Rows of a page, and the postings that it passed.
    private func walk(_ text: String, _ queried: QueriedContainer) throws -> (rows: [String], postingCount: Int) {
        let rows = try queried.page(text).texts
        let access = try queried.access(text)
        #expect(access.method == .indexWalk)
        return (rows, access.actualRows)
    }

    @Test func aCounterStaysOneItem() throws {
        let queried = try QueriedContainer(configuration: Self.configuration(deltaVersionsMax: 500))
        var indexBytes: [Int] = []
        for round in 0..<8 {
            try queried.upsert([#"{"id":"other","pk":"k","n":\#(1_000_000 + round)}"#])
            for _ in 0..<4 {
                let base = queried.writtenCount
                try queried.upsert((1...250).map { #"{"id":"counter","pk":"k","n":\#(base + $0)}"# })
            }
            let (rows, postingCount) = try walk("SELECT TOP 1 VALUE c.id FROM c ORDER BY c.n", queried)
            #expect(rows == [#""counter""#])
            // Of each batch of the delta a few.
            #expect(postingCount <= 600, "round \(round) passed \(postingCount)")
            #expect(try queried.rows("SELECT VALUE MAX(c.n) FROM c").rows == ["\(1_000_000 + round)"])
            #expect(try queried.rows("SELECT VALUE COUNT(1) FROM c").rows == ["2"])
            // Neither in the log's order nor in the index's does anything but the two come.
            #expect(try queried.rows("SELECT VALUE c.id FROM c").rows.sorted() == [#""counter""#, #""other""#])
            indexBytes.append(try queried.indexByteCount)
        }
        #expect(try #require(indexBytes.max()) < 4 << 20, "\(indexBytes)")
    }

    @Test func theHeadOfAQueueIsFoundAtOnce() throws {
        let queried = try QueriedContainer(configuration: Self.configuration(deltaVersionsMax: 400))
        func item(_ number: Int) -> String { #"{"id":"q\#(number)","pk":"k\#(number % 7)","n":\#(number)}"# }
        try queried.upsert((0..<12_000).map(item))
        var (head, tail) = (0, 12_000)
        var passed: [Int] = []
        while head < 3_000 {
            try queried.deleteAll((head..<(head + 100)).map { ("q\($0)", "k\($0 % 7)") })
            try queried.upsert((tail..<(tail + 100)).map(item))
            (head, tail) = (head + 100, tail + 100)
            let (first, firstCount) = try walk("SELECT TOP 1 VALUE c.n FROM c ORDER BY c.n", queried)
            #expect(first == ["\(head)"])
            let (last, lastCount) = try walk("SELECT TOP 2 VALUE c.n FROM c ORDER BY c.n DESC", queried)
            #expect(last == ["\(tail - 1)", "\(tail - 2)"])
            #expect(try queried.rows("SELECT VALUE MIN(c.n) FROM c").rows == ["\(head)"])
            passed.append(max(firstCount, lastCount))
        }
        // Runs tell what is dead at their head; of the delta's batches all that died is passed. A run that was just
        // merged is walked once before it can tell; without such memory two walks of three would pass more than this.
        #expect(passed.count { $0 > 900 } <= 5, "\(passed)")
        #expect(try queried.rows("SELECT VALUE COUNT(1) FROM c WHERE c.n >= 0").rows == ["12000"])
    }
}
