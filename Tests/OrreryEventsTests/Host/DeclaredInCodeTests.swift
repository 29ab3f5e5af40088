import OrreryDocuments
import Synchronization
import Testing

@testable import OrreryEvents

/// Topics, subscriptions and bridges that a program declares itself.
@Suite struct DeclaredInCodeTests {
    @Test func aProgramSubscribesAFunction() async throws {
        let events = try TestEvents()
        let topic = try TopicDefinition("orders", kind: .basic)
        var configuration = EventConfiguration()
        configuration.topics = [topic]
        configuration.subscriptions = [
            try SubscriptionDefinition(
                "billing", of: topic, to: .handler("billing"),
                filter: FilterDefinition(includedEventTypes: ["Order.Placed"]), isOrdered: true),
        ]
        configuration.bridges = [try BridgeDefinition(from: "shop/orders", to: "orders")]
        let (stream, calls) = AsyncStream.makeStream(of: String.self)
        events.host.register("billing") { for event in $0 { calls.yield(event.event.id) } }
        try await events.host.apply(configuration)
        // The same once more, as at the next start, changes nothing.
        let subscription = try events.subscription("billing", of: "orders")
        try await events.host.apply(configuration)
        #expect(try events.subscription("billing", of: "orders") === subscription)
        let placed = ["Order.Shipped", "Order.Placed"].map { Event(id: $0, source: "/", type: $0) }
        try await events.host.publish(placed, to: "orders")
        var seen = stream.makeAsyncIterator()
        #expect(await seen.next() == "Order.Placed")
    }

    @Test func whatIsDeclaredIsWhatIsRead() throws {
        let topic = try TopicDefinition("orders", kind: .basic)
        var hook = WebhookDefinition(url: "https://example.org/hook")
        hook.batchCountMax = 10
        hook.batchBytesMax = 128 << 10
        hook.headers = [
            DeliveryHeader("X-Fixed", .fixed("v", isSecret: true)), DeliveryHeader("X-Field", .field("data.a")),
        ]
        hook.signingSecrets = [WebhookSecret.random().text]
        hook.needsAgreement = false
        let declared = try SubscriptionDefinition(
            "s", of: topic, to: .webhook(hook), retries: RetryPolicy(deliveryAttemptsMax: 3, timeToLiveMinutes: 5),
            concurrencyMax: 2)
        #expect(declared.attemptsMax == 3 && declared.timeToLiveMinutes == 5 && declared.concurrencyMax == 2)
        guard case .webhook(let read) = declared.destination else {
            Issue.record("not a webhook")
            return
        }
        #expect(read.url == hook.url && read.batchCountMax == 10 && read.batchBytesMax == 128 << 10)
        #expect(read.signingSecrets == hook.signingSecrets && !read.needsAgreement)
        #expect(read.headers.map(\.name) == ["X-Fixed", "X-Field"])
        #expect(declared.destination.value == DestinationDefinition.webhook(hook).value)
        for destination in [DestinationDefinition.pull, .handler("h"), .container("a/b"), .topic("t")] {
            let other = try SubscriptionDefinition("s", of: topic, to: destination)
            #expect(other.destination.value == destination.value)
        }
        #expect(throws: EventError.self) { try SubscriptionDefinition("s", of: topic, to: .container("a")) }
    }
}
