import OrreryDocuments
import OrreryEvents

extension Fuzzer {
    /// A body as it is published, its first byte choosing the schema and mode: what is taken is written and read back
    /// to the same events, in every schema in which it may be delivered.
    public static let events = Fuzzer(name: "events") { input in
        guard let choice = input.first else { return nil }
        let schema = EventSchema.allCases[Int(choice) % EventSchema.allCases.count]
        let types = [
            "application/cloudevents+json", "application/cloudevents-batch+json", "application/json", "text/plain",
        ]
        let type = types[Int(choice / 3) % types.count]
        var headers: [(name: String, value: String)] = []
        if choice >= 128 {
            headers = [("ce-specversion", "1.0"), ("ce-id", "%41"), ("ce-source", "s"), ("ce-type", "t")]
        }
        let reader = EventReader(schema: schema, topic: "/topics/t")
        let now = EventTime(microseconds: 0)
        let body = Array(input.dropFirst())
        guard let events = try? reader.events(in: body, contentType: type, headers: headers, now: now) else {
            return nil
        }
        return roundTripFault(events, schema, now: now)
    }

    private static func roundTripFault(_ events: [Event], _ schema: EventSchema, now: EventTime) -> String? {
        for event in events {
            var kept = event
            // CloudEvents have no empty subject.
            if kept.subject?.isEmpty == true { kept.subject = nil }
            guard let back = try? Event(json: event.json), back == kept else { return "an event that is not read back" }
        }
        for target in EventSchema.allCases where schema.canDeliver(as: target) {
            let body = EventWriter(target).body(of: events, isBatch: true)
            guard (try? JSONDocument(parsing: body, limits: .request)) != nil else { return "a body that is not JSON" }
        }
        guard schema != .custom, !events.isEmpty else { return nil }
        let reader = EventReader(schema: schema, topic: "/topics/t")
        let body = EventWriter(schema).body(of: events, isBatch: true)
        if body.count > EventLimits.requestBytesMax { return nil }
        guard let back = try? reader.events(in: body, contentType: nil, now: now), back.count == events.count else {
            return "a delivery that could not be published"
        }
        return nil
    }

    /// A filter and an event's data, set apart by a zero byte: asking gives the same as explaining, and the index finds
    /// what asking finds.
    public static let eventFilter = Fuzzer(name: "event-filter") { input in
        let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        guard parts.count == 2, let node = try? JSONDocument(parsing: parts[0]).root,
            let definition = try? FilterDefinition(node), let filter = try? Filter(definition, schema: .cloudEvents)
        else { return nil }
        guard let back = try? FilterDefinition(JSONDocument(parsing: definition.value.text).root), back == definition
        else { return "a definition that is not read back" }
        let text = (try? JSONDocument(parsing: parts[1])).map(\.text)
        let event = Event(
            id: "1", source: "/s", type: "T", subject: "Orders/7", data: text.map { .json($0) } ?? .binary(parts[1]),
            extensions: [EventExtension("n", .integer(7)), EventExtension("flag", .boolean(true))])
        var candidate = EventCandidate(event)
        let passes = filter.matches(&candidate) { _ in }
        if passes != (filter.mismatch(&candidate) { _ in } == nil) { return "the explanation says otherwise" }
        let isFound = FilterIndex([filter]).matches(&candidate) { _, _ in } == [0]
        return isFound == passes ? nil : "the index says otherwise"
    }

    /// A text in the language of CloudEvents: it is refused or has a value, the same one each time.
    public static let cesql = Fuzzer(name: "cesql") { input in
        guard let expression = try? CESQLExpression(String(decoding: input, as: UTF8.self)) else { return nil }
        let event = Event(
            id: "1", source: "/s", type: "T", subject: "Zoë",
            extensions: [EventExtension("n", .integer(-2_147_483_648))])
        let outcome = expression.evaluate(event)
        if outcome != expression.evaluate(event) { return "another value the second time" }
        if !expression.unknownFunctions.isEmpty { return nil }
        return outcome.error == .missingFunction ? "a function that was known is missing" : nil
    }
}
