import OrreryDatabase
import OrreryTelemetry
import OrreryTriggers

/// Bridges: a handler of a container's changes publishes each of them. What it has published is its progress, kept in
/// the container's own log, so there is no event without its write and no write without its event.
extension EventHost {
    /// Begins to publish the changes of a container. One that is there already starts with the next change; one that is
    /// made later, with its first.
    /// - Throws: `notFound` where there is no such topic; `badRequest` for a condition that is refused; `conflict` for
    ///   a second bridge between the same two.
    public func add(_ bridge: BridgeDefinition) throws(EventError) {
        let topic = try topic(bridge.topic)
        let parts = bridge.container.split(separator: "/").map(String.init)
        var options = TriggerOptions()
        options.start = hasContainer(parts[0], parts[1]) ? .now : .beginning
        options.predicate = bridge.condition.map(Self.statement)
        options.seesOwnChanges = true
        // No event may be lost: a topic that cannot be written to is tried until it can.
        options.attemptsMax = .max
        let trigger = Trigger(
            bridge.handlerName, database: parts[0], container: parts[1], options: options
        ) { [weak topic, weak self] changes, _ in
            guard let topic, let self else { throw EventError(.unavailable, "The host is stopping.") }
            try await self.publish(changes, of: bridge, to: topic)
        }
        guard let trigger else { throw EventError(.badRequest, "'\(bridge.container)' cannot be bridged.") }
        do throws(TriggerError) {
            try register(trigger)
        } catch {
            throw EventError(.conflict, "The bridge from \(bridge.container) to \(bridge.topic): \(error)")
        }
    }

    private func hasContainer(_ database: String, _ container: String) -> Bool {
        guard let id = try? account.databaseID(named: database) else { return false }
        return (try? account.containerID(named: container, in: id)) != nil
    }

    /// Handlers take whole predicates: `from c where …`.
    private static func statement(_ condition: String) -> String {
        condition.lowercased().hasPrefix("from ") ? condition : "from c where \(condition)"
    }

    /// Publishes changes, which may have been published before: then their documents are there.
    private func publish(
        _ changes: [TriggerChange], of bridge: BridgeDefinition, to topic: Topic
    ) async throws(EventError) {
        let events = changes.map { change in
            NewEvent(
                documentID: change.idempotencyKey, event: ChangeEvent.of(change, bridge), schema: .cloudEvents)
        }
        do throws(EventError) {
            try await publish(events, to: topic)
        } catch {
            guard error.kind == .conflict || Self.isOfEvent(error) else { throw error }
            for event in events { try await publishAlone(event, of: bridge, to: topic) }
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
        _ event: NewEvent, of bridge: BridgeDefinition, to topic: Topic
    ) async throws(EventError) {
        do throws(EventError) {
            try await publish([event], to: topic)
        } catch {
            if error.kind == .conflict { return }
            guard Self.isOfEvent(error) else { throw error }
            guard event.event.data != nil else {
                counters(of: bridge).refused.add()
                log.error("bridge-event-refused", [
                    ("bridge", .text(bridge.container)), ("topic", .text(topic.name)),
                    ("id", .text(event.documentID)), ("reason", .text(error.message)),
                ])
                return
            }
            counters(of: bridge).shortened.add()
            var short = event
            short.event = ChangeEvent.withoutData(event.event)
            try await publishAlone(short, of: bridge, to: topic)
        }
    }

    private func counters(of bridge: BridgeDefinition) -> BridgeCounters { BridgeCounters(bridge, in: metrics) }

    /// Publishes and waits until that is durable.
    func publish(_ events: [NewEvent], to topic: Topic) async throws(EventError) {
        let result = await withCheckedContinuation { continuation in
            publish(events, to: topic) { continuation.resume(returning: $0) }
        }
        try result.get()
    }
}
