@testable import OrreryEngine
import Testing

/// The order that postings are put in is that of their keys in a run.
@Suite struct PostingOrderTests {
    private let path = IndexPathHash(seed: 1)

    private func key(_ entry: PostingBatch.Entry, _ batch: PostingBatch) -> [UInt8] {
        PostingKey.bytes(path, WalkedPlace(entry, tails: batch.tails).value)
    }

    @Test(arguments: 1...40) func postingsAreInTheOrderOfTheirKeys(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var batch = PostingBatch()
        var wanted: [(key: [UInt8], version: UInt64)] = []
        // Few bytes, zeros among them, and lengths about the ends of words: values that begin one another.
        let lengths = [0, 1, 7, 8, 9, 15, 16, 17, 24, 25, 240]
        for version in UInt64(1)...300 {
            var entries = IndexEntries(selection: .none)
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    entries.add(path, tag: [1, 2, 5, 10].randomElement(using: &generator) ?? 1)
                } else {
                    let bytes = (0..<(lengths.randomElement(using: &generator) ?? 0)).map { _ in
                        UInt8.random(in: 0...1, using: &generator) * (seed % 2 == 0 ? 255 : 1)
                    }
                    entries.add(path, tag: 8, bytes: bytes.span)
                }
            }
            batch.add(entries, version: version)
        }
        for entry in batch.postings { wanted.append((key(entry, batch), entry.version)) }
        wanted.sort { $0.key == $1.key ? $0.version < $1.version : $0.key.lexicographicallyPrecedes($1.key) }
        var once: [(key: [UInt8], version: UInt64)] = []
        for posting in wanted where once.last.map({ $0 != posting }) ?? true { once.append(posting) }
        batch.sort()
        #expect(batch.postings.map(\.version) == once.map(\.version), "seed \(seed)")
        #expect(batch.postings.map { key($0, batch) } == once.map(\.key), "seed \(seed)")
        #expect(listed(batch).map(\.version) == once.map(\.version), "seed \(seed)")
        #expect(listed(batch).map(\.key) == once.map(\.key), "seed \(seed)")
        for _ in 0..<200 {
            let bounds = (0..<2).compactMap { _ in randomValue(near: batch, using: &generator) }.sorted()
            guard let lower = bounds.first, let upper = bounds.last else { continue }
            let inRange = batch.postings.indices.filter { index in
                let value = batch.place(at: index).value
                return lower <= value && value <= upper
            }
            #expect(Array(batch.range(lower...upper)) == inRange, "seed \(seed), \(lower)...\(upper)")
        }
    }

    /// A value of a batch, or one that is shorter or longer than it, or of another type.
    private func randomValue(near batch: PostingBatch, using generator: inout SeededGenerator) -> IndexValue? {
        guard let index = batch.postings.indices.randomElement(using: &generator) else { return nil }
        let value = batch.place(at: index).value
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return IndexValue(tag: value.tag, bytes: Array(value.bytes.dropLast()))
        case 1: return IndexValue(tag: value.tag, bytes: value.bytes + [UInt8.random(in: 0...1, using: &generator)])
        case 2: return IndexValue(tag: UInt8.random(in: 0...12, using: &generator), bytes: value.bytes)
        default: return value
        }
    }

    /// The postings as a flush hands them to a run.
    private func listed(_ batch: PostingBatch) -> [(key: [UInt8], version: UInt64)] {
        var listed: [(key: [UInt8], version: UInt64)] = []
        var list = PostingList()
        var place = 0
        while place < batch.postings.count {
            place = batch.list(from: place, into: &list)
            for version in list.versions { listed.append((list.key, version)) }
        }
        return listed
    }

    @Test func aValueThatAnArrayRepeatsIsAddedOnce() {
        var entries = IndexEntries(selection: .none)
        entries.expectRepetitions()
        for _ in 0..<3 {
            entries.add(path, tag: 5, head: 7, count: 8)
            entries.add(path, tag: 8, bytes: Array("a long value, the same".utf8).span)
            entries.add(path, tag: 8, bytes: Array("a long value, another".utf8).span)
            entries.add(path, tag: 11)
        }
        #expect(entries.entries.count == 4)
        #expect(entries.tails.count == 14 + 13)
    }
}
