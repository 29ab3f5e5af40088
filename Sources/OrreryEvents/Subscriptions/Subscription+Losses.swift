import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// What went wrong with a subscription's place in its topic, since it was made. It should never happen, so it is said
/// in the log, counted, kept beside the place, and shown in the subscription's status.
struct SubscriptionLosses: Sendable {
    /// Events that were gone before they could be looked at or delivered: this many at most.
    var eventCount: UInt64 = 0
    /// When the last of them was missed, in milliseconds since 1970.
    var lastMilliseconds: Int64 = 0
    /// Whether its place could not be read back, so that it began anew with the oldest event.
    var hasStartedOver = false
}

/// Events that were read together and of which a filter's condition could not be asked to its end: publishers make
/// them, as many as they like, and the log has one line for all.
struct UndecidedEvents: Sendable {
    private(set) var count: UInt64 = 0
    private(set) var lastID = ""
    private(set) var lastReason = ""

    mutating func add(_ event: StoredEvent, reason: String) {
        count += 1
        (lastID, lastReason) = (event.event.id, reason)
    }
}

extension Subscription {
    /// Its place in the topic could not be read back: it begins with the oldest event, so that events may come twice
    /// and none is left out.
    func noteUnreadableRecord() {
        state.withLock { ($0.losses.hasStartedOver, $0.isChanged) = (true, true) }
        counters.startedOver.add()
        host.log.error("subscription-place-unreadable", [
            ("topic", .text(definition.topic)), ("subscription", .text(name)),
            ("consequence", "it begins anew with the oldest event that is kept"),
        ])
    }

    /// Events were gone before they could be looked at or delivered.
    func noteLoss(_ count: UInt64, _ reason: String) {
        let now = host.clock.nowMilliseconds()
        state.withLock { state in
            state.losses.eventCount &+= count
            state.losses.lastMilliseconds = now
            state.isChanged = true
        }
        counters.dropped.add(count)
        host.log.error("events-lost", [
            ("topic", .text(definition.topic)), ("subscription", .text(name)), ("countMax", .text("\(count)")),
            ("reason", .text(reason)),
        ])
    }

    /// The filter's condition could not be asked of some events to its end. They are among those that match.
    func note(_ undecided: UndecidedEvents) {
        guard undecided.count > 0 else { return }
        counters.undecided.add(undecided.count)
        host.log.warning("filter-undecided", [
            ("topic", .text(definition.topic)), ("subscription", .text(name)),
            ("count", .text("\(undecided.count)")), ("event", .text(undecided.lastID)),
            ("reason", .text(undecided.lastReason)), ("consequence", "the subscription has the events"),
        ])
    }

    /// Looks whether events ended with their topic's retention behind its window, before it came to them.
    func noteExpired(after position: UInt64, _ page: TopicLog.Page, in topic: Topic) {
        let next = page.events.first?.version
        // Events that follow each other leave no room for any between them.
        if let next, next <= position + 1 { return }
        let count = try? topic.log.expiredCount(
            after: position, before: next, oldestMilliseconds: topic.oldestMilliseconds)
        guard let count, count > 0 else { return }
        noteLoss(count, "The topic's retention ended before the subscription had come to them.")
    }
}
