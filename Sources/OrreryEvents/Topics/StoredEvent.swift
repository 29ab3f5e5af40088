import OrreryDocuments
import OrreryEngine

/// An event as its topic keeps it.
struct StoredEvent: Sendable {
    /// Its place in the topic: rises with every event, and is never used twice.
    let version: UInt64
    /// When it was published, in milliseconds since 1970.
    let publishedMilliseconds: Int64
    let event: Event
    /// The schema that it was published in.
    let schema: EventSchema
    /// The one subscription that it is for, whatever that one's filter says: a dead letter that is handed over again.
    let onlySubscription: String?
    /// The trace that the publication was part of (W3C Trace Context).
    let traceparent: String?
    let byteCount: Int

    /// Reads an item of a topic's container; nil for what is no event.
    init?(_ item: Item) {
        guard let document = try? JSONDocument(parsing: item.text), let node = document.root["event"],
            let event = try? Event(node)
        else { return nil }
        version = item.version
        publishedMilliseconds = item.timestampMilliseconds
        self.event = event
        schema = document.root["schema"]?.string.flatMap(EventSchema.init(name:)) ?? .cloudEvents
        onlySubscription = document.root["only"]?.string
        traceparent = document.root["traceparent"]?.string
        byteCount = item.text.count
    }
}

/// An event that is to be published.
struct NewEvent: Sendable {
    /// The id of its document: the same for the same event, where it could come twice.
    var documentID: String
    var event: Event
    var schema: EventSchema
    var traceparent: String?
    var onlySubscription: String?

    init(
        documentID: String, event: Event, schema: EventSchema, traceparent: String? = nil,
        onlySubscription: String? = nil
    ) {
        self.documentID = documentID
        self.event = event
        self.schema = schema
        self.traceparent = traceparent
        self.onlySubscription = onlySubscription
    }

    /// The document that holds it in the container of a topic.
    func text(topic: String) -> [UInt8] {
        var writer = JSONWriter(reservingBytes: 512 + (event.data?.byteCount ?? 0))
        writer.beginObject()
        func add(_ name: String, _ value: String?) {
            guard let value else { return }
            writer.name(name)
            writer.string(value)
        }
        add("id", documentID)
        add("topic", topic)
        add("schema", schema.rawValue)
        add("traceparent", traceparent)
        add("only", onlySubscription)
        writer.name("event")
        writer.raw(event.json)
        writer.endObject()
        return writer.bytes
    }
}
