import OrreryDatabase
import OrreryDocuments
import OrreryTelemetry
import OrreryTriggers
import Synchronization
import Testing

/// Handlers over a store: every change handled, in order, and what they write exactly once.
@Suite struct TriggerHostTests {
    private let test: TestAccount

    init() throws { test = try TestAccount() }

    private struct Failure: Error {}

    @Test func changesAreHandledInOrder() async throws {
        for number in 0..<10 { try test.put("\(number)", "c\(number % 3)") }
        let calls = Calls()
        let host = test.host()
        try host.register(test.trigger { changes, _ in calls.record(changes) })
        host.start()
        #expect(await calls.wait(count: 10))
        try test.put("10", "c0")
        try test.delete("1", "c1")
        #expect(await calls.wait(count: 12))
        await host.stop()
        let byKey = Dictionary(grouping: calls.all.filter { $0.kind == .create }) { change in
            String(decoding: change.text ?? [], as: UTF8.self).split(separator: "\"")[7]
        }
        for changes in byKey.values { #expect(changes.map(\.lsn) == changes.map(\.lsn).sorted()) }
        let last = try #require(calls.all.first { $0.kind == .delete })
        #expect(last.text == nil)
        #expect(last.previous != nil)
        #expect(Set(calls.all.map(\.idempotencyKey)).count == 12)
        #expect(calls.all.allSatisfy { $0.deliveryCount == 1 })
    }

    @Test func aHandlerGoesOnWhereItLeftOff() async throws {
        let calls = Calls()
        for round in 0..<3 {
            let host = test.host()
            try host.register(test.trigger { changes, _ in calls.record(changes) })
            host.start()
            try test.put("\(round)", "a")
            #expect(await calls.wait(count: round + 1))
            await host.stop()
        }
        #expect(calls.ids == ["0", "1", "2"])
    }

    @Test func outputsComeWithTheProgress() async throws {
        let host = test.host()
        let calls = Calls()
        try host.register(test.trigger { changes, context in
            calls.record(changes)
            for change in changes {
                let document = try Container.document(
                    parsing: Array(#"{"id":"tax-\#(change.id)","customer":"a"}"#.utf8))
                // A create, which a second time would fail.
                context.write(try context.container.preparingCreate(document, partitionKey: nil), in: context.container)
            }
            if changes.contains(where: { $0.id == "3" && $0.deliveryCount < 3 }) { throw Failure() }
        })
        host.start()
        for number in 0..<6 { try test.put("\(number)", "a") }
        #expect(try await eventually { try test.items(of: "orders").count == 12 })
        await host.stop()
        // Its own writes are not handed to it.
        #expect(calls.ids.allSatisfy { !$0.hasPrefix("tax") })
        let status = try #require(host.statuses().first)
        #expect(status.processed == 6)
        #expect(status.failed >= 2)
    }

    @Test func aPoisonItemGoesToTheDeadLettersAndTheRestGoesOn() async throws {
        let calls = Calls()
        let isMended = Atomic(false)
        let host = test.host()
        var options = TriggerOptions()
        options.attemptsMax = 3
        try host.register(test.trigger("strict", options) { changes, _ in
            if !isMended.load(ordering: .relaxed), changes.contains(where: { $0.id == "bad" }) { throw Failure() }
            calls.record(changes)
        })
        for number in 0..<5 { try test.put("\(number)", "a") }
        try test.put("bad", "a")
        for number in 5..<10 { try test.put("\(number)", "a") }
        host.start()
        try test.put("other", "b")
        #expect(await calls.wait(count: 11))
        #expect(calls.ids.filter { $0 != "other" } == (0..<10).map { "\($0)" })
        #expect(try await eventually { try test.items(of: "orders-dead-letters").count == 1 })
        let letter = try #require(try test.items(of: "orders-dead-letters").values.first)
        #expect(letter["trigger"]?.string == "strict")
        #expect(letter["itemId"]?.string == "bad")
        #expect(letter["item"]?["customer"]?.string == "a")
        #expect(letter["error"]?.string == "Failure()")
        #expect(await eventually { host.statuses().first?.deadLettered == 1 })

        #expect(try await host.redrive("strict") == (handled: 0, failed: 1))
        isMended.store(true, ordering: .relaxed)
        #expect(try await host.redrive("strict") == (handled: 1, failed: 0))
        #expect(calls.ids.last == "bad")
        #expect(try test.items(of: "orders-dead-letters").isEmpty)
        await host.stop()
    }

    enum Thrower: CaseIterable { case handler, effect }

    /// What a handler asks of containers may fail as a reader's own commits do, and says nothing of the reader.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [DatabaseError.unavailable("full"), .rangeGone, .checkpointMoved], Thrower.allCases)
    func whatAHandlerThrowsFailsItsCall(_ error: DatabaseError, _ thrower: Thrower) async throws {
        let calls = Calls()
        let host = test.host()
        var options = TriggerOptions()
        options.attemptsMax = 3
        try host.register(test.trigger("strict", options) { changes, context in
            calls.record(changes)
            switch thrower {
            case .handler: throw error
            case .effect: context.perform { throw error }
            }
        })
        host.start()
        try test.put("1", "a")
        #expect(await eventually { host.statuses().first?.deadLettered == 1 })
        await host.stop()
        #expect(calls.all.map(\.deliveryCount) == [1, 2, 3])
        #expect(host.statuses().first?.failed == 3)
    }

    @Test func aKeyThatFailsDoesNotHoldUpOthers() async throws {
        let calls = Calls()
        let host = test.host()
        var options = TriggerOptions()
        options.attemptsMax = .max
        try host.register(test.trigger("patient", options) { changes, _ in
            if changes.contains(where: { $0.id == "bad" }) { throw Failure() }
            calls.record(changes)
        })
        host.start()
        try test.put("bad", "a")
        for number in 0..<20 { try test.put("\(number)", "b\(number)") }
        #expect(await calls.wait(count: 20))
        // What is behind the bad item is handled, and stays so.
        await host.stop()
        let again = test.host()
        try again.register(test.trigger("patient", options) { changes, _ in calls.record(changes) })
        again.start()
        #expect(await calls.wait(count: 21))
        try test.put("last", "a")
        #expect(await calls.wait(count: 22))
        #expect(calls.ids.suffix(2) == ["bad", "last"])
        #expect(try #require(calls.all.first { $0.id == "bad" }).deliveryCount > 1)
        await again.stop()
    }

    @Test func onlyWhatIsAskedForIsHandled() async throws {
        let calls = Calls()
        let host = test.host()
        var options = TriggerOptions()
        options.kinds = [.create, .delete]
        options.predicate = "from c where c.total > 10"
        try host.register(test.trigger("large", options) { changes, _ in calls.record(changes) })
        try test.put("1", "a", #","total":5"#)
        try test.put("2", "a", #","total":50"#)
        try test.put("2", "a", #","total":60"#)
        try test.delete("1", "a")
        try test.delete("2", "a")
        host.start()
        #expect(await calls.wait(count: 2))
        try test.put("3", "a", #","total":11"#)
        #expect(await calls.wait(count: 3))
        await host.stop()
        #expect(calls.all.map(\.kind) == [.create, .delete, .create])
        options.predicate = "from c where"
        let broken = try test.trigger("broken", options) { _, _ in }
        #expect(throws: TriggerError.self) { try host.register(broken) }
    }

    /// What a predicate cannot be asked of to its end is not passed by, and is counted.
    @Test func whatCannotBeDecidedIsHandedOver() async throws {
        let calls = Calls()
        let metrics = MetricsRegistry()
        let host = test.host(metrics: metrics)
        var options = TriggerOptions()
        // A value larger than there may be, where the item's own is long.
        options.predicate = "from c where LENGTH(REPLACE(REPLICATE('a', 10000), 'a', c.s)) < 0"
        try host.register(test.trigger("large", options) { changes, _ in calls.record(changes) })
        try test.put("short", "a", #","s":"b""#)
        try test.put("long", "a", #","s":"\#(String(repeating: "b", count: 2000))""#)
        host.start()
        #expect(await calls.wait(count: 1))
        await host.stop()
        #expect(calls.ids == ["long"])
        #expect(metrics.prometheusText.contains(#"orrery_trigger_undecided_total{trigger="large"} 1"#))
        options.predicate = "from c where st_distance(c.a, c.b) < 1"
        let broken = try test.trigger("broken", options) { _, _ in }
        #expect(throws: TriggerError.self) { try host.register(broken) }
    }

    /// Who looks at how handlers fare does not wait a second for each change: what there is no time for counts.
    @Test(arguments: [(0, 0), (300, 8)]) func aStatusAsksForALimitedTime(stepMilliseconds: Int64, count: Int) throws {
        let time = Atomic<Int64>(0)
        var clock = TriggerClock.system()
        clock.nowMilliseconds = { time.add(stepMilliseconds, ordering: .relaxed).oldValue }
        let host = test.host(clock: clock)
        var options = TriggerOptions()
        options.predicate = "from c where c.never"
        try host.register(test.trigger("picky", options) { _, _ in })
        for number in 0..<10 { try test.put("\(number)", "a") }
        #expect(host.statuses().map(\.lagCount) == [count])
    }

    @Test func aPauseHoldsBackAndAReplayComesAgain() async throws {
        let calls = Calls()
        let host = test.host()
        try host.register(test.trigger { changes, _ in calls.record(changes) })
        host.start()
        try test.put("1", "a")
        #expect(await calls.wait(count: 1))
        try host.pause("handler")
        try test.put("2", "a")
        try test.put("3", "b")
        #expect(await eventually { host.statuses().first?.lagCount == 2 })
        let status = try #require(host.statuses().first)
        #expect(status.isPaused)
        #expect(status.lagMilliseconds >= 0)
        #expect(calls.ids == ["1"])
        try host.resume("handler")
        #expect(await calls.wait(count: 3))
        #expect(await eventually { host.statuses().first?.lagCount == 0 })
        try await host.replay("handler", from: .lsn(1))
        #expect(await calls.wait(count: 5))
        try await host.replay("handler", from: .time(0))
        #expect(await calls.wait(count: 8))
        #expect(calls.ids.suffix(3).sorted() == ["1", "2", "3"])
        #expect(throws: TriggerError.unknown("nobody")) { try host.pause("nobody") }
        await host.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aHandlerGoesOnThoughItIsResumedWhileItsReadersBegin() async throws {
        let calls = Calls()
        let host = test.host()
        try host.register(test.trigger { changes, _ in calls.record(changes) })
        host.start()
        for round in 1...20 {
            try host.pause("handler")
            try await host.replay("handler", from: .lsn(.max))
            try host.resume("handler")
            try test.put("\(round)", "a")
            #expect(await calls.wait(count: round))
        }
        await host.stop()
        #expect(calls.ids == (1...20).map { "\($0)" })
    }

    @Test func aCallThatTakesTooLongIsCancelled() async throws {
        let calls = Calls()
        let host = test.host()
        var options = TriggerOptions()
        options.timeLimitMilliseconds = 30
        try host.register(test.trigger("slow", options) { changes, _ in
            if changes.first?.deliveryCount == 1 { try await Task.sleep(for: .seconds(60)) }
            calls.record(changes)
        })
        host.start()
        try test.put("1", "a")
        #expect(await calls.wait(count: 1))
        #expect(calls.all.first?.deliveryCount == 2)
        await host.stop()
    }

    @Test func aStopWaitsForTheCallsUnderWay() async throws {
        let calls = Calls()
        let begun = Calls()
        let host = test.host()
        try host.register(test.trigger { changes, _ in
            begun.record(changes)
            try await Task.sleep(for: .milliseconds(100))
            calls.record(changes)
        })
        host.start()
        try test.put("1", "a")
        #expect(await begun.wait(count: 1))
        await host.stop()
        #expect(calls.ids == ["1"])
    }

    @Test func twoOwnersAreNotBothBelieved() async throws {
        let calls = Calls()
        let first = test.host()
        let isHeld = Atomic(true)
        try first.register(test.trigger { changes, context in
            while isHeld.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(1)) }
            let document = try Container.document(parsing: Array(#"{"id":"late","customer":"a"}"#.utf8))
            context.write(try context.container.preparingCreate(document, partitionKey: nil), in: context.container)
        })
        first.start()
        try test.put("1", "a")
        let second = test.host()
        try second.register(test.trigger { changes, _ in calls.record(changes) })
        second.start()
        #expect(await calls.wait(count: 1))
        isHeld.store(false, ordering: .relaxed)
        await first.stop()
        await second.stop()
        // The first one's lease had moved on, and nothing of its call took effect.
        #expect(try test.items(of: "orders").keys.sorted() == ["1"])
    }
}
