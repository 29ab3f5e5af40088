import OrreryDocuments

/// The publisher's own schema: an array of objects, each kept whole as the event's data.
struct CustomFormat {
    let mapping: InputSchemaMapping
    /// The topic's own name, for events that bring none.
    let topic: String
    /// When the events were published.
    let now: EventTime

    private static let reader = AttributeReader(schema: .custom)

    /// The events of a body.
    func events(in body: [UInt8]) throws(EventError) -> [Event] {
        try Self.reader.array(try Self.reader.root(of: body)) { element throws(EventError) in
            try event(try Self.reader.object(element))
        }
    }

    private func event(_ object: JSONNode) throws(EventError) -> Event {
        let time = try filled(mapping.eventTime, object)
        var event = Event(
            id: try filled(mapping.id, object) ?? EventID.random(),
            source: try filled(mapping.topic, object) ?? topic,
            type: try type(object),
            subject: try required(mapping.subject, "subject", object),
            time: try time.map { text throws(EventError) in
                try Self.reader.time(text, mapping.eventTime.sourceField ?? "eventTime", assumesUTC: true)
            } ?? now.text,
            data: .json(Array(object.text)))
        event.dataVersion = try required(mapping.dataVersion, "dataVersion", object)
        return event
    }

    private func type(_ object: JSONNode) throws(EventError) -> String {
        let type = try required(mapping.eventType, "eventType", object)
        guard !type.isEmpty else { throw .doesNotConform(.custom, "Property 'eventType' is empty.") }
        return type
    }

    /// A property that an empty text leaves as if it were missing.
    private func filled(_ field: InputSchemaMapping.Field, _ object: JSONNode) throws(EventError) -> String? {
        guard let text = try optional(field, object), !text.isEmpty else { return nil }
        return text
    }

    private func optional(_ field: InputSchemaMapping.Field, _ object: JSONNode) throws(EventError) -> String? {
        guard let name = field.sourceField, let value = object[name], !value.isNull else { return nil }
        // Numbers and booleans serve as text: an order's number is as good an id as its name.
        if value.kind == .number || value.kind == .boolean { return String(decoding: value.text, as: UTF8.self) }
        return try Self.reader.optional(value, name)
    }

    private func required(
        _ field: InputSchemaMapping.Field, _ property: String, _ object: JSONNode
    ) throws(EventError) -> String {
        if let value = try optional(field, object) ?? field.defaultValue { return value }
        throw .doesNotConform(
            .custom,
            "Property '\(property)' is mapped to '\(field.sourceField ?? "")', which is missing, and has no default.")
    }
}
