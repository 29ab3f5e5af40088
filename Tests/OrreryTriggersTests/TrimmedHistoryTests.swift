import OrreryDatabase
import OrreryEngine
import OrreryTriggers
import Testing

/// Handlers and logs that are trimmed: what a handler has yet to be given stays, and where it is gone all the same, the
/// handler says so and waits to be told where to go on.
@Suite struct TrimmedHistoryTests {
    private static func configuration(heldHistoryBytesMax: Int) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 50
        configuration.mergeFanIn = 2
        configuration.segmentBytes = 1 << 14
        configuration.retentionMilliseconds = 0
        configuration.heldHistoryBytesMax = heldHistoryBytesMax
        return configuration
    }

    /// A handler that was given one change, and 1,500 changes of one item while it was paused.
    private func paused(_ test: TestAccount, _ calls: Calls) async throws -> TriggerHost {
        let host = test.host()
        try host.register(test.trigger { changes, _ in calls.record(changes) })
        host.start()
        try test.put("first", "a")
        #expect(await calls.wait(count: 1))
        try host.pause("handler")
        await host.stop()
        let filling = #","filling":""# + String(repeating: "x", count: 100) + "\""
        for _ in 0..<1500 { try test.put("counter", "a", filling) }
        return test.host()
    }

    private func trimmedVersion(_ test: TestAccount) throws -> UInt64 {
        let container = try test.container()
        return try container.ranges.map { range in try container.trimmedVersion(of: range) }.max() ?? 0
    }

    @Test func whatAHandlerHasYetToBeGivenStays() async throws {
        let test = try TestAccount(Self.configuration(heldHistoryBytesMax: 1 << 30))
        let calls = Calls()
        let host = try await paused(test, calls)
        try host.register(test.trigger { changes, _ in calls.record(changes) })
        #expect(try trimmedVersion(test) == 0)
        host.start()
        #expect(await calls.wait(count: 1501))
        #expect(calls.all.count { $0.id == "counter" } == 1500)
        // Behind it the log may go.
        #expect(try await eventually {
            try test.put("counter", "a")
            return try trimmedVersion(test) > 0
        })
        await host.stop()
    }

    @Test func aHandlerThatIsToStartBeforeWhatIsLeftSaysSo() async throws {
        let test = try TestAccount(Self.configuration(heldHistoryBytesMax: 1 << 15))
        let calls = Calls()
        let start = EngineConfiguration().clock()
        let host = try await paused(test, calls)
        #expect(try await eventually { try trimmedVersion(test) > 10 })
        var options = TriggerOptions()
        options.start = .time(start)
        let late = Calls()
        try host.register(test.trigger("late", options) { changes, _ in late.record(changes) })
        host.start()
        #expect(await eventually { host.statuses().first?.trimmedRanges.count == 1 })
        #expect(late.all.isEmpty && host.statuses().first?.lostCountMax ?? 0 > 0)
        // A time of which the log has everything needs nobody's word.
        options.start = .time(EngineConfiguration().clock() + 1)
        try host.register(test.trigger("later", options) { changes, _ in late.record(changes) })
        #expect(await eventually { host.statuses().last?.places.isEmpty == false })
        try await Task.sleep(for: .milliseconds(2))
        try test.put("new", "b")
        #expect(await late.wait { $0.map(\.id) == ["new"] })
        await host.stop()
    }

    @Test func aHandlerWhosePlaceIsGoneSaysSoAndIsSetAnew() async throws {
        let test = try TestAccount(Self.configuration(heldHistoryBytesMax: 1 << 15))
        let calls = Calls()
        let host = try await paused(test, calls)
        #expect(try await eventually { try trimmedVersion(test) > 10 })
        try host.register(test.trigger { changes, _ in calls.record(changes) })
        host.start()
        #expect(await eventually { host.statuses().first?.trimmedRanges.count == 1 })
        #expect(calls.all.count == 1)
        #expect(host.statuses().first?.lagCount ?? 0 > 0)
        let lost = try #require(host.statuses().first?.lostCountMax)
        #expect(lost > 0 && lost < 1500)
        try await host.replay("handler", from: .lsn(1))
        #expect(host.statuses().first?.trimmedRanges == [])
        // All that is left, the last one among it.
        #expect(await eventually { host.statuses().first?.lagCount == 0 })
        #expect(calls.all.count > 10 && calls.all.count < 1500)
        // What was never handed over stays counted.
        #expect(host.statuses().first?.lostCountMax ?? 0 >= lost)
        #expect(calls.ids.count { $0 == "counter" } + Int(host.statuses().first?.lostCountMax ?? 0) >= 1500)
        await host.stop()
        let next = test.host()
        try next.register(test.trigger { changes, _ in calls.record(changes) })
        next.start()
        #expect(next.statuses().first?.lostCountMax ?? 0 >= lost)
        await next.stop()
        // A handler that begins anew takes what there is, and goes on there later. That may be little: behind the first
        // handler the log was free to go.
        let another = test.host()
        try another.register(test.trigger("new") { changes, _ in calls.record(changes) })
        another.start()
        #expect(await eventually { another.statuses().first?.processed ?? 0 > 0 })
        #expect(await eventually { another.statuses().first?.lagCount == 0 })
        #expect(another.statuses().first?.trimmedRanges == [])
        await another.stop()
    }

    /// Puts the handler back to the beginning while nobody reads, and writes until more of the log is gone than when
    /// that was asked for. Answers how many changes there were of the item.
    private func putBackAndTrim(_ test: TestAccount, _ control: HandlerControl) async throws -> Int {
        #expect(try await eventually { try trimmedVersion(test) > 10 })
        try await control.refreshLeaseBook()
        try await control.replay("handler", from: .lsn(1))
        let before = try trimmedVersion(test)
        var count = 1500
        let filling = #","filling":""# + String(repeating: "x", count: 100) + "\""
        #expect(try await eventually {
            count += 1
            try test.put("counter", "a", filling)
            return try trimmedVersion(test) > before
        })
        return count
    }

    @Test func whatGoesBeforeAReplayGetsThereIsCounted() async throws {
        let test = try TestAccount(Self.configuration(heldHistoryBytesMax: 1 << 15))
        let calls = Calls()
        let host = try await paused(test, calls)
        let count = try await putBackAndTrim(test, HandlerControl(account: test.account))
        try host.register(test.trigger { changes, _ in calls.record(changes) })
        host.start()
        #expect(await eventually { host.statuses().first.map { $0.places.count == 1 && $0.lagCount == 0 } ?? false })
        let lost = Int(try #require(host.statuses().first?.lostCountMax))
        // Checkpoints have versions too, so it may be a few more.
        #expect((count...count + 50).contains(calls.ids.count { $0 == "counter" } + lost))
        await host.stop()
        let next = test.host()
        try next.register(test.trigger { changes, _ in calls.record(changes) })
        #expect(Int(next.statuses().first?.lostCountMax ?? 0) == lost)
        await next.stop()
    }

    @Test func whatGoesBeforeAWorkerGetsThereIsCounted() async throws {
        let test = try TestAccount(Self.configuration(heldHistoryBytesMax: 1 << 15))
        let calls = Calls()
        let host = try await paused(test, calls)
        let control = HandlerControl(account: test.account)
        let count = try await putBackAndTrim(test, control)
        let handler = try #require(WorkerHandler("handler", database: "shop", container: "orders"))
        var claim = try #require(WorkerClaim(owner: "one"))
        claim.milliseconds = WorkerLeases.millisecondsBounds.upperBound
        let lease = try await control.leases.acquire(handler, claim)
        var given = 0
        while true {
            let page = try control.leases.page(
                handler, rangeNumber: lease.rangeNumber, epoch: lease.epoch, after: nil, countMax: 70)
            if page.changes.isEmpty { break }
            given += page.changes.count { $0.id == "counter" }
            _ = try await control.leases.commit(
                handler, rangeNumber: lease.rangeNumber, epoch: lease.epoch, lsn: page.lsn, outputs: [],
                milliseconds: WorkerLeases.millisecondsDefault)
        }
        let lost = Int(try #require(try control.statuses().first?.lostCountMax))
        #expect(given + lost >= count && given > 10 && lost > count / 2)
        await host.stop()
    }
}
