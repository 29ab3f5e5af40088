public import OrreryDocuments

/// Subscriptions as the control plane writes them: `properties` of an event subscription of a basic topic, or of a
/// namespace topic, and what this server has beside Event Grid's.
extension SubscriptionDefinition {
    /// Reads properties.
    ///
    /// | member | what |
    /// |---|---|
    /// | `destination` | `{"endpointType": WebHook, Pull, Handler, Container or Topic, "properties": {…}}` |
    /// | `deliveryConfiguration` | of namespaces: `{"deliveryMode": Queue or Push, "queue": …, "push": …}` |
    /// | `filter`, `filtersConfiguration` | see ``EventFilter`` |
    /// | `eventDeliverySchema`, `retryPolicy`, `expirationTimeUtc`, `deadLetterDestination` | as Event Grid has them |
    /// | `orderedBySubject`, `maxConcurrentDeliveries`, `deliveryLog` | this server's own |
    /// - Throws: `badRequest`, saying which member is wrong.
    public init(topic: TopicDefinition, name: String, properties: JSONValue) throws(EventError) {
        try TopicDefinition.validate(name, of: "subscription")
        guard properties.members != nil else { throw EventError(.badRequest, "properties must be an object.") }
        let mode = try DeliveryMode(properties)
        self.topic = topic.name
        self.name = name
        destination = mode.destination
        filter = try Self.filter(properties, topic)
        attemptsMax = mode.attemptsMax
        timeToLiveMinutes = mode.timeToLiveMinutes
        lockSeconds = mode.lockSeconds
        deadLetterContainer = mode.deadLetterContainer
        concurrencyMax = try properties.integer(
            "maxConcurrentDeliveries", in: 1...1000, default: Self.concurrencyMaxDefault)
        self.properties = properties
        if let schema = properties["eventDeliverySchema"]?.string {
            guard let schema = EventSchema(name: schema) else {
                throw EventError(.badRequest, "eventDeliverySchema is none of EventGridSchema, CloudEventSchemaV1_0, "
                    + "CustomInputSchema.")
            }
            if let input = topic.inputSchema, !input.canDeliver(as: schema) {
                throw EventError(
                    .badRequest, "Events of \(input.rawValue) cannot be delivered as \(schema.deliveryName).")
            }
            deliverySchema = schema
        }
        if let text = properties["expirationTimeUtc"]?.string {
            guard let time = EventTime(text, assumesUTC: true) else {
                throw EventError(.badRequest, "expirationTimeUtc is not a date and time (RFC 3339).")
            }
            expiresMilliseconds = time.microseconds / 1000
        }
        isOrdered = properties["orderedBySubject"]?.boolean ?? false
        if let text = properties["deliveryLog"]?.string {
            guard let logging = DeliveryLogging(rawValue: text) else {
                throw EventError(.badRequest, "deliveryLog must be all, failures or none.")
            }
            deliveryLog = logging
        }
    }

    /// The filter of a subscription; nil where all events pass.
    private static func filter(_ properties: JSONValue, _ topic: TopicDefinition) throws(EventError) -> Filter? {
        guard let value = properties["filter"] ?? properties["filtersConfiguration"], !value.isNull,
            let document = try? JSONDocument(parsing: value.text)
        else { return nil }
        let definition = try FilterDefinition(document.root)
        if definition == FilterDefinition() { return nil }
        return try Filter(definition, schema: topic.inputSchema ?? .cloudEvents)
    }

    /// The subscription as it is kept.
    var json: JSONValue {
        ["id": .string(id), "topic": .string(topic), "name": .string(name), "properties": properties]
    }
}

/// Where events go and how long that is tried: said in one way for basic topics, and in another for namespaces.
private struct DeliveryMode {
    var destination: DestinationDefinition
    var attemptsMax = SubscriptionDefinition.attemptsMaxDefault
    var timeToLiveMinutes = SubscriptionDefinition.timeToLiveMinutesMaxOfPush
    var lockSeconds = 60
    var deadLetterContainer: String?

    init(_ properties: JSONValue) throws(EventError) {
        if let configuration = properties["deliveryConfiguration"], !configuration.isNull {
            try self.init(namespace: configuration)
        } else {
            try self.init(basic: properties)
        }
    }

    private init(basic properties: JSONValue) throws(EventError) {
        destination = try DestinationDefinition(properties["destination"])
        if destination.isPull { usePullDefaults() }
        let policy = properties["retryPolicy"] ?? .object([])
        attemptsMax = try policy.integer("maxDeliveryAttempts", in: 1...30, default: attemptsMax)
        timeToLiveMinutes = try policy.integer(
            "eventTimeToLiveInMinutes", in: 1...minutesMax, default: timeToLiveMinutes)
        lockSeconds = try properties.integer("receiveLockDurationInSeconds", in: 1...300, default: lockSeconds)
        deadLetterContainer = try Self.deadLetters(properties)
    }

    private init(namespace configuration: JSONValue) throws(EventError) {
        switch configuration["deliveryMode"]?.string ?? "Queue" {
        case "Queue":
            destination = .pull
            usePullDefaults()
            let queue = configuration["queue"] ?? .object([])
            lockSeconds = try queue.integer("receiveLockDurationInSeconds", in: 60...300, default: lockSeconds)
            try readLimits(queue)
        case "Push":
            let push = configuration["push"] ?? .object([])
            destination = try DestinationDefinition(push["destination"])
            timeToLiveMinutes = SubscriptionDefinition.timeToLiveMinutesMaxOfPull
            try readLimits(push)
        default: throw EventError(.badRequest, "deliveryMode must be Queue or Push.")
        }
    }

