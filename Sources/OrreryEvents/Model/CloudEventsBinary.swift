import OrreryDocuments

/// CloudEvents over HTTP in binary mode (specification, "HTTP Protocol Binding"): attributes in `ce-` headers, the
/// data as it is in the body.
enum CloudEventsBinary {
    /// Whether the headers are those of an event in binary mode.
    static func isBinary(_ headers: [(name: String, value: String)]) -> Bool {
        headers.contains { attribute(ofHeader: $0.name) == "specversion" }
    }

    /// The event of a request. The body's media type is the data's.
    static func event(
        body: [UInt8], contentType: String?, headers: [(name: String, value: String)]
    ) throws(EventError) -> Event {
        guard body.count <= EventLimits.eventBytesMax else { throw .tooLarge(bytesMax: EventLimits.eventBytesMax) }
        var attributes: [String: String] = [:]
        var extensions: [EventExtension] = []
        for header in headers {
            guard let name = attribute(ofHeader: header.name) else { continue }
            guard let value = CloudEventsHeaderText.text(header.value) else {
                throw invalid("Header 'ce-\(name.prefix(64))' is not percent-encoded UTF-8.")
            }
            if known.contains(name) {
                attributes[name] = value
            } else if EventExtension.isValid(name: name) {
                extensions.removeAll { $0.name == name }
                extensions.append(EventExtension(name, .string(value)))
            } else {
                throw invalid("Header 'ce-\(name.prefix(64))' does not name an attribute.")
            }
        }
        guard attributes["specversion"] == "1.0" else { throw invalid("Header 'ce-specversion' must be 1.0.") }
        var event = Event(
            id: try required("id", attributes), source: try required("source", attributes),
            type: try required("type", attributes), subject: attributes["subject"],
            dataContentType: contentType, dataSchema: attributes["dataschema"], extensions: extensions)
        if let time = attributes["time"] {
            guard EventTime(time) != nil else { throw invalid("Header 'ce-time' is not a date and time (RFC 3339).") }
            event.time = time
        }
        event.data = try data(body, contentType: contentType)
        return event
    }

    /// The headers and the body of an event: its attributes, percent-encoded, and its data as it is.
    static func message(
        of event: Event
    ) -> (headers: [(name: String, value: String)], contentType: String?, body: [UInt8]) {
        var headers = [("ce-specversion", "1.0")]
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { headers.append(("ce-" + name, CloudEventsHeaderText.encoded(value))) }
        }
        add("id", event.id)
        add("source", event.source)
        add("type", event.type)
        add("subject", event.subject)
        add("time", event.time)
        add("dataschema", event.dataSchema)
        for attribute in event.extensions { add(attribute.name, attribute.text) }
        switch event.data {
        case nil: return (headers, event.dataContentType, [])
        case .binary(let bytes): return (headers, event.dataContentType ?? "application/octet-stream", bytes)
        case .json(let text):
            if !MediaType.isJSON(event.dataContentType), let plain = try? JSONValue(parsing: text).string {
                return (headers, event.dataContentType, Array(plain.utf8))
            }
            return (headers, event.dataContentType ?? "application/json", text)
        }
    }

    /// JSON stays JSON, text becomes a JSON string, and all else stays bytes, so that the event can be written as JSON.
    private static func data(_ body: [UInt8], contentType: String?) throws(EventError) -> EventData? {
        if body.isEmpty { return nil }
        if MediaType.isJSON(contentType) {
            return .json(try AttributeReader(schema: .cloudEvents).root(of: body).document.text)
        }
        guard MediaType.isText(contentType), let text = String(validating: body, as: UTF8.self) else {
            return .binary(body)
        }
        return .json(JSONValue.string(text).text)
    }

    private static let known: Set<String> = [
        "specversion", "id", "source", "type", "subject", "time", "dataschema",
    ]

    private static func required(_ name: String, _ attributes: [String: String]) throws(EventError) -> String {
        guard let value = attributes[name], !value.isEmpty else { throw invalid("Header 'ce-\(name)' is missing.") }
        return value
    }

    private static func attribute(ofHeader name: String) -> String? {
        let lower = name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return lower.starts(with: "ce-".utf8) ? String(decoding: lower.dropFirst(3), as: UTF8.self) : nil
    }

    private static func invalid(_ reason: String) -> EventError { .doesNotConform(.cloudEvents, reason) }
}
