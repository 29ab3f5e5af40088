import Foundation
import OrreryEngine
import OrreryKeys
import Testing

/// Random writes against a partition with tiny limits, so that flushes, merges, segments and reopenings come all the
/// time; after each stretch every read is held against a dictionary.
@Suite struct PartitionModelTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func randomWritesMatchAModel(_ seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = Int.random(in: 5...60, using: &random)
        configuration.mergeFanIn = Int.random(in: 2...4, using: &random)
        configuration.segmentBytes = 1 << 16
        if seed % 3 == 0 { configuration.durability = .relaxed(milliseconds: 3) }
        var model: [String: ModelItem] = [:]
        var numbers = Numbers()
        var lastLSN: UInt64 = 0
        for _ in 0..<6 {
            let store = try Store(directory: scratch.path, configuration: configuration)
            let container = try TestContainer(store)
            #expect(container.partition.lsn == lastLSN, "seed \(seed)")
            for _ in 0..<400 {
                try step(container, &model, &numbers, &random, seed)
            }
            try check(container, model, seed)
            lastLSN = container.partition.lsn
            store.close()
        }
    }

    /// The last numbers given: versions have no gaps, and no document number comes twice.
    struct Numbers {
        var version: UInt64 = 0
        var document: UInt64 = 0
    }

    struct ModelItem: Equatable {
        var text: String
        var etag: ItemEtag
        var documentNumber: UInt64
    }

    private func step(
        _ container: TestContainer, _ model: inout [String: ModelItem], _ numbers: inout Numbers,
        _ random: inout SeededGenerator, _ seed: UInt64
    ) throws {
        let id = "item-\(Int.random(in: 0..<80, using: &random))"
        let partitionKey = "key-\(id.utf8.count * 7 % 3)"
        let text = String(repeating: "x", count: Int.random(in: 0...300, using: &random))
        let known = model[id]
        let before = container.partition.lsn
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2:
            let result = container.commit(try container.create(id, partitionKey, text))
            #expect(result.isSuccess == (known == nil), "seed \(seed)")
            record(result, id, text, &model, &numbers)
        case 3...5:
            let result = container.commit(try container.upsert(id, partitionKey, text))
            record(result, id, text, &model, &numbers)
            #expect(result.outcome?.effect == (known == nil ? .created : .replaced))
        case 6:
            let etag = Bool.random(using: &random) ? known?.etag : nil
            let result = container.commit(try container.replace(id, partitionKey, text, .match(etag)))
            #expect(result.isSuccess == (known != nil && etag == known?.etag), "seed \(seed)")
            record(result, id, text, &model, &numbers)
        case 7...8:
            let result = container.commit(try container.delete(id, partitionKey))
            #expect(result.isSuccess == (known != nil), "seed \(seed)")
            if result.isSuccess {
                model[id] = nil
                numbers.version += 1
            }
        default:
            // A batch whose last write is refused leaves nothing behind.
            let result = container.commit(
                try container.upsert(id, partitionKey, text), try container.upsert(id, partitionKey, text + "2"),
                try container.delete("absent", partitionKey))
            #expect(!result.isSuccess)
            #expect(container.partition.lsn == before)
        }
    }

    private func record(
        _ result: TestContainer.CommitResult, _ id: String, _ text: String, _ model: inout [String: ModelItem],
        _ numbers: inout Numbers
    ) {
        guard let outcome = result.outcome else { return }
        if let known = model[id] {
            #expect(outcome.item.documentNumber == known.documentNumber)
        } else {
            #expect(outcome.item.documentNumber > numbers.document)
            numbers.document = outcome.item.documentNumber
        }
        #expect(outcome.item.version == numbers.version + 1)
        numbers.version = outcome.item.version
        model[id] = ModelItem(text: text, etag: outcome.item.etag, documentNumber: outcome.item.documentNumber)
    }

    private func check(_ container: TestContainer, _ model: [String: ModelItem], _ seed: UInt64) throws {
        #expect(container.partition.itemCount == model.count, "seed \(seed)")
        for number in 0..<80 {
            let id = "item-\(number)"
            let found = try container.partition.item(container.key(id, "key-\(id.utf8.count * 7 % 3)"))
            #expect(found.map(container.payload) == model[id]?.text, "seed \(seed), \(id)")
            #expect(found?.etag == model[id]?.etag, "seed \(seed), \(id)")
        }
        // Whole scans, in pages of seven, and scans by key.
        var all: [String] = []
        var last: UInt64 = 0
        var isAtEnd = false
        while !isAtEnd {
            var page = 0
            isAtEnd = try container.partition.snapshot().scan(.all, after: last) { item in
                all.append(String(decoding: item.id, as: UTF8.self))
                #expect(item.version > last)
                last = item.version
                page += 1
                return page < 7
            }
        }
        #expect(all.sorted() == model.keys.sorted(), "seed \(seed)")
        var byKey: [String] = []
        for partitionKey in ["key-0", "key-1", "key-2"] {
            _ = try container.partition.snapshot().scan(container.scope(partitionKey)) { item in
                byKey.append(String(decoding: item.id, as: UTF8.self))
                return true
            }
        }
        #expect(byKey.sorted() == model.keys.sorted(), "seed \(seed)")
    }
}
