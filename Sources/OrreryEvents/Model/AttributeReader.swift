import OrreryDocuments

/// Reads the attributes of one event out of its JSON object, with the service's errors.
struct AttributeReader {
    let schema: EventSchema

    /// A member that must be a string and is not empty.
    func required(_ value: JSONNode?, _ name: String) throws(EventError) -> String {
        guard let text = try optional(value, name), !text.isEmpty else {
            throw .doesNotConform(schema, "Required property '\(name)' is missing or empty.")
        }
        return text
    }

    /// A member that is a string where it is there; null counts as missing.
    func optional(_ value: JSONNode?, _ name: String) throws(EventError) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string else {
            throw .doesNotConform(schema, "Property '\(name)' is not a string.")
        }
        return text
    }

    /// A time that must be RFC 3339. Where UTC is assumed, a text without an offset gets one.
    func time(_ text: String, _ name: String, assumesUTC: Bool) throws(EventError) -> String {
        if EventTime(text) != nil { return text }
        guard assumesUTC, EventTime(text, assumesUTC: true) != nil else {
            throw .doesNotConform(schema, "Property '\(name)' is not a date and time (RFC 3339).")
        }
        return text + "Z"
    }

    /// The object of one event that is published, which must not be longer than an event may be.
    func object(_ node: JSONNode) throws(EventError) -> JSONNode {
        guard node.kind == .object else { throw .unexpectedToken(node.kind, expected: "StartObject", schema) }
        guard node.textRange.count <= EventLimits.eventBytesMax else {
            throw .tooLarge(bytesMax: EventLimits.eventBytesMax)
        }
        return node
    }

    /// The events of an array, each read by `read`.
    func array(
        _ node: JSONNode, read: (JSONNode) throws(EventError) -> Event
    ) throws(EventError) -> [Event] {
        guard node.kind == .array else { throw .unexpectedToken(node.kind, expected: "StartArray", schema) }
        var events: [Event] = []
        events.reserveCapacity(node.count)
        for element in node.elements { events.append(try read(element)) }
        return events
    }

    /// A body's one value.
    func root(of body: [UInt8]) throws(EventError) -> JSONNode {
        guard body.count <= EventLimits.requestBytesMax else {
            throw .tooLarge(bytesMax: EventLimits.requestBytesMax)
        }
        do {
            return try JSONDocument(parsing: body, limits: EventLimits.json).root
        } catch {
            throw .doesNotConform(schema, "The body is not JSON: \(error).")
        }
    }
}
