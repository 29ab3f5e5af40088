import Foundation
import Synchronization
import Testing

@testable import OrreryEngine

/// A clock that stands until a test moves it.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)

    func advance(seconds: Double) { milliseconds.withLock { $0 += Int64(seconds * 1000) } }
    var now: Int64 { milliseconds.withLock { $0 } }
}

@Suite struct TimeToLiveTests {
    private let clock = TestClock()

    private func store(_ scratch: Scratch, deltaVersionsMax: Int = 1000) throws -> Store {
        var configuration = EngineConfiguration()
        let clock = clock
        configuration.clock = { clock.now }
        configuration.deltaVersionsMax = deltaVersionsMax
        configuration.mergeFanIn = 2
        return try Store(directory: scratch.path, configuration: configuration)
    }

    private func upsert(_ container: TestContainer, _ id: String, timeToLive: Int32 = 0) throws {
        let body = try container.body("text", timeToLive: timeToLive)
        let write = ItemWrite(key: container.key(id, "k"), operation: .upsert(body))
        try #require(container.commit(write).isSuccess)
    }

    private func ids(_ container: TestContainer) throws -> [String] {
        var ids: [String] = []
        _ = try container.partition.snapshot().scan(.all) { item in
            ids.append(String(decoding: item.id, as: UTF8.self))
            return true
        }
        var ofKey: [String] = []
        _ = try container.partition.snapshot().scan(container.scope("k")) { item in
            ofKey.append(String(decoding: item.id, as: UTF8.self))
            return true
        }
        #expect(ofKey == ids)
        for id in ids { #expect(try container.partition.item(container.key(id, "k")) != nil) }
        return ids
    }

    /// Sweeps until nothing more is due, as the timer would.
    private func sweep(_ container: TestContainer) {
        let partition = container.partition
        partition.sweepOnce()
        // A commit of nothing comes back after those before it.
        _ = container.commit()
    }

    @Test func anItemEndsAtItsMomentAndNotBefore() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        let container = try TestContainer(store, timeToLive: .after(seconds: 10))
        try upsert(container, "default")
        try upsert(container, "short", timeToLive: 3)
        try upsert(container, "long", timeToLive: 100)
        try upsert(container, "forever", timeToLive: -1)
        clock.advance(seconds: 2.999)
        #expect(try ids(container) == ["default", "short", "long", "forever"])
        let before = container.partition.snapshot()
        clock.advance(seconds: 0.001)
        #expect(try ids(container) == ["default", "long", "forever"])
        #expect(try container.partition.item(container.key("short", "k")) == nil)
        // What was a snapshot stays one.
        var count = 0
        _ = try before.scan(.all) { _ in count += 1; return true }
        #expect(count == 4)
        clock.advance(seconds: 7)
        #expect(try ids(container) == ["long", "forever"])
        clock.advance(seconds: 1000)
        #expect(try ids(container) == ["forever"])
    }

