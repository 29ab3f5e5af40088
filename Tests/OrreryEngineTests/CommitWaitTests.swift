import Dispatch
import OrreryEngine
import Synchronization
import Testing

/// Waking those who wait for a partition's next commit.
@Suite struct CommitWaitTests {
    @Test func aCommitWakesWhoWaitsForIt() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        let items = try TestContainer(store)
        let woken = Woken()
        let wait = items.partition.wait(after: 0) { woken.record($0) }
        #expect(woken.all == [])
        #expect(items.commit(try items.create("1", "a", "x")).isSuccess)
        // The writer is told first, so that readers cost it nothing.
        #expect(woken.waitForNext() == .committed)
        #expect(items.commit(try items.create("2", "a", "x")).isSuccess)
        store.close()
        #expect(woken.all == [.committed])
        withExtendedLifetime(wait) {}
    }

    @Test func whoComesLateIsWokenAtOnce() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        let items = try TestContainer(store)
        #expect(items.commit(try items.create("1", "a", "x")).isSuccess)
        let woken = Woken()
        _ = items.partition.wait(after: 0) { woken.record($0) }
        #expect(woken.all == [.committed])
    }

    @Test func whoLetsGoIsNotWoken() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        let items = try TestContainer(store)
        let woken = Woken()
        _ = items.partition.wait(after: 0) { woken.record($0) }
        let cancelled = items.partition.wait(after: 0) { woken.record($0) }
        cancelled.cancel()
        let last = Woken()
        let wait = items.partition.wait(after: 0) { last.record($0) }
        #expect(items.commit(try items.create("1", "a", "x")).isSuccess)
        #expect(last.waitForNext() == .committed)
        #expect(woken.all == [])
        withExtendedLifetime((cancelled, wait)) {}
    }

    @Test func theEndOfAPartitionWakesEverybody() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        let items = try TestContainer(store)
        let woken = Woken()
        let wait = items.partition.wait(after: 7) { woken.record($0) }
        try store.catalog.delete(.container, items.container)
        store.removePartitions(of: items.container)
        #expect(woken.all == [.gone])
        _ = items.partition.wait(after: 7) { woken.record($0) }
        #expect(woken.all == [.gone, .gone])
        withExtendedLifetime(wait) {}
    }

    @Test func underRelaxedDurabilityOnlyWhatIsDurableWakes() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.durability = .relaxed(milliseconds: 3_600_000)
        let store = try Store(directory: scratch.path, configuration: configuration)
        let items = try TestContainer(store)
        let woken = Woken()
        let wait = items.partition.wait(after: 0) { woken.record($0) }
        #expect(items.commit(try items.create("1", "a", "x")).isSuccess)
        #expect(items.partition.lsn == 1)
        #expect(items.partition.durableLSN == 0)
        #expect(woken.all == [])
        store.close()
        #expect(woken.all == [.committed])
        #expect(items.partition.durableLSN == 1)
        withExtendedLifetime(wait) {}
    }

    /// However commits and waits meet, none is missed: every wait ends, with what came after its LSN.
    @Test func noCommitIsMissed() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        let items = try TestContainer(store)
        let commitCount: UInt64 = 300
        let isDone = DispatchSemaphore(value: 0)
        for _ in 0..<4 {
            DispatchQueue.global().async {
                var reached: UInt64 = 0
                while reached < commitCount {
                    let woken = Woken()
                    let wait = items.partition.wait(after: reached) { woken.record($0) }
                    guard woken.waitForNext() == .committed, items.partition.durableLSN > reached else { break }
                    reached = items.partition.durableLSN
                    withExtendedLifetime(wait) {}
                }
                if reached == commitCount { isDone.signal() }
            }
        }
        for number in 0..<commitCount { _ = items.commit(try items.create("\(number)", "a", "x")) }
        for _ in 0..<4 { #expect(isDone.wait(timeout: .now() + 20) == .success) }
    }

    @Test func versionsAreFoundByLSNAndByTime() throws {
        let scratch = try Scratch()
        let now = Atomic<Int64>(1_000_000)
        var configuration = EngineConfiguration()
        configuration.clock = { now.load(ordering: .relaxed) }
        let store = try Store(directory: scratch.path, configuration: configuration)
        let items = try TestContainer(store)
        // LSN n holds n versions, and comes n seconds after the beginning.
        var lastVersions: [UInt64] = [0]
        for lsn in 1...20 {
            now.store(1_000_000 + Int64(lsn) * 1000, ordering: .relaxed)
            #expect(items.commit(try (0..<lsn).map { try items.create("\(lsn)-\($0)", "a", "x") }).isSuccess)
            lastVersions.append((lastVersions.last ?? 0) + UInt64(lsn))
        }
        let snapshot = items.partition.snapshot()
        for lsn in 0...20 {
            #expect(try snapshot.lastVersion(upTo: UInt64(lsn)) == lastVersions[lsn])
            let next = 1_000_000 + Int64(lsn + 1) * 1000
            #expect(try snapshot.lastVersion(beforeMilliseconds: next) == lastVersions[lsn])
        }
        #expect(try snapshot.lastVersion(upTo: .max) == lastVersions[20])
        #expect(try snapshot.lastVersion(beforeMilliseconds: .min) == 0)
        #expect(try snapshot.lastVersion(beforeMilliseconds: .max) == lastVersions[20])
    }
}

/// What a waiter was told.
private final class Woken: Sendable {
    private let calls = Mutex<[CommitWake]>([])
    private let semaphore = DispatchSemaphore(value: 0)

    var all: [CommitWake] { calls.withLock { $0 } }

    func record(_ wake: CommitWake) {
        calls.withLock { $0.append(wake) }
        semaphore.signal()
    }

    /// Waits for a call, 20 seconds at most.
    func waitForNext() -> CommitWake? {
        semaphore.wait(timeout: .now() + 20) == .success ? all.last : nil
    }
}
