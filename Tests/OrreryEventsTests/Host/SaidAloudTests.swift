import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryTelemetry
import Synchronization
import Testing

@testable import OrreryEvents

/// What should never happen and may all the same: it must be said, counted and shown, and hold up nobody.
@Suite struct SaidAloudTests {
    @Test(.timeLimit(.minutes(1))) func whoeverWaitsForAGoneTopicsProgressHearsOfIt() async throws {
        let events = try TestEvents()
        let log = try TopicLog(TopicDefinition("t1", kind: .namespace), account: events.account)
        let progress = try TopicProgress(log, clock: events.time.clock, diagnostics: .silent)
        await #expect(throws: DatabaseError.notFound) { try await progress.keep() }
        // Nothing is left over that would hold up whoever comes next.
        await #expect(throws: DatabaseError.notFound) { try await progress.keep() }
    }

    @Test func aTopicThatStoppedTriesNothingAgain() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1")
        events.time.advance(milliseconds: 1000)
        topic.progress.keepSoon()
        let waiting = events.time.waitingCount
        topic.stop()
        events.time.advance(milliseconds: 1000)
        #expect(events.time.waitingCount == waiting - 1)
        topic.progress.keepSoon()
        #expect(events.time.waitingCount == waiting - 1)
    }

    @Test func aPlaceThatCannotBeReadIsBegunAnew() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1")
        try await events.publish("a")
        let received = try await events.receive()
        try await events.conclude(received.map(\.lockToken), .acknowledge)
        try await events.restart {
            let key = Array("events/subscription/s1".utf8)
            let write = try #require(CheckpointWrite(key: key, value: [255, 0, 1]))
            let result = await withCheckedContinuation { continuation in
                topic.log.keep([write]) { continuation.resume(returning: $0) }
            }
            try result.get()
        }
        let subscription = try events.subscription()
        #expect(try await events.receive().map(\.event.event.id) == ["a"])
        #expect(subscription.counters.startedOver.value == 1)
        #expect(subscription.status.json["notice"]?.string?.contains("could not be read") == true)
    }

    /// Whoever may publish may make as many events as he likes of which a filter's condition cannot be asked.
    @Test func undecidedEventsThatAreReadTogetherAreOneLine() async throws {
        let events = try TestEvents()
        let topic = try TopicDefinition("t1", kind: .namespace)
        try await events.host.putTopic(topic)
        try await events.host.putSubscription(
            SubscriptionDefinition(
                topic: topic, name: "s1",
                properties: [
                    "deliveryConfiguration": ["deliveryMode": "Queue", "queue": .object([])],
                    "filtersConfiguration": ["where": "c.data.x = 1"],
                ]))
        let deep = Array((String(repeating: "[", count: 100) + String(repeating: "]", count: 100)).utf8)
        try await events.host.publish(
            (0..<100).map { Event(id: "\($0)", source: "/s", type: "T", data: .json(deep)) }, to: "t1")
        let subscription = try events.subscription()
        try await events.until { subscription.counters.undecided.value == 100 }
        #expect(events.lines.count(of: "filter-undecided") <= 10)
    }

    @Test func eventsThatEndedBehindAWindowAreCounted() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1")
        let count = DeliveryQueue.countMax + 5
        try await events.host.publish((0..<count).map { Event(id: "\($0)", source: "/s", type: "T") }, to: "t1")
        let last = try topic.log.lastVersion()
        try await events.until { topic.routedPosition >= last }
        try await events.restart { events.time.advance(milliseconds: 9 * 86_400_000) }
        events.time.advance(milliseconds: 60_000)
        let subscription = try events.subscription()
        try await events.until { subscription.counters.dropped.value >= UInt64(count) }
        let status = subscription.status.json
        #expect(status["eventsLostMax"]?.int64 ?? 0 >= Int64(count))
        #expect(status["lastLossTime"] != nil)
        // It is known beyond a restart, and beyond a change of the subscription.
        let lost = status["eventsLostMax"]
        try events.restart()
        #expect(try events.subscription().status.json["eventsLostMax"] == lost)
        let definition = try SubscriptionDefinition(
            topic: topic.definition, name: "s1",
            properties: ["deliveryConfiguration": ["deliveryMode": "Queue", "queue": ["maxDeliveryCount": 3]]])
        try await events.host.putSubscription(definition)
        #expect(try events.subscription().status.json["eventsLostMax"] == lost)
        // It goes on with what comes.
        try await events.publish("new")
        #expect(try await events.receive().map(\.event.event.id) == ["new"])
    }

    @Test func eventsThatEndedBeforeTheyWereRoutedAreCounted() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1")
        // Published while nobody routes.
        try await events.restart {
            let event = NewEvent(documentID: "a", event: Event(id: "a", source: "/", type: "T"), schema: .cloudEvents)
            let result = await withCheckedContinuation { continuation in
                topic.log.append([event]) { continuation.resume(returning: $0) }
            }
            try result.get()
            events.time.advance(milliseconds: 9 * 86_400_000)
        }
        let subscription = try events.subscription()
        try await events.until { subscription.counters.dropped.value > 0 }
        // At most: where the log was trimmed by then, the event's end is a version like any other.
        let lost = try #require(subscription.status.json["eventsLostMax"]?.int64)
        #expect((1...2).contains(lost))
    }

    @Test func whatIsReplayedFromBeforeTheRetentionIsNoLoss() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        try await events.publish("a")
        try await events.conclude(events.receive().map(\.lockToken), .acknowledge)
        events.time.advance(milliseconds: 9 * 86_400_000)
        try await events.publish("b")
        try await events.conclude(events.receive().map(\.lockToken), .acknowledge)
        let subscription = try events.subscription()
        try await events.host.replay(subscription, of: events.host.topic("t1"), sinceMilliseconds: 0)
        #expect(try await events.receive().map(\.event.event.id) == ["b"])
        #expect(subscription.counters.dropped.value == 0)
    }

    @Test func theLongestEventFitsAmongTheDeadLetters() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1")
        func event(_ byteCount: Int) -> NewEvent {
            var event = Event(id: "long", source: "/s", type: "T")
            event.data = .json([UInt8(ascii: "\"")] + Array(repeating: UInt8(ascii: "x"), count: byteCount)
                + [UInt8(ascii: "\"")])
            return NewEvent(documentID: "long", event: event, schema: .cloudEvents)
        }
        let rest = event(0).text(topic: "t1").count
        await #expect(throws: EventError.self) {
            try await events.host.publish([event(EventLimits.keptBytesMax - rest + 1)], to: topic)
        }
        try await events.host.publish([event(EventLimits.keptBytesMax - rest)], to: topic)
        try await events.conclude(events.receive().map(\.lockToken), .reject)
        #expect(try await events.deadLetters().map { $0["eventId"] } == ["long"])
        #expect(try events.subscription().state.withLock { $0.queue.count } == 0)
    }

    @Test func aTopicsRetentionMayBeChanged() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        var topic = try events.host.topic("t1").definition
        topic.retentionMinutes += 1440
        try await events.host.putTopic(topic)
        let database = try events.account.databaseID(named: Account.systemDatabaseName)
        let container = try events.account.openContainer(
            events.account.containerID(named: TopicLog.containerName(of: "t1"), in: database))
        #expect(container.definition.defaultTimeToLiveSeconds == topic.retentionMinutes * 60)
    }

    @Test func theMemoryOfEventsIsAMetric() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        try await events.publish("a")
        let subscription = try events.subscription()
        try await events.until { subscription.state.withLock { $0.queue.count } == 1 }
        let line = "orrery_events_memory_bytes \(events.host.memory.usedBytes)"
        #expect(events.metrics.prometheusText.contains(line))
    }
}
