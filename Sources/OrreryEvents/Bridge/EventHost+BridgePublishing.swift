import OrreryDatabase
import OrreryTelemetry
import OrreryTriggers

/// What a bridge does with the changes that it is given.
extension EventHost {
    /// What carries the changes of a bridge over.
    func handler(of bridge: BridgeDefinition) throws(EventError) -> Trigger {
        let parts = bridge.container.split(separator: "/").map(String.init)
        var options = TriggerOptions()
        options.start = .time(bridge.startMilliseconds)
        options.predicate = bridge.condition.map(Self.statement)
        options.seesOwnChanges = true
        // No event may be lost: a topic that cannot be written to is tried until it can.
        options.attemptsMax = .max
        let counters = BridgeCounters(bridge, in: metrics)
        let trigger = Trigger(
            bridge.handlerName, database: parts[0], container: parts[1], options: options
        ) { [weak self] changes, _ in
            guard let self else { throw EventError(.unavailable, "The host is stopping.") }
            do throws(EventError) {
                try await self.publish(changes, of: bridge, counters)
                self.sources.note(nil, of: bridge.name)
            } catch {
                self.sources.note((error.message, self.clock.nowMilliseconds()), of: bridge.name)
                throw error
            }
        }
        guard let trigger else { throw EventError(.badRequest, "'\(bridge.container)' cannot be bridged.") }
        do throws(TriggerError) {
            try trigger.validate()
        } catch {
            throw EventError(.badRequest, "The condition of the bridge from \(bridge.container): \(error)")
        }
        return trigger
    }

    /// Handlers take whole predicates: `from c where …`.
    private static func statement(_ condition: String) -> String {
        condition.lowercased().hasPrefix("from ") ? condition : "from c where \(condition)"
    }

    /// Publishes changes, which may have been published before: then their documents are there.
    private func publish(
        _ changes: [TriggerChange], of bridge: BridgeDefinition, _ counters: BridgeCounters
    ) async throws(EventError) {
        let topic = try topic(bridge.topic)
        let events = changes.map { change in
            NewEvent(
                documentID: change.idempotencyKey, event: ChangeEvent.of(change, bridge), schema: .cloudEvents,
                traceparent: change.traceparent)
        }
        do throws(EventError) {
            try await publish(events, to: topic)
        } catch {
            guard error.kind == .conflict || Self.isOfEvent(error) else { throw error }
            for event in events { try await publishAlone(event, of: bridge, to: topic, counters) }
        }
    }

    /// Whether the same event would be refused again: it is too long, or its data are nested deeper than a topic's
    /// events may be, where an item may be as deep as that.
    private static func isOfEvent(_ error: EventError) -> Bool {
        error.kind == .tooLarge || error.kind == .badRequest
    }

    /// An event that cannot be kept whole comes without its data, and one that cannot be kept at all must not hold up
    /// those behind it.
    private func publishAlone(
        _ event: NewEvent, of bridge: BridgeDefinition, to topic: Topic, _ counters: BridgeCounters
    ) async throws(EventError) {
        do throws(EventError) {
            try await publish([event], to: topic)
        } catch {
            if error.kind == .conflict { return }
            guard Self.isOfEvent(error) else { throw error }
            guard event.event.data != nil else {
                counters.refused.add()
                log.error("bridge-event-refused", [
                    ("bridge", .text(bridge.name)), ("topic", .text(topic.name)),
                    ("id", .text(event.documentID)), ("reason", .text(error.message)),
                ])
                return
            }
            counters.shortened.add()
            var short = event
            short.event = ChangeEvent.withoutData(event.event)
            try await publishAlone(short, of: bridge, to: topic, counters)
        }
    }

    /// Publishes and waits until that is durable.
    func publish(_ events: [NewEvent], to topic: Topic) async throws(EventError) {
        let result = await withCheckedContinuation { continuation in
            publish(events, to: topic) { continuation.resume(returning: $0) }
        }
        try result.get()
    }
}
