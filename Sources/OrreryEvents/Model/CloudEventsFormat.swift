import OrreryCrypto
import OrreryDocuments

/// CloudEvents 1.0 as JSON (specification, "JSON Event Format"): one event (structured) or an array of them (batch).
enum CloudEventsFormat {
    /// The media types, without parameters.
    static let structuredType = "application/cloudevents+json"
    static let batchType = "application/cloudevents-batch+json"

    private static let reader = AttributeReader(schema: .cloudEvents)

    /// The one event of a structured body.
    static func event(in body: [UInt8]) throws(EventError) -> Event {
        try published(try reader.root(of: body))
    }

    /// The events of a batch.
    static func events(in body: [UInt8]) throws(EventError) -> [Event] {
        try reader.array(try reader.root(of: body)) { element throws(EventError) in try published(element) }
    }

    /// The events of a body whose media type does not tell whether it is one or a batch.
    static func eventOrEvents(in body: [UInt8]) throws(EventError) -> [Event] {
        let root = try reader.root(of: body)
        if root.kind == .object { return [try published(root)] }
        return try reader.array(root) { element throws(EventError) in try published(element) }
    }

    private static func published(_ node: JSONNode) throws(EventError) -> Event {
        try event(try reader.object(node))
    }

    /// One event from its object, however long: what was taken in another form may be longer in this one.
    static func event(_ object: JSONNode) throws(EventError) -> Event {
        guard object.kind == .object else { throw .unexpectedToken(object.kind, expected: "StartObject", .cloudEvents) }
        guard object["specversion"]?.isString("1.0") == true else {
            throw .doesNotConform(.cloudEvents, "Property 'specversion' must be \"1.0\".")
        }
        var event = Event(
            id: try reader.required(object["id"], "id"),
            source: try reader.required(object["source"], "source"),
            type: try reader.required(object["type"], "type"))
        event.subject = try reader.optional(object["subject"], "subject")
        if let time = try reader.optional(object["time"], "time") {
            event.time = try reader.time(time, "time", assumesUTC: false)
        }
        event.dataContentType = try reader.optional(object["datacontenttype"], "datacontenttype")
        event.dataSchema = try reader.optional(object["dataschema"], "dataschema")
        event.data = try data(object)
        try readExtensions(of: object, into: &event)
        return event
    }

    private static func data(_ object: JSONNode) throws(EventError) -> EventData? {
        guard let encoded = object["data_base64"], !encoded.isNull else {
            return object["data"].map { .json(Array($0.text)) }
        }
        guard object["data"] == nil else {
            throw .doesNotConform(.cloudEvents, "Properties 'data' and 'data_base64' exclude each other.")
        }
        guard let text = encoded.stringBytes, let bytes = Base64.decode(text) else {
            throw .doesNotConform(.cloudEvents, "Property 'data_base64' is not Base64 text.")
        }
        return .binary(bytes)
    }

    private static let attributes: Set<String> = [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data",
        "data_base64",
    ]

    private static func readExtensions(of object: JSONNode, into event: inout Event) throws(EventError) {
        for (name, value) in object.members where !attributes.contains(name) {
            guard EventExtension.isValid(name: name) else {
                throw .doesNotConform(
                    .cloudEvents,
                    "Extension attribute '\(name.prefix(64))' has a name of other than lower-case letters and digits.")
            }
            if value.isNull { continue }
            guard let value = extensionValue(value) else {
                throw .doesNotConform(
                    .cloudEvents,
                    "Extension attribute '\(name.prefix(64))' is not a string, a boolean or a 32-bit integer.")
            }
            event.extensions.append(EventExtension(name, value))
        }
    }

    private static func extensionValue(_ node: JSONNode) -> EventExtension.Value? {
        switch node.kind {
        case .string: node.string.map { .string($0) }
        case .boolean: node.boolean.map { .boolean($0) }
        case .number: node.int64.flatMap { Int32(exactly: $0) }.map { .integer($0) }
        case .null, .array, .object: nil
        }
    }

    /// Appends one event.
    static func write(_ event: Event, to writer: inout JSONWriter) {
        writer.beginObject()
        member("specversion", "1.0", &writer)
        member("id", event.id, &writer)
        member("source", event.source, &writer)
        member("type", event.type, &writer)
        // An attribute that is there may not be empty; Event Grid's own schema allows an empty subject.
        if let subject = event.subject, !subject.isEmpty { member("subject", subject, &writer) }
        if let time = event.time { member("time", time, &writer) }
        if let type = event.dataContentType { member("datacontenttype", type, &writer) }
        if let schema = event.dataSchema { member("dataschema", schema, &writer) }
        for attribute in event.extensions {
            writer.name(attribute.name)
            switch attribute.value {
            case .string(let text): writer.string(text)
            case .integer(let number): writer.raw(Array(String(number).utf8))
            case .boolean(let flag): writer.boolean(flag)
            }
        }
        switch event.data {
        case .json(let text):
            writer.name("data")
            writer.raw(text)
        case .binary(let bytes): member("data_base64", Base64.encode(bytes), &writer)
        case nil: break
        }
        writer.endObject()
    }

    private static func member(_ name: String, _ value: String, _ writer: inout JSONWriter) {
        writer.name(name)
        writer.string(value)
    }
}
