import Foundation
import OrreryEngine
import Testing

/// Logs lose what nobody may ask for any more, and nothing else: not to readers, not to the next opening, and not to a
/// rebuilding of the runs from what is left.
@Suite struct TrimTests {
    private static func configuration(retentionMilliseconds: Int64 = 0) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 50
        configuration.mergeFanIn = 2
        configuration.segmentBytes = 1 << 14
        configuration.retentionMilliseconds = retentionMilliseconds
        return configuration
    }

    private func open(_ scratch: Scratch, retentionMilliseconds: Int64 = 0) throws -> Store {
        try Store(
            directory: scratch.path, configuration: Self.configuration(retentionMilliseconds: retentionMilliseconds))
    }

    @Test func aCounterStaysSmall() throws {
        let scratch = try Scratch()
        let store = try open(scratch)
        let container = try TestContainer(store)
        // Among items that stay, so that the segment of the first value is never worth trimming.
        for number in 0..<60 { _ = container.commit(try container.create("\(number)", "k", "stays")) }
        for value in 1...3000 {
            _ = container.commit(try container.upsert("counter", "k", "\(value)" + String(repeating: "x", count: 100)))
        }
        let isSmall = eventually { container.partition.statistics.logBytes < 150_000 }
        #expect(isSmall, "\(container.partition.statistics.logBytes) bytes")
        #expect(container.partition.itemCount == 61)
        store.close()
        try check(scratch, items: 61, "3000")
        // Of all that, a rebuilding must not take an older value for live.
        let copy = try scratch.copied()
        for path in try copy.partitionFiles("run-") { try FileManager.default.removeItem(atPath: path) }
        try check(copy, items: 61, "3000")
    }

    private func check(_ scratch: Scratch, items: Int, _ value: String) throws {
        let copy = try scratch.copied()
        let store = try open(copy)
        defer { store.close() }
        let container = try TestContainer(store)
        #expect(container.partition.itemCount == items)
        let item = try #require(try container.partition.item(container.key("counter", "k")))
        #expect(container.payload(item).hasPrefix(value))
        var ids: [String] = []
        _ = try container.partition.snapshot().scan(.all) { item in
            ids.append(String(decoding: item.id, as: UTF8.self))
            return true
        }
        #expect(ids.count == items && Set(ids).count == items)
    }

    @Test func whatIsWithinTheRetentionStays() throws {
        let scratch = try Scratch()
        let store = try open(scratch, retentionMilliseconds: 3_600_000)
        defer { store.close() }
        let container = try TestContainer(store)
        for value in 1...1000 { _ = container.commit(try container.upsert("counter", "k", "\(value)")) }
        // A retention that ends lets all of it go; until then it is there, each change with what it took the place of.
        var changes = 0
        _ = try container.partition.snapshot().history(.all) { change in
            changes += 1
            if changes > 1, change.previous == nil { Issue.record("change \(changes) lacks what was before") }
            return true
        }
        #expect(changes == 1000)
        #expect(container.partition.trimmedVersion == 0)
        container.partition.changeRetention(toMilliseconds: 0)
        let isTrimmed = eventually { container.partition.trimmedVersion > 0 }
        #expect(isTrimmed)
        // Behind the trimmed part the history is whole.
        _ = try container.partition.snapshot().history(.all, after: container.partition.trimmedVersion) { change in
            if change.previous == nil { Issue.record("LSN \(change.item.lsn) lacks what was before") }
            return true
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func whateverIsTrimmedAllItemsStay(_ seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        var model: [String: String] = [:]
        var hasTrimmed = false
        for round in 0..<5 {
            let store = try open(scratch)
            let container = try TestContainer(store)
            let isRight = try contents(container) == model
            #expect(isRight, "seed \(seed), round \(round)")
            for write in 0..<400 {
                let id = "\(Int.random(in: 0..<30, using: &random))"
                if Int.random(in: 0..<3, using: &random) == 0 {
                    if container.commit(try container.delete(id, "k")).isSuccess { model[id] = nil }
                } else {
                    let filling = String(repeating: "y", count: Int.random(in: 0...300, using: &random))
                    let text = "\(round)-\(write)" + filling
                    #expect(container.commit(try container.upsert(id, "k", text)).isSuccess)
                    model[id] = text
                }
            }
            _ = eventually(seconds: 2) { container.partition.trimmedVersion > UInt64(round) * 300 }
            hasTrimmed = hasTrimmed || container.partition.trimmedVersion > 0
            let isStillRight = try contents(container) == model
            #expect(isStillRight, "seed \(seed), round \(round)")
            store.close()
            let copy = try scratch.copied()
            for path in try copy.partitionFiles("run-") { try FileManager.default.removeItem(atPath: path) }
            let rebuilt = try open(copy)
            defer { rebuilt.close() }
            let rebuiltContainer = try TestContainer(rebuilt)
            #expect(rebuiltContainer.partition.itemCount == model.count, "seed \(seed), round \(round), rebuilt")
            let isRebuiltRight = try contents(rebuiltContainer) == model
            #expect(isRebuiltRight, "seed \(seed), round \(round), rebuilt")
        }
        #expect(hasTrimmed)
    }

    /// By point reads and by a walk, which must agree.
    private func contents(_ container: TestContainer) throws -> [String: String] {
        var read: [String: String] = [:]
        for number in 0..<30 {
            if let item = try container.partition.item(container.key("\(number)", "k")) {
                read["\(number)"] = container.payload(item)
            }
        }
        var walked: [String: String] = [:]
        _ = try container.partition.snapshot().scan(.all) { item in
            walked[String(decoding: item.id, as: UTF8.self)] = container.payload(item)
            return true
        }
        let agree = read == walked
        #expect(agree)
        return read
    }
}
