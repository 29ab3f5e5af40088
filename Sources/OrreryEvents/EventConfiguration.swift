import OrreryDocuments

/// Topics and subscriptions as an operator writes them down.
///
/// ```json
/// {"topics": [
///     {"name": "default"},
///     {"name": "t1", "kind": "namespace",
///      "subscriptions": [{"name": "s1", "deliveryConfiguration": {"deliveryMode": "Queue"}}]}
///  ],
///  "bridges": [{"container": "shop/orders", "topic": "default"}],
///  "systemTopic": "default"}
/// ```
public struct EventConfiguration: Sendable {
    public var topics: [TopicDefinition] = []
    public var subscriptions: [SubscriptionDefinition] = []
    public var bridges: [BridgeDefinition] = []
    /// The topic of what becomes of databases and containers; nil for none.
    public var systemTopic: String?
    /// The names of topics whose keys are written down, rather than made.
    var topicsWithKeys: Set<String> = []

    public init() {}

    /// Reads a configuration's text.
    /// - Throws: `badRequest`, saying which entry is wrong.
    public init(parsing text: [UInt8]) throws(EventError) {
        guard let json = try? JSONValue(parsing: text) else {
            throw EventError(.badRequest, "The configuration of events is not JSON.")
        }
        for entry in json["topics"]?.array ?? [] {
            let topic = try Self.topic(entry)
            topics.append(topic)
            if entry["key1"] != nil { topicsWithKeys.insert(topic.name) }
            for entry in entry["subscriptions"]?.array ?? [] {
                guard let name = entry["name"]?.string else {
                    throw EventError(.badRequest, "A subscription of the topic '\(topic.name)' has no name.")
                }
                subscriptions.append(
                    try SubscriptionDefinition(topic: topic, name: name, properties: entry["properties"] ?? entry))
            }
        }
        systemTopic = json["systemTopic"]?.string
        for entry in json["bridges"]?.array ?? [] { bridges.append(try BridgeDefinition(entry)) }
    }

    private static func topic(_ entry: JSONValue) throws(EventError) -> TopicDefinition {
        guard let name = entry["name"]?.string else { throw EventError(.badRequest, "A topic has no name.") }
        guard let kind = TopicDefinition.Kind(rawValue: entry["kind"]?.string ?? "basic") else {
            throw EventError(.badRequest, "The kind of the topic '\(name)' must be basic or namespace.")
        }
        var keys = TopicKeys.random()
        if let key = entry["key1"]?.string { keys.key1 = key }
        if let key = entry["key2"]?.string { keys.key2 = key }
        var topic = try TopicDefinition(name, kind: kind, keys: keys)
        try topic.read(entry)
        return topic
    }
}

extension TopicDefinition {
    /// Takes over what the properties of a topic say: `inputSchema`, `inputSchemaMapping`, `retentionMinutes`.
    mutating func read(_ properties: JSONValue) throws(EventError) {
        if kind == .basic, let text = properties["inputSchema"]?.string {
            guard let schema = EventSchema(name: text) else {
                throw EventError(
                    .badRequest, "inputSchema is none of EventGridSchema, CloudEventSchemaV1_0, CustomEventSchema.")
            }
            inputSchema = schema
        }
        if let mapping = properties["inputSchemaMapping"], !mapping.isNull {
            guard let document = try? JSONDocument(parsing: mapping.text) else { return }
            self.mapping = try InputSchemaMapping(document.root)
        }
        retentionMinutes = try properties.integer(
            "retentionMinutes", in: Self.retentionMinutesMin(kind)...525_600, default: retentionMinutes)
    }
}

extension EventHost {
    /// Makes what a configuration says and is not there yet, and changes what is there and differs. What it does not
    /// speak of stays as it is.
    public func apply(_ configuration: EventConfiguration) async throws(EventError) {
        for topic in configuration.topics {
            let existing = try? self.topic(topic.name).definition
            let keepsKeys = !configuration.topicsWithKeys.contains(topic.name)
            if let existing {
                var wanted = topic
                if keepsKeys { wanted.keys = existing.keys }
                wanted.resource = existing.resource
                if wanted.json == existing.json { continue }
            }
            try await putTopic(topic, keepsKeys: keepsKeys)
        }
        for subscription in configuration.subscriptions {
            let existing = try topic(subscription.topic).subscription(subscription.name)
            if let existing, existing.definition.properties == subscription.properties { continue }
            try await putSubscription(subscription)
        }
        for bridge in configuration.bridges { try await putBridge(bridge) }
        if let topic = configuration.systemTopic, topic != systemTopic { try await setSystemTopic(topic) }
    }
}
