public import OrreryDocuments
import OrreryCrypto

/// What is said of a topic: its name, what it takes, and who may publish to it.
public struct TopicDefinition: Sendable {
    /// The two kinds of topics that Event Grid has.
    public enum Kind: String, Sendable {
        /// Published to at `/api/events`; delivers by push.
        case basic
        /// Published to at `/topics/NAME:publish`; takes CloudEvents, delivers by push and by pull.
        case namespace
    }

    public let name: String
    public var kind: Kind
    /// What is published to it; nil where each request tells by its content type and its shape.
    public var inputSchema: EventSchema?
    /// For a publisher's own schema.
    public var mapping: InputSchemaMapping
    /// How long events are kept for replay. It is longer than any subscription may take to deliver them.
    public var retentionMinutes: Int
    public var keys: TopicKeys
    /// What the control plane was told and only shows again: location, tags, and where the resource stands.
    public var resource: JSONValue

    /// Two days for basic topics, whose deliveries end after one, and eight for namespaces, whose end after seven.
    public static func retentionMinutesMin(_ kind: Kind) -> Int { kind == .basic ? 2 * 1440 : 8 * 1440 }

    /// A topic of a name.
    /// - Throws: `badRequest` where the name is none.
    public init(
        _ name: String, kind: Kind, inputSchema: EventSchema? = nil, keys: TopicKeys = .random()
    ) throws(EventError) {
        try Self.validate(name, of: "topic")
        self.name = name
        self.kind = kind
        self.inputSchema = kind == .namespace ? .cloudEvents : inputSchema
        self.keys = keys
        mapping = InputSchemaMapping(
            eventType: .init("eventType", default: "Custom.Event"), subject: .init("subject", default: ""))
        retentionMinutes = Self.retentionMinutesMin(kind)
        resource = .object([])
    }

    /// A name is 1 to 64 letters, digits, hyphens, underscores and points, and begins with a letter or a digit.
    static func validate(_ name: String, of what: String) throws(EventError) {
        let isName = name.utf8.enumerated().allSatisfy { position, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): position > 0
            default: false
            }
        }
        guard isName, (1...EventLimits.nameLengthMax).contains(name.utf8.count) else {
            throw EventError(
                .badRequest,
                "The name of a \(what) is 1 to \(EventLimits.nameLengthMax) letters, digits, hyphens, underscores and "
                    + "points, and begins with a letter or a digit.")
        }
    }
}

/// The two keys of a topic: either opens it, so that one can be made anew while the other is in use.
public struct TopicKeys: Sendable, Equatable {
    public var key1: String
    public var key2: String

    /// Keys in base64.
    public init(key1: String, key2: String) {
        self.key1 = key1
        self.key2 = key2
    }

    /// New keys.
    public static func random() -> TopicKeys { TopicKeys(key1: newKey(), key2: newKey()) }

    static func newKey() -> String { Base64.encode(randomBytes(count: 32)) }

    var all: [String] { [key1, key2] }
}

extension TopicDefinition {
    /// The topic as it is kept.
    var json: JSONValue {
        var json: JSONValue = [
            "id": .string(name),
            "kind": .string(kind.rawValue),
            "retentionMinutes": .number(retentionMinutes),
            "key1": .string(keys.key1),
            "key2": .string(keys.key2),
            "inputSchemaMapping": mapping.value,
            "resource": resource,
        ]
        if let inputSchema { json["inputSchema"] = .string(inputSchema.rawValue) }
        return json
    }

    /// Reads a topic back; nil for what is none.
    init?(kept json: JSONValue) {
        guard let name = json["id"]?.string, let kind = json["kind"]?.string.flatMap(Kind.init),
            let key1 = json["key1"]?.string, let key2 = json["key2"]?.string,
            var definition = try? TopicDefinition(
                name, kind: kind, inputSchema: json["inputSchema"]?.string.flatMap(EventSchema.init(name:)),
                keys: TopicKeys(key1: key1, key2: key2))
        else { return nil }
        if let mapping = json["inputSchemaMapping"], let document = try? JSONDocument(parsing: mapping.text),
            let read = try? InputSchemaMapping(document.root) {
            definition.mapping = read
        }
        if let minutes = json["retentionMinutes"]?.int64 { definition.retentionMinutes = Int(clamping: minutes) }
        definition.resource = json["resource"] ?? .object([])
        self = definition
    }
}
