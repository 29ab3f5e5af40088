/// Finds the subscriptions that events are for, among those that a topic had at one moment.
final class SubscriptionMatcher: Sendable {
    let subscriptions: [Subscription]
    private let index: FilterIndex

    init(_ subscriptions: [Subscription]) {
        self.subscriptions = subscriptions
        index = FilterIndex(subscriptions.map(\.definition.filter))
    }

    /// What each subscription is to have of some events, in their order.
    func matches(_ events: [StoredEvent]) -> SubscriptionMatches {
        var found: [Int: [StoredEvent]] = [:]
        var undecided: [Int: UndecidedEvents] = [:]
        for event in events {
            for position in positions(of: event, &undecided) { found[position, default: []].append(event) }
        }
        for (position, events) in undecided { subscriptions[position].note(events) }
        return SubscriptionMatches(
            matcher: self,
            found: found.sorted { $0.key < $1.key }.map { (subscription: subscriptions[$0.key], events: $0.value) })
    }

    private func positions(of event: StoredEvent, _ undecided: inout [Int: UndecidedEvents]) -> [Int] {
        if let only = event.onlySubscription {
            return subscriptions.indices.filter { subscriptions[$0].name.utf8.elementsEqual(only.utf8) }
        }
        var candidate = EventCandidate(event.event)
        return index.matches(&candidate) { undecided[$0, default: UndecidedEvents()].add(event, reason: $1) }
    }

    /// The subscriptions that are here and not there.
    func subscriptions(notIn other: SubscriptionMatcher) -> [Subscription] {
        let known = Set(other.subscriptions.map { ObjectIdentifier($0) })
        return subscriptions.filter { !known.contains(ObjectIdentifier($0)) }
    }
}

/// What was found for subscriptions in a page of events.
struct SubscriptionMatches: Sendable {
    /// Who was looked at.
    let matcher: SubscriptionMatcher
    /// Those for whom there is something.
    let found: [(subscription: Subscription, events: [StoredEvent])]
}
