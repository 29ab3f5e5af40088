import OrreryCrypto
import OrreryDocuments

/// Event Grid's own schema (documentation, "Azure Event Grid event schema"): always an array.
enum EventGridFormat {
    /// The events of a body. Events without a topic get `topic`, and one with another is refused, as with the service.
    static func events(in body: [UInt8], topic: String) throws(EventError) -> [Event] {
        let reader = AttributeReader(schema: .eventGrid)
        let root = try reader.root(of: body)
        return try reader.array(root) { element throws(EventError) in
            try event(try reader.object(element), topic: topic, reader)
        }
    }

    private static func event(
        _ object: JSONNode, topic: String, _ reader: AttributeReader
    ) throws(EventError) -> Event {
        try requireKnownProperties(object)
        let id = try reader.required(object["id"], "id")
        let type = try reader.required(object["eventType"], "eventType")
        guard let subject = try reader.optional(object["subject"], "subject") else {
            throw .doesNotConform(.eventGrid, "Required property 'subject' is missing.")
        }
        let time = try reader.required(object["eventTime"], "eventTime")
        if let given = try reader.optional(object["topic"], "topic"), !given.isEmpty,
            !given.utf8.elementsEqual(topic.utf8)
        {
            throw .doesNotConform(.eventGrid, "Property 'topic' must be left out or be the topic's own.")
        }
        if let version = try reader.optional(object["metadataVersion"], "metadataVersion"),
            !version.isEmpty, version != "1"
        {
            throw .doesNotConform(.eventGrid, "Property 'metadataVersion' must be left out or be \"1\".")
        }
        var event = Event(
            id: id, source: topic, type: type, subject: subject,
            time: try reader.time(time, "eventTime", assumesUTC: true),
            data: object["data"].map { .json(Array($0.text)) })
        event.dataVersion = try reader.optional(object["dataVersion"], "dataVersion")
        return event
    }

    private static let properties: Set<String> = [
        "id", "topic", "subject", "data", "eventType", "eventTime", "dataVersion", "metadataVersion",
    ]

    private static func requireKnownProperties(_ object: JSONNode) throws(EventError) {
        for (name, _) in object.members where !properties.contains(name) {
            throw .unexpectedProperty(String(name.prefix(64)), .eventGrid)
        }
    }

    /// Appends one event.
    static func write(_ event: Event, to writer: inout JSONWriter) {
        writer.beginObject()
        member("id", event.id, &writer)
        member("topic", event.source, &writer)
        member("subject", event.subject ?? "", &writer)
        member("eventType", event.type, &writer)
        if let time = event.time { member("eventTime", time, &writer) }
        writer.name("data")
        switch event.data {
        case .json(let text): writer.raw(text)
        case .binary(let bytes): writer.string(Base64.encode(bytes))
        case nil: writer.null()
        }
        member("dataVersion", event.dataVersion ?? "", &writer)
        member("metadataVersion", "1", &writer)
        writer.endObject()
    }

    private static func member(_ name: String, _ value: String, _ writer: inout JSONWriter) {
        writer.name(name)
        writer.string(value)
    }
}
