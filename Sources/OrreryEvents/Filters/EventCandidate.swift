import OrreryDocuments

/// An event that filters look at: its data is parsed when the first of them asks for it, and once for all.
public struct EventCandidate {
    public let event: Event
    /// The UTF-8 of the event's type, as filters and their index compare it.
    let type: [UInt8]

    private enum Parsed {
        case notYet
        case unreadable
        case parsed(JSONDocument)
    }

    private var data = Parsed.notYet
    private var published = Parsed.notYet

    /// A candidate from an event.
    public init(_ event: Event) {
        self.event = event
        type = Array(event.type.utf8)
    }

    /// The data's value; nil where there is none, or none that is JSON.
    mutating func dataNode() -> JSONNode? {
        if case .notYet = data { data = Self.parse(event.data) }
        guard case .parsed(let document) = data else { return nil }
        return document.root
    }

    /// The whole event as it was published, for conditions in the query language.
    mutating func document(in schema: EventSchema) -> JSONDocument? {
        if case .notYet = published {
            var writer = JSONWriter(reservingBytes: 256 + (event.data?.byteCount ?? 0))
            EventWriter(schema).write(event, to: &writer)
            published = Self.parse(.json(writer.bytes))
        }
        guard case .parsed(let document) = published else { return nil }
        return document
    }

    private static func parse(_ data: EventData?) -> Parsed {
        guard case .json(let text) = data, let document = try? JSONDocument(parsing: text, limits: EventLimits.json)
        else { return .unreadable }
        return .parsed(document)
    }
}