    private var minutesMax: Int {
        destination.isPull
            ? SubscriptionDefinition.timeToLiveMinutesMaxOfPull : SubscriptionDefinition.timeToLiveMinutesMaxOfPush
    }

    private mutating func usePullDefaults() {
        attemptsMax = SubscriptionDefinition.pullAttemptsMaxDefault
        timeToLiveMinutes = SubscriptionDefinition.timeToLiveMinutesMaxOfPull
    }

    private mutating func readLimits(_ settings: JSONValue) throws(EventError) {
        attemptsMax = try settings.integer(
            "maxDeliveryCount", in: 1...10, default: SubscriptionDefinition.pullAttemptsMaxDefault)
        if let text = settings["eventTimeToLive"]?.string {
            guard let minutes = ISODuration.minutes(text),
                (1...SubscriptionDefinition.timeToLiveMinutesMaxOfPull).contains(minutes)
            else { throw EventError(.badRequest, "eventTimeToLive must be from PT1M to P7D.") }
            timeToLiveMinutes = minutes
        }
        deadLetterContainer = try Self.deadLetters(settings)
    }

    /// A container of one's own; a destination of another type is one of the service's, for which this server's own
    /// dead letters stand.
    private static func deadLetters(_ settings: JSONValue) throws(EventError) -> String? {
        guard let destination = settings["deadLetterDestination"],
            destination["endpointType"]?.string == "Container"
        else { return nil }
        return try DestinationDefinition.containerPath(destination["properties"])
    }
}

extension DestinationDefinition {
    /// Reads `{"endpointType","properties"}`.
    fileprivate init(_ value: JSONValue?) throws(EventError) {
        guard let value, let type = value["endpointType"]?.string else {
            throw EventError(.badRequest, "destination.endpointType is missing.")
        }
        let properties = value["properties"]
        switch type {
        case "Pull": self = .pull
        case "WebHook": self = .webhook(try WebhookDefinition(properties))
        case "Handler":
            guard let name = properties?["name"]?.string, !name.isEmpty else {
                throw EventError(.badRequest, "destination.properties.name must name a handler.")
            }
            self = .handler(name)
        case "Container": self = .container(try Self.containerPath(properties))
        case "Topic":
            guard let topic = properties?["topic"]?.string, !topic.isEmpty else {
                throw EventError(.badRequest, "destination.properties.topic must name a topic.")
            }
            self = .topic(topic)
        default:
            throw EventError(
                .badRequest, "destination.endpointType must be WebHook, Pull, Handler, Container or Topic.")
        }
    }

    fileprivate static func containerPath(_ properties: JSONValue?) throws(EventError) -> String {
        guard let path = properties?["container"]?.string,
            path.split(separator: "/", omittingEmptySubsequences: false).filter({ !$0.isEmpty }).count == 2
        else { throw EventError(.badRequest, "properties.container must be database/container.") }
        return path
    }
}

extension WebhookDefinition {
    fileprivate init(_ properties: JSONValue?) throws(EventError) {
        guard let properties, let url = properties["endpointUrl"]?.string,
            url.hasPrefix("https://") || url.hasPrefix("http://")
        else { throw EventError(.badRequest, "destination.properties.endpointUrl must be a http or https URL.") }
        self.init(url: url)
        batchCountMax = try properties.integer("maxEventsPerBatch", in: 1...5000, default: 1)
        batchBytesMax = try properties.integer("preferredBatchSizeInKilobytes", in: 1...1024, default: 64) << 10
        for mapping in properties["deliveryAttributeMappings"]?.array ?? [] {
            headers.append(try DeliveryHeader(mapping))
        }
        guard headers.count <= Self.headersMax else {
            throw EventError(.badRequest, "deliveryAttributeMappings has more than \(Self.headersMax) headers.")
        }
        signingSecrets = (properties["signingSecrets"]?.array ?? []).compactMap(\.string)
        guard signingSecrets.allSatisfy({ WebhookSecret($0) != nil }) else {
            throw EventError(.badRequest, "signingSecrets must be whsec_ and base64 of 24 to 64 bytes.")
        }
        needsAgreement = properties["validation"]?.string != "none"
    }
}

extension DeliveryHeader {
    fileprivate init(_ value: JSONValue) throws(EventError) {
        let isToken: (UInt8) -> Bool = { byte in
            byte > 0x20 && byte < 0x7F && !Array("()<>@,;:\\\"/[]?={}".utf8).contains(byte)
        }
        guard let name = value["name"]?.string, !name.isEmpty, name.utf8.allSatisfy(isToken) else {
            throw EventError(.badRequest, "A delivery attribute needs the name of a header.")
        }
        self.name = name
        let properties = value["properties"]
        if value["type"]?.string == "Dynamic" {
            guard let field = properties?["sourceField"]?.string else {
                throw EventError(.badRequest, "A dynamic delivery attribute needs a sourceField.")
            }
            self.value = .field(field)
        } else {
            guard let text = properties?["value"]?.string else {
                throw EventError(.badRequest, "A static delivery attribute needs a value.")
            }
            self.value = .fixed(text, isSecret: properties?["isSecret"]?.boolean ?? false)
        }
    }
}

extension JSONValue {
    /// A whole number within bounds, or a default where there is none.
    func integer(_ name: String, in range: ClosedRange<Int>, default value: Int) throws(EventError) -> Int {
        guard let member = self[name], !member.isNull else { return value }
        guard let number = member.int64.map({ Int(clamping: $0) }), range.contains(number) else {
            throw EventError(
                .badRequest, "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}
