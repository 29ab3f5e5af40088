public import OrreryDocuments

/// How a topic with the publisher's own schema finds what an event must have: a topic's `inputSchemaMapping`
/// (documentation, "Map custom fields to Event Grid schema").
public struct InputSchemaMapping: Sendable, Equatable {
    /// Where one property comes from.
    public struct Field: Sendable, Equatable {
        /// The member of the published object that holds it.
        public var sourceField: String?
        /// What stands for it where that is missing; only for the type, the subject and the data's version.
        public var defaultValue: String?

        /// A property that comes from a member, with a value for events that lack it.
        public init(_ sourceField: String? = nil, default defaultValue: String? = nil) {
            self.sourceField = sourceField
            self.defaultValue = defaultValue
        }
    }

    /// Made up where it is not mapped.
    public var id: Field
    /// The topic's own where it is not mapped.
    public var topic: Field
    /// The time of publication where it is not mapped.
    public var eventTime: Field
    public var eventType: Field
    public var subject: Field
    public var dataVersion: Field

    /// A mapping; type, subject and version come from members of the same name where nothing else is said.
    public init(
        id: Field = Field(), topic: Field = Field(), eventTime: Field = Field(), eventType: Field = Field("eventType"),
        subject: Field = Field("subject"), dataVersion: Field = Field("dataVersion", default: "")
    ) {
        self.id = id
        self.topic = topic
        self.eventTime = eventTime
        self.eventType = eventType
        self.subject = subject
        self.dataVersion = dataVersion
    }

    /// Reads `{"inputSchemaMappingType":"Json","properties":{"id":{"sourceField":…},…}}`.
    public init(_ node: JSONNode) throws(EventError) {
        guard node.kind == .object, let properties = node["properties"], properties.kind == .object else {
            throw EventError(.badRequest, "inputSchemaMapping must be an object with properties.")
        }
        if let type = node["inputSchemaMappingType"], !type.isString("Json") {
            throw EventError(.badRequest, "inputSchemaMappingType must be Json.")
        }
        self.init()
        id = try Self.field(properties["id"]) ?? id
        topic = try Self.field(properties["topic"]) ?? topic
        eventTime = try Self.field(properties["eventTime"]) ?? eventTime
        eventType = try Self.field(properties["eventType"]) ?? eventType
        subject = try Self.field(properties["subject"]) ?? subject
        dataVersion = try Self.field(properties["dataVersion"]) ?? dataVersion
    }

    private static func field(_ node: JSONNode?) throws(EventError) -> Field? {
        guard let node, !node.isNull else { return nil }
        guard node.kind == .object else {
            throw EventError(.badRequest, "A property of inputSchemaMapping must be an object.")
        }
        return Field(node["sourceField"]?.string, default: node["defaultValue"]?.string)
    }

    /// The mapping as the control plane shows it.
    public var value: JSONValue {
        var properties: JSONValue = .object([])
        for (name, field) in [
            ("id", id), ("topic", topic), ("eventTime", eventTime), ("eventType", eventType), ("subject", subject),
            ("dataVersion", dataVersion),
        ] {
            var member: JSONValue = .object([])
            if let source = field.sourceField { member["sourceField"] = .string(source) }
            if let value = field.defaultValue { member["defaultValue"] = .string(value) }
            properties[name] = member
        }
        return ["inputSchemaMappingType": "Json", "properties": properties]
    }
}
