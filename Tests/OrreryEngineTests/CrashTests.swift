import Foundation
import OrreryEngine
import Synchronization
import Testing

/// What a crash would leave, taken as copies of the directory between acknowledged writes, while flushes, merges and
/// removals of files go on: each copy opens and holds exactly what was acknowledged. (Tests/EndToEnd kills the server.)
@Suite struct CrashTests {
    private static func configuration() -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 12
        configuration.mergeFanIn = 2
        configuration.segmentBytes = 1 << 16
        return configuration
    }

    @Test(arguments: [11, 12, 13] as [UInt64]) func everyCopyHoldsWhatWasAcknowledged(_ seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path, configuration: Self.configuration())
        defer { store.close() }
        let container = try TestContainer(store)
        var model: [String: String] = [:]
        for round in 0..<12 {
            for write in 0..<Int.random(in: 10...60, using: &random) {
                let id = "\(Int.random(in: 0..<40, using: &random))"
                if Int.random(in: 0..<4, using: &random) == 0 {
                    if container.commit(try container.delete(id, "k")).isSuccess { model[id] = nil }
                } else {
                    #expect(container.commit(try container.upsert(id, "k", "\(round)-\(write)")).isSuccess)
                    model[id] = "\(round)-\(write)"
                }
            }
            try check(try scratch.crashed(), model, lsn: container.partition.lsn, "seed \(seed), round \(round)")
        }
    }

    private func check(_ crashed: Scratch, _ model: [String: String], lsn: UInt64, _ place: String) throws {
        let store = try Store(directory: crashed.path, configuration: Self.configuration())
        defer { store.close() }
        let container = try TestContainer(store)
        #expect(container.partition.lsn == lsn, "\(place)")
        #expect(container.partition.itemCount == model.count, "\(place)")
        var found: [String: String] = [:]
        _ = try container.partition.snapshot().scan(.all) { item in
            found[String(decoding: item.id, as: UTF8.self)] = container.payload(item)
            return true
        }
        #expect(found == model, "\(place)")
        for number in 0..<40 {
            let item = try container.partition.item(container.key("\(number)", "k"))
            #expect(item.map(container.payload) == model["\(number)"], "\(place), item \(number)")
        }
        let next = try #require(container.commit(try container.upsert("next", "k", "")).outcome, "\(place)")
        #expect(next.item.lsn == lsn + 1, "\(place)")
    }
}
