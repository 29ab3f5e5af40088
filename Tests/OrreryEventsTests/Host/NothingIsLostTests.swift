import OrreryDocuments
import OrreryTelemetry
import Synchronization
import Testing

@testable import OrreryEvents

/// Moments at which an event could slip through: between what is kept of a subscription and what of its topic, while
/// one subscription takes another's place, and where an event cannot be delivered at all.
@Suite struct NothingIsLostTests {
    /// Each change of a subscription goes on where the one before left off, however many are made at once.
    @Test func aSubscriptionThatIsWrittenManyTimesAtOnceHasEachEventOnce() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let (host, topic) = (events.host, try events.host.topic("t1").definition)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await host.publish([Event(id: "\(number)", source: "/", type: "T")], to: "t1")
                    try await host.putSubscription(
                        SubscriptionDefinition(
                            topic: topic, name: "s1",
                            properties: [
                                "deliveryConfiguration": [
                                    "deliveryMode": "Queue", "queue": ["maxDeliveryCount": .number(1 + number % 9)],
                                ],
                            ]))
                }
            }
            try await group.waitForAll()
        }
        try await events.until { try events.subscription().state.withLock { $0.queue.count } == 20 }
        let received = try await events.receive(100)
        #expect(Set(received.map(\.event.event.id)).count == 20 && received.count == 20)
    }

    private func keep(_ topic: Topic) async throws {
        let result = await withCheckedContinuation { continuation in
            topic.progress.keepNow { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    private func queueCount(_ subscription: Subscription) -> Int { subscription.state.withLock { $0.queue.count } }

    /// Whether the subscription will have nothing to do with an event of its topic any more.
    private func hasLost(_ version: UInt64, _ subscription: Subscription) -> Bool {
        subscription.state.withLock { $0.queue.position >= version && $0.queue.entries[version] == nil }
    }

    private func makeWebhook(
        _ events: TestEvents, _ more: JSONValue = .object([]), hook: JSONValue = ["validation": "none"]
    ) async throws -> SubscriptionDefinition {
        let topic = try TopicDefinition("orders", kind: .basic, inputSchema: .cloudEvents)
        try await events.host.putTopic(topic)
        var webhook = hook
        webhook["endpointUrl"] = "https://example.org/hook"
        var properties = more
        properties["destination"] = ["endpointType": "WebHook", "properties": webhook]
        let definition = try SubscriptionDefinition(topic: topic, name: "w", properties: properties)
        try await events.host.putSubscription(definition)
        return definition
    }

    @Test func aSubscriptionThatFallsBehindIsKeptAsBehind() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1")
        let many = (0..<DeliveryQueue.countMax).map { Event(id: "\($0)", source: "/s", type: "T") }
        try await events.host.publish(many, to: "t1")
        let subscription = try events.subscription()
        try await events.until { queueCount(subscription) == DeliveryQueue.countMax }
        try await keep(topic)
        try await events.publish("one too many")
        let last = try topic.log.lastVersion()
        try await events.until { topic.routedPosition >= last }
        try await keep(topic)
        try events.restart()
        #expect(!hasLost(last, try events.subscription()))
    }

    @Test func whatIsKeptAfterTheStopIsNotAhead() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1")
        try await events.publish("a")
        let subscription = try events.subscription()
        try await events.until { queueCount(subscription) == 1 }
        try await keep(topic)
        try await events.publish("b")
        try await events.until { queueCount(subscription) == 2 }
        let last = try topic.log.lastVersion()
        topic.stop()
        try await keep(topic)
        try events.restart()
        #expect(!hasLost(last, try events.subscription()))
    }

    @Test func aSubscriptionThatComesWhileAPageIsMatchedLooksForItself() async throws {
        let events = try TestEvents()
        let definition = try await makeWebhook(events)
        let topic = try events.host.topic("orders")
        let before = topic.routedPosition
        try await events.publish("a", to: "orders")
        let page = try topic.log.read(after: before, countMax: 10)
        #expect(page.events.count == 1)
        let last = try topic.log.lastVersion()
        // The moment between finding out for whom a page's events are and handing them over.
        let matches = topic.match(page)
        let successor = Subscription(
            definition, of: topic, from: QueueRecord(isLive: false, position: before), standing: .agreed)
        successor.state.withLock { $0.isLive = true }
        topic.add(successor)
        topic.handOver(matches, of: page)
        #expect(successor.state.withLock { !$0.isLive } || !hasLost(last, successor))
        try await events.until { successor.counters.matchedBehind.value > 0 || queueCount(successor) > 0 }
    }

    @Test func whatIsUnderWayGoesToTheSuccessor() async throws {
        let events = try TestEvents()
        let definition = try await makeWebhook(events)
        try await events.publish("a", to: "orders")
        let first = await events.endpoint.next()
        try await events.host.putSubscription(definition)
        first.answer(500)
        try await events.until { events.endpoint.callCount > 0 }
        let second = await events.endpoint.next()
        #expect(try JSONValue(parsing: second.body)["id"] == "a")
        second.answer(200)
        #expect(queueCount(try events.subscription("w", of: "orders")) == 0)
    }

    @Test func aSuccessorKeepsTheOrder() async throws {
        let events = try TestEvents()
        let definition = try await makeWebhook(events, ["orderedBySubject": true])
        #expect(definition.isOrdered)
        let ids = (0..<20).map { "\($0)" }
        try await events.host.publish(
            ids.map { Event(id: $0, source: "/s", type: "T", subject: "one") }, to: "orders")
        let before = try events.subscription("w", of: "orders")
        try await events.until { queueCount(before) == 20 }
        _ = await events.endpoint.next()
        try await events.host.putSubscription(definition)
        var delivered: [String] = []
        for _ in ids {
            try await events.until { events.endpoint.callCount > 0 }
            let call = await events.endpoint.next()
            delivered.append(try JSONValue(parsing: call.body)["id"]?.string ?? "")
            call.answer(200)
        }
        #expect(delivered == ids)
    }

    @Test func anEventThatIsGoneStopsNobody() async throws {
        let events = try TestEvents()
        _ = try await makeWebhook(events, ["maxConcurrentDeliveries": 1])
        let subscription = try events.subscription("w", of: "orders")
        subscription.state.withLock { state in
            for version in 1_000_000..<1_000_100 as Range<UInt64> {
                state.queue.add(
                    DeliveryQueue.Entry(version: version, publishedMilliseconds: events.time.nowMilliseconds))
            }
        }
        try await events.publish("a", to: "orders")
        try await events.until { events.endpoint.callCount > 0 }
        #expect(subscription.counters.dropped.value == 100)
    }

    @Test func roomInMemoryIsGivenBack() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1").definition
        try await events.publish("a", "b")
        let first = try events.subscription()
        try await events.until { queueCount(first) == 2 }
        #expect(events.host.memory.usedBytes > 0)
        for _ in 0..<3 {
            try await events.host.putSubscription(
                SubscriptionDefinition(
                    topic: topic, name: "s1", properties: ["deliveryConfiguration": ["deliveryMode": "Queue"]]))
        }
        let received = try await events.receive()
        #expect(received.count == 2)
        try await events.conclude(received.map(\.lockToken), .acknowledge)
        #expect(events.host.memory.usedBytes == 0)
        try await events.publish("c")
        let last = try events.subscription()
        try await events.until { queueCount(last) == 1 }
        try await events.host.deleteSubscription("s1", of: "t1")
        #expect(events.host.memory.usedBytes == 0)
    }

    /// A page that was read when its reader ended is nobody's.
    @Test func whoHasEndedTakesNothing() async throws {
        let events = try TestEvents()
        let definition = try await makeWebhook(events)
        let topic = try events.host.topic("orders")
        let before = topic.routedPosition
        try await events.publish("a", to: "orders")
        let call = await events.endpoint.next()
        call.answer(200)
        try await events.until { events.host.memory.usedBytes == 0 }
        let ended = Subscription(
            definition, of: topic, from: QueueRecord(isLive: false, position: before), standing: .agreed)
        ended.end()
        ended.read()
        #expect(queueCount(ended) == 0 && events.host.memory.usedBytes == 0 && !ended.isLive)
    }

    @Test func anEndpointThatNeverAgreesLosesNothingSilently() async throws {
        let events = try TestEvents()
        _ = try await makeWebhook(
            events, ["retryPolicy": ["eventTimeToLiveInMinutes": 1]], hook: ["validation": "required"])
        let subscription = try events.subscription("w", of: "orders")
        #expect(!subscription.isAgreed)
        try await events.publish("a", to: "orders")
        try await events.until { queueCount(subscription) == 1 }
        events.time.advance(milliseconds: 61_000)
        let letter = try #require(try await events.deadLetters().first)
        #expect(letter["deadLetterReason"] == "TimeToLiveExceeded")
        #expect(letter["eventId"] == "a")
    }
}
