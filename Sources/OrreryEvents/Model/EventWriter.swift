public import OrreryDocuments

/// Writes events in the schema in which a subscription takes them.
public struct EventWriter: Sendable {
    public let schema: EventSchema

    /// A writer of one schema. That the topic's events can be written in it is checked when the subscription is made
    /// (`EventSchema.canDeliver`).
    public init(_ schema: EventSchema) {
        self.schema = schema
    }

    /// The media type of a delivery.
    public func contentType(isBatch: Bool) -> String {
        guard schema == .cloudEvents else { return "application/json; charset=utf-8" }
        return (isBatch ? CloudEventsFormat.batchType : CloudEventsFormat.structuredType) + "; charset=utf-8"
    }

    /// The body of a delivery: CloudEvents that are not batched stand alone, all others in an array.
    public func body(of events: [Event], isBatch: Bool) -> [UInt8] {
        var writer = JSONWriter(reservingBytes: events.reduce(16) { $0 + 256 + ($1.data?.byteCount ?? 0) })
        if schema == .cloudEvents, !isBatch, let event = events.first {
            write(event, to: &writer)
            return writer.bytes
        }
        writer.beginArray()
        for event in events { write(event, to: &writer) }
        writer.endArray()
        return writer.bytes
    }

    /// Appends one event as an object.
    public func write(_ event: Event, to writer: inout JSONWriter) {
        switch schema {
        case .eventGrid: EventGridFormat.write(event, to: &writer)
        case .cloudEvents: CloudEventsFormat.write(event, to: &writer)
        case .custom:
            // The whole of what was published is the event's data.
            guard case .json(let text) = event.data else { return CloudEventsFormat.write(event, to: &writer) }
            writer.raw(text)
        }
    }
}

extension Event {
    /// The event as one CloudEvents object: the form in which every event can be kept and read back.
    public var json: [UInt8] {
        var writer = JSONWriter(reservingBytes: 256 + (data?.byteCount ?? 0))
        CloudEventsFormat.write(self, to: &writer)
        return writer.bytes
    }

    /// An event from its CloudEvents object; `json` is read back to the same event, but for an empty subject. The
    /// limits on what is published do not count here.
    public init(json text: [UInt8]) throws(EventError) {
        guard let document = try? JSONDocument(parsing: text, limits: .request) else {
            throw .doesNotConform(.cloudEvents, "The text is not JSON.")
        }
        self = try CloudEventsFormat.event(document.root)
    }

    /// An event from the node of its CloudEvents object.
    public init(_ node: JSONNode) throws(EventError) {
        self = try CloudEventsFormat.event(node)
    }
}
