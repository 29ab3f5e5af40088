@testable import OrreryEngine
import Testing

/// What a delta's filter says of hashes.
@Suite struct DeltaFilterTests {
    private func batch(_ hashes: [UInt64], from version: UInt64) -> DeltaBatch {
        let entries = hashes.enumerated().map {
            DeltaBatch.HashEntry(hash: $1, version: version + UInt64($0))
        }
        return DeltaBatch(
            firstVersion: version, lastVersion: version + UInt64(hashes.count) - 1, hashes: entries.sorted(), keys: [],
            itemCountChange: 0, superseded: [], tombstones: [], postings: PostingColumns([]), selection: .none,
            expiries: [])
    }

    @Test(arguments: [1, 10, 700]) func aLargeDeltaKnowsWhatItLacks(_ groupSize: Int) {
        var generator = SeededGenerator(seed: UInt64(groupSize))
        var delta = Delta()
        var inserted: [UInt64] = []
        var earlier: (delta: Delta, count: Int)?
        while inserted.count < 20_000 {
            let hashes = (0..<groupSize).map { _ in UInt64.random(in: 0...UInt64.max, using: &generator) }
            delta.append(batch(hashes, from: UInt64(inserted.count) + 1))
            inserted += hashes
            if earlier == nil, inserted.count > 5000 { earlier = (delta, inserted.count) }
        }
        #expect(delta.count == inserted.count)
        #expect(inserted.allSatisfy { delta.mayContain($0) })
        #expect(inserted.prefix(earlier?.count ?? 0).allSatisfy { earlier?.delta.mayContain($0) == true })
        let alarms = (0..<10_000).count { _ in delta.mayContain(UInt64.random(in: 0...UInt64.max, using: &generator)) }
        #expect(alarms < 100, "of 10,000 hashes that it lacks, seed \(groupSize)")
    }

    /// Thousands of partitions have a delta each, and most of these are small.
    @Test func aSmallDeltaIsSearched() {
        var delta = Delta()
        delta.append(batch([7], from: 1))
        #expect(delta.mayContain(7) && delta.mayContain(8))
    }
}
