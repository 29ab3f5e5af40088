import OrreryDocuments

/// What an advanced filter looks at, found once when the filter is compiled.
enum FilterKey: Sendable, Equatable {
    case id, source, type, subject, time, dataContentType, dataSchema, dataVersion
    case specificationVersion
    case extensionAttribute(String)
    /// Members below the data; none for the data itself.
    case data([String])

    /// The place that a key names, in the terms of the schema in which events come: attributes without regard to case,
    /// and places in the data after `data.`. The publisher's own schema has no attributes: its keys are places in it.
    init(_ key: String, schema: EventSchema) throws(EventError) {
        let lower = key.lowercased()
        if schema == .custom {
            self = .data(try Self.path(key[...], key))
        } else if lower == "data" {
            self = .data([])
        } else if lower.hasPrefix("data.") {
            self = .data(try Self.path(key.dropFirst("data.".count), key))
        } else if let attribute = Self.attribute(lower, schema) {
            self = attribute
        } else if schema == .cloudEvents, EventExtension.isValid(name: lower) {
            self = .extensionAttribute(lower)
        } else {
            throw EventError(
                .badRequest,
                "The key '\(key.prefix(64))' of an advanced filter is neither an attribute nor in the data.")
        }
    }

    private static func attribute(_ name: String, _ schema: EventSchema) -> FilterKey? {
        switch name {
        case "id", "eventid": .id
        case "source": .source
        case "topic": schema == .eventGrid ? .source : nil
        case "type", "eventtype": .type
        case "subject": .subject
        case "time", "eventtime": .time
        case "dataversion", "eventtypeversion": .dataVersion
        case "dataschema": .dataSchema
        case "datacontenttype": .dataContentType
        case "specversion": .specificationVersion
        default: nil
        }
    }

    private static func path(_ text: Substring, _ key: String) throws(EventError) -> [String] {
        let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy({ !$0.isEmpty }) else {
            throw EventError(.badRequest, "The key '\(key.prefix(64))' of an advanced filter has an empty name in it.")
        }
        return names
    }

    /// An attribute's text; nil where the event lacks it, and for the data and further attributes.
    func attribute(of event: Event) -> String? {
        switch self {
        case .id: event.id
        case .source: event.source
        case .type: event.type
        case .subject: event.subject
        case .time: event.time
        case .dataContentType: event.dataContentType
        case .dataSchema: event.dataSchema
        case .dataVersion: event.dataVersion
        case .specificationVersion: "1.0"
        case .extensionAttribute, .data: nil
        }
    }

    /// The place in an event's data; nil where there is nothing, and for attributes.
    func node(of candidate: inout EventCandidate) -> JSONNode? {
        guard case .data(let path) = self else { return nil }
        var node = candidate.dataNode()
        for name in path { node = node?[name] }
        return node
    }

    /// Tells the hash of the event's text or number under the key, or of each one in an array.
    func withValueHashes(of candidate: inout EventCandidate, _ body: (UInt64) -> Void) {
        switch self {
        case .data:
            guard let node = node(of: &candidate) else { return }
            if node.kind == .array {
                for element in node.elements { Self.withHash(of: element, body) }
            } else {
                Self.withHash(of: node, body)
            }
        case .extensionAttribute(let name):
            switch candidate.event[extension: name] {
            case .string(let text): body(FoldedHash.of(text.utf8.span))
            case .integer(let number): body(FoldedHash.of(Double(number)))
            case .boolean, nil: break
            }
        default:
            if let text = attribute(of: candidate.event) { body(FoldedHash.of(text.utf8.span)) }
        }
    }

    private static func withHash(of node: JSONNode, _ body: (UInt64) -> Void) {
        if let number = node.double {
            body(FoldedHash.of(number))
        } else {
            _ = node.withStringUTF8 { body(FoldedHash.of($0)) }
        }
    }
}
