import Foundation
import OrreryDatabase
import OrreryEngine
import OrreryTelemetry
import Synchronization
import Testing

@testable import OrreryTriggers

/// The end of a host: what it waits for, and what it leaves.
@Suite(.timeLimit(.minutes(1))) struct StopTests {
    private let test: TestAccount

    init() throws { test = try TestAccount() }

    private struct Failure: Error {}

    /// A clock that stands still: what is scheduled for later never comes.
    private static let still = TriggerClock(nowMilliseconds: { 1_000_000 }, schedule: { _, _ in })

    private func host(_ clock: TriggerClock = .system()) -> TriggerHost {
        TriggerHost(account: test.account, metrics: MetricsRegistry(), clock: clock)
    }

    @Test func aStopKeepsTheProgressThoughNoTimePasses() async throws {
        let calls = Calls()
        for id in ["1", "2"] {
            let host = host(Self.still)
            try host.register(test.trigger { changes, _ in calls.record(changes) })
            host.start()
            try test.put(id, "a")
            #expect(await calls.wait { $0.contains { $0.id == id } })
            await host.stop()
        }
        #expect(calls.ids == ["1", "2"])
    }

    @Test func aStopDoesNotWaitForDeadLettersThatCannotBeWritten() async throws {
        let failed = Calls()
        let host = host(Self.still)
        var options = TriggerOptions()
        options.attemptsMax = 1
        // A name that no container can have.
        options.deadLetterContainer = String(repeating: "x", count: 300)
        try host.register(test.trigger("poisoned", options) { changes, _ in
            failed.record(changes)
            throw Failure()
        })
        host.start()
        try test.put("1", "a")
        #expect(await failed.wait(count: 1))
        await host.stop()
        #expect(host.statuses().first?.deadLettered == 0)
    }

    /// That the dead letters' container takes no writes says nothing of the reader's own partition.
    @Test func aReaderGoesOnThoughItsDeadLettersCannotBeWritten() async throws {
        var configuration = EngineConfiguration()
        (configuration.deltaVersionsMax, configuration.frozenDeltasMax) = (1, 1)
        let test = try TestAccount(configuration)
        let failed = Calls()
        let handled = Calls()
        let host = TriggerHost(account: test.account, metrics: MetricsRegistry(), clock: Self.still)
        var options = TriggerOptions()
        options.attemptsMax = 1
        options.deadLetterContainer = "totals"
        try host.register(test.trigger("poisoned", options) { changes, _ in
            if changes.contains(where: { $0.id == "bad" }) {
                failed.record(changes)
                throw Failure()
            }
            handled.record(changes)
        })
        let folders = test.directory + "/partitions"
        // The first partition of all.
        try test.put("0", "a", in: "totals")
        let folder = try #require(FileManager.default.contentsOfDirectory(atPath: folders).first)
        // In the manifest's temporary place: its flushes fail, and then its writes.
        let isBlocked = await eventually {
            (try? FileManager.default.createDirectory(
                atPath: "\(folders)/\(folder)/MANIFEST.new", withIntermediateDirectories: false)) != nil
        }
        try #require(isBlocked)
        #expect(await eventually { (try? test.put("0", "a", in: "totals")) == nil })
        host.start()
        try test.put("bad", "a")
        #expect(await failed.wait(count: 1))
        let isGivenUp = await eventually {
            let reader = host.state.withLock { $0.entries["poisoned"]?.readers.values.first }
            return reader?.state.withLock { $0.givenUp.count } == 1
        }
        #expect(isGivenUp)
        try test.put("good", "b")
        #expect(await handled.wait(count: 1))
        await host.stop()
        #expect(host.statuses().first?.deadLettered == 0)
    }

    @Test func aReplayNeedsNoClock() async throws {
        let calls = Calls()
        let host = host(Self.still)
        try host.register(test.trigger { changes, _ in calls.record(changes) })
        host.start()
        try test.put("1", "a")
        #expect(await calls.wait(count: 1))
        try await host.replay("handler", from: .lsn(0))
        #expect(await calls.wait(count: 2))
        await host.stop()
    }

    @Test func theThreadsEndWithTheHost() async throws {
        let host = host()
        host.start()
        await host.stop()
        #expect(!host.readers.submit {})
        // What comes late runs all the same, so that nobody waits for it in vain.
        let isRun = Atomic(false)
        host.run { isRun.store(true, ordering: .relaxed) }
        #expect(await eventually { isRun.load(ordering: .relaxed) })
    }

    @Test func aWaitIsNotKeptByAReaderThatHasEnded() throws {
        try test.put("1", "a")
        let container = try test.container()
        let range = try #require(container.ranges.first)
        let end = try container.lsn(of: range)
        let place = HistoryPlace()
        var state = TriggerReader.State(
            window: ChangeWindow(after: place, batchCountMax: 1, attemptsMax: 1),
            progress: TriggerProgress([], name: "handler"), keptPlace: place, writtenPlace: place)
        (state.isAtEnd, state.waitCount) = (true, 1)
        let wait = try container.wait(for: range, after: end) { _ in }
        state.keep(wait, 2)
        #expect(state.wait == nil)
        state.keep(wait, 1)
        #expect(state.wait === wait)
        (state.wait, state.end) = (nil, .stopped)
        state.keep(wait, 1)
        #expect(state.wait == nil)
    }
}
