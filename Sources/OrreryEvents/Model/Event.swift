/// One event, in the one form that every schema is mapped to: CloudEvents 1.0's attributes (specification, "Context
/// Attributes").
///
/// What Event Grid's own schema has besides is kept in them, so that an event can be written in the schema it came in:
/// its `topic` is the source, and its `dataVersion` a schema that is only a fragment (`#1.0`).
public struct Event: Sendable, Equatable {
    /// Identifies the event together with its source.
    public var id: String
    /// Where it happened: a URI reference; the topic, for events in Event Grid's schema.
    public var source: String
    /// What happened, such as `Orders.OrderCreated`.
    public var type: String
    /// What it happened to, within the source.
    public var subject: String?
    /// When it happened (RFC 3339), as it was written.
    public var time: String?
    /// The media type of the data; JSON where it is missing.
    public var dataContentType: String?
    /// The schema of the data: a URI.
    public var dataSchema: String?
    /// What is told of it.
    public var data: EventData?
    /// Further attributes, in the order in which they came; names are distinct.
    public var extensions: [EventExtension]

    /// An event from its attributes.
    public init(
        id: String, source: String, type: String, subject: String? = nil, time: String? = nil,
        dataContentType: String? = nil, dataSchema: String? = nil, data: EventData? = nil,
        extensions: [EventExtension] = []
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.dataContentType = dataContentType
        self.dataSchema = dataSchema
        self.data = data
        self.extensions = extensions
    }

    /// The version of the data's schema, as Event Grid's schema has it: the fragment of `dataSchema`; nil where that
    /// is a whole URI or missing.
    public var dataVersion: String? {
        get { dataSchema.flatMap { $0.utf8.first == UInt8(ascii: "#") ? String($0.dropFirst()) : nil } }
        set { dataSchema = newValue.flatMap { $0.isEmpty ? nil : "#" + $0 } }
    }

    /// The value of the further attribute of that name; nil where there is none.
    public subscript(extension name: String) -> EventExtension.Value? {
        get { extensions.first { $0.name.utf8.elementsEqual(name.utf8) }?.value }
        set {
            extensions.removeAll { $0.name.utf8.elementsEqual(name.utf8) }
            if let newValue { extensions.append(EventExtension(name, newValue)) }
        }
    }
}

/// An attribute that CloudEvents leaves to its users.
public struct EventExtension: Sendable, Equatable {
    /// CloudEvents' types that JSON tells apart; the others (times, URIs, bytes) are strings there.
    public enum Value: Sendable, Equatable {
        case string(String)
        case integer(Int32)
        case boolean(Bool)
    }

    /// Lower-case ASCII letters and digits.
    public let name: String
    public let value: Value

    /// An attribute from both.
    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// The value in CloudEvents' canonical string form.
    public var text: String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .boolean(let flag): flag ? "true" : "false"
        }
    }

    /// Whether CloudEvents allows the name: lower-case ASCII letters and digits, and none that has a meaning already.
    public static func isValid(name: String) -> Bool {
        !name.isEmpty && !reserved.contains(name)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }

    private static let reserved: Set<String> = [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data",
    ]
}

/// The data of an event.
public enum EventData: Sendable, Equatable {
    /// The valid JSON text of one value, as it came. A JSON string stands for text where the content type is not JSON.
    case json([UInt8])
    /// Bytes of another kind.
    case binary([UInt8])

    /// How many bytes it has.
    public var byteCount: Int {
        switch self {
        case .json(let bytes), .binary(let bytes): bytes.count
        }
    }
}
