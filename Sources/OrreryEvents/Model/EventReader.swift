/// Reads what was published to a topic: any schema, in any of its modes, becomes events.
public struct EventReader: Sendable {
    /// What the topic takes.
    public var schema: EventSchema
    /// The topic's name, as it stands in events of Event Grid's schema.
    public var topic: String
    /// For a topic with the publisher's own schema.
    public var mapping: InputSchemaMapping

    /// A reader for a topic.
    public init(schema: EventSchema, topic: String, mapping: InputSchemaMapping = InputSchemaMapping()) {
        self.schema = schema
        self.topic = topic
        self.mapping = mapping
    }

    /// The events of a request's body: all of them, or the error of the first that is not one.
    /// - Parameters:
    ///   - contentType: the request's media type; CloudEvents tell by it in which mode they come.
    ///   - headers: the request's fields, for CloudEvents in binary mode.
    ///   - now: when they were published.
    public func events(
        in body: [UInt8], contentType: String?, headers: [(name: String, value: String)] = [], now: EventTime
    ) throws(EventError) -> [Event] {
        switch schema {
        case .eventGrid: return try EventGridFormat.events(in: body, topic: topic)
        case .custom: return try CustomFormat(mapping: mapping, topic: topic, now: now).events(in: body)
        case .cloudEvents: break
        }
        switch contentType.map(MediaType.essence) {
        case CloudEventsFormat.structuredType: return [try CloudEventsFormat.event(in: body)]
        case CloudEventsFormat.batchType: return try CloudEventsFormat.events(in: body)
        default: break
        }
        if CloudEventsBinary.isBinary(headers) {
            return [try CloudEventsBinary.event(body: body, contentType: contentType, headers: headers)]
        }
        return try CloudEventsFormat.eventOrEvents(in: body)
    }
}
