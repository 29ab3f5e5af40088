/// One delivery: an event, or several at once, on the way to a destination.
struct Delivery: Sendable {
    struct Item: Sendable {
        let entry: DeliveryQueue.Entry
        let event: StoredEvent
    }

    let subscription: SubscriptionDefinition
    let items: [Item]
    let startedMilliseconds: Int64

    /// How often the first of its events was tried, this time included.
    var attempt: Int { items.first?.entry.attempts ?? 1 }

    /// The same for every attempt at the same events.
    var id: String {
        "\(subscription.topic):\(subscription.name):\(items.first?.event.version ?? 0)"
    }
}

/// What came of a delivery, with what there is to say of it.
struct DeliveryResult: Sendable {
    let outcome: DeliveryOutcome
    /// For people: what the destination said.
    var message = ""
}
