import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryTelemetry
import Synchronization
import Testing

@testable import OrreryEvents

@Suite struct DestinationTests {
    private func make(_ destination: JSONValue) async throws -> TestEvents {
        let events = try TestEvents()
        let topic = try TopicDefinition("orders", kind: .basic)
        try await events.host.putTopic(topic)
        try await events.host.putTopic(TopicDefinition("copy", kind: .namespace))
        try await events.host.putSubscription(
            SubscriptionDefinition(
                topic: TopicDefinition("copy", kind: .namespace), name: "s1",
                properties: ["deliveryConfiguration": ["deliveryMode": "Queue"]]))
        try await events.host.putSubscription(
            SubscriptionDefinition(topic: topic, name: "d", properties: ["destination": destination]))
        return events
    }

    @Test func aHandlerIsCalledAgainWhenItThrows() async throws {
        struct Busy: Error {}
        let events = try await make(["endpointType": "Handler", "properties": ["name": "h"]])
        let (stream, calls) = AsyncStream.makeStream(of: [String].self)
        events.host.register("h") { delivered in
            calls.yield(delivered.map { "\($0.event.id)/\($0.deliveryCount)" })
            if delivered.contains(where: { $0.deliveryCount == 1 }) { throw Busy() }
        }
        try await events.publish("a", to: "orders")
        var seen = stream.makeAsyncIterator()
        #expect(await seen.next() == ["a/1"])
        let subscription = try events.subscription("d", of: "orders")
        try await events.until { subscription.state.withLock { $0.queue.nextDueMilliseconds } != nil }
        events.time.advance(milliseconds: 11_000)
        #expect(await seen.next() == ["a/2"])
    }

    @Test func aTopicHandsOnAndEndsCircles() async throws {
        let events = try await make(["endpointType": "Topic", "properties": ["topic": "copy"]])
        try await events.publish("a", to: "orders")
        let copy = try events.subscription("s1", of: "copy")
        let received = await withCheckedContinuation { continuation in
            copy.receive(countMax: 1, waitMilliseconds: 60_000) { continuation.resume(returning: $0) }
        }
        #expect(received.map(\.event.event.id) == ["a"])
        #expect(received.first?.event.event[extension: "orreryhops"] == .integer(1))
    }

    @Test func aTopicThatIsItsOwnDestinationEnds() async throws {
        let events = try await make(["endpointType": "Topic", "properties": ["topic": "orders"]])
        try await events.publish("a", to: "orders")
        #expect(try await events.deadLetters().map { $0["deadLetterReason"] } == ["NonRetriableFailure"])
        #expect(try events.host.topic("orders").counters.published.value == 9)
    }

    @Test func aContainerKeepsEachEventOnce() async throws {
        let events = try await make(["endpointType": "Container", "properties": ["container": "shop/events"]])
        let database = try events.account.createDatabase(DatabaseDefinition(["id": "shop"]), throughput: nil)
        let definition: JSONValue = ["id": "events", "partitionKey": ["paths": ["/type"], "kind": "Hash", "version": 2]]
        let container = try events.account.createContainer(
            ContainerDefinition(definition), in: database.resourceID, throughput: nil)
        try await events.publish("a/1", to: "orders")
        let opened = try events.account.openContainer(container.resourceID)
        try await events.until {
            try opened.items(in: .container, from: nil, itemCountMax: nil).items.count == 1
        }
        let item = try #require(try opened.items(in: .container, from: nil, itemCountMax: nil).items.first)
        #expect(try JSONValue(parsing: item.text)["id"] == "a_1")
        #expect(try JSONValue(parsing: item.text)["type"] == "Test.Event")
    }
}