    @Test func withThePolicyOffNothingEnds() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        let container = try TestContainer(store)
        try upsert(container, "a", timeToLive: 1)
        clock.advance(seconds: 100)
        #expect(try ids(container) == ["a"])
        try container.partition.changeTimeToLive(to: .itemsOwn)
        #expect(try ids(container) == [])
    }

    @Test func aWriteOverAnItemThatEndedFindsNone() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        // So long that no sweep by the timer, which knows no clock but the real one, comes while this runs.
        let container = try TestContainer(store, timeToLive: .after(seconds: 5000))
        container.waitForFirstSweep()
        try upsert(container, "a")
        let first = try #require(try container.partition.item(container.key("a", "k")))
        clock.advance(seconds: 5000)
        #expect(!container.commit(try container.replace("a", "k", "2")).isSuccess)
        #expect(!container.commit(try container.delete("a", "k")).isSuccess)
        #expect(container.partition.lsn == 1, "a refused write leaves nothing behind")
        let result = container.commit(try container.create("a", "k", "3"))
        #expect(result.outcome?.effect == .created)
        #expect(container.partition.lsn == 2, "the expiry and the create share an LSN")
        let second = try #require(try container.partition.item(container.key("a", "k")))
        #expect(second.documentNumber != first.documentNumber)
        #expect(container.partition.itemCount == 1)
        // Expiry and create are two versions of the log.
        #expect(second.version == first.version + 2)
    }

    @Test func aSweepLogsWhatEndedFromDeltaAndRuns() throws {
        let scratch = try Scratch()
        let store = try store(scratch, deltaVersionsMax: 50)
        let container = try TestContainer(store, timeToLive: .after(seconds: 50))
        for number in 0..<330 { try upsert(container, "\(number)", timeToLive: number % 3 == 0 ? 20 : 0) }
        try upsert(container, "kept", timeToLive: -1)
        clock.advance(seconds: 20)
        sweep(container)
        #expect(container.partition.itemCount == 221)
        clock.advance(seconds: 30)
        sweep(container)
        #expect(container.partition.itemCount == 1)
        store.close()
        let again = try self.store(scratch, deltaVersionsMax: 50)
        defer { again.close() }
        // Removed is removed, also without the policy.
        #expect(try ids(TestContainer(again)) == ["kept"])
    }

    @Test func aLongerTimeToLiveBringsNothingBack() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        defer { store.close() }
        let container = try TestContainer(store, timeToLive: .after(seconds: 5))
        for number in 0..<1200 { try upsert(container, "\(number)") }
        clock.advance(seconds: 3)
        try upsert(container, "young")
        clock.advance(seconds: 2)
        #expect(try ids(container) == ["young"])
        try container.partition.changeTimeToLive(to: .after(seconds: 1000))
        #expect(try ids(container) == ["young"])
        clock.advance(seconds: 10)
        try container.partition.changeTimeToLive(to: .off)
        #expect(try ids(container) == ["young"])
        #expect(container.partition.itemCount == 1)
    }

    /// Threads write items of their own that end soon, while the clock goes on and sweeps remove what ended: an item is
    /// there until its moment and not after it.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func itemsEndAtTheirMomentUnderLoad(_ seed: UInt64) throws {
        print("seed \(seed)")
        let scratch = try Scratch()
        let store = try store(scratch, deltaVersionsMax: 100)
        defer { store.close() }
        let container = try TestContainer(store, timeToLive: .after(seconds: 3))
        let faults = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { thread in
            var random = SeededGenerator(seed: seed * 100 + UInt64(thread))
            var ends: [String: Int64] = [:]
            for _ in 0..<250 {
                let id = "\(thread)-\(Int.random(in: 0..<5, using: &random))"
                switch Int.random(in: 0..<6, using: &random) {
                case 0: clock.advance(seconds: Double.random(in: 0...0.5, using: &random))
                case 1: container.partition.sweepOnce()
                case 2...3:
                    let seconds = Int32.random(in: 0...5, using: &random)
                    guard let body = try? container.body("text", timeToLive: seconds),
                        let item = container.commit(
                            ItemWrite(key: container.key(id, "k"), operation: .upsert(body))).outcome?.item
                    else { continue }
                    ends[id] = item.timestampMilliseconds + Int64(seconds == 0 ? 3 : seconds) * 1000
                default:
                    let before = clock.now
                    let isThere = (try? container.partition.item(container.key(id, "k"))) != nil
                    let end = ends[id] ?? 0
                    if isThere && end <= before { faults.withLock { $0.append("\(id) is there after its time") } }
                    if !isThere && end > clock.now { faults.withLock { $0.append("\(id) is gone before its time") } }
                }
            }
        }
        #expect(faults.withLock { $0 } == [], "seed \(seed)")
        clock.advance(seconds: 100)
        sweep(container)
        #expect(container.partition.itemCount == 0)
    }

    /// Counts the groups that were committed.
    private final class GroupCounter: EngineObserver {
        let groups = DispatchSemaphore(value: 0)
        func groupCommitted(
            versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64
        ) { groups.signal() }
        func deltaFlushed(versions: Int, nanoseconds: UInt64) {}
        func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) {}
        func maintenanceFailed(_ message: String) {}
        func partitionFailed(_ message: String) {}
    }

    /// The one test on the real clock: an item of one second is gone from the log some time later.
    @Test func theTimerRemovesWhatEnded() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        let counter = GroupCounter()
        configuration.observer = counter
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store, timeToLive: .itemsOwn)
        try upsert(container, "a", timeToLive: 1)
        counter.groups.wait()
        #expect(counter.groups.wait(timeout: .now() + 20) == .success)
        #expect(try container.partition.item(container.key("a", "k")) == nil)
    }
}
