public import OrreryDocuments

/// Subscriptions as a program declares them. They are kept in the words of the control plane, and so shown there.
extension SubscriptionDefinition {
    /// A subscription from its parts; `init(topic:name:properties:)` takes all that there is besides.
    /// - Parameters:
    ///   - retries: how often and how long a delivery is tried; nil for what is usual for the destination.
    ///   - isOrdered: whether an event waits until the one before it of the same subject is settled.
    ///   - concurrencyMax: how many deliveries are under way at once.
    /// - Throws: `badRequest`, saying what is wrong.
    public init(
        _ name: String, of topic: TopicDefinition, to destination: DestinationDefinition,
        filter: FilterDefinition = FilterDefinition(), retries: RetryPolicy? = nil, isOrdered: Bool = false,
        concurrencyMax: Int = concurrencyMaxDefault
    ) throws(EventError) {
        var properties: JSONValue = ["destination": destination.value]
        if filter != FilterDefinition() { properties["filter"] = filter.value }
        if let retries { properties["retryPolicy"] = retries.value }
        if isOrdered { properties["orderedBySubject"] = true }
        if concurrencyMax != Self.concurrencyMaxDefault {
            properties["maxConcurrentDeliveries"] = .number(concurrencyMax)
        }
        try self.init(topic: topic, name: name, properties: properties)
    }
}

extension DestinationDefinition {
    /// The destination as the control plane writes it.
    public var value: JSONValue {
        switch self {
        case .pull: ["endpointType": "Pull"]
        case .webhook(let webhook): ["endpointType": "WebHook", "properties": webhook.value]
        case .handler(let name): ["endpointType": "Handler", "properties": ["name": .string(name)]]
        case .container(let path): ["endpointType": "Container", "properties": ["container": .string(path)]]
        case .topic(let name): ["endpointType": "Topic", "properties": ["topic": .string(name)]]
        }
    }
}

extension WebhookDefinition {
    fileprivate var value: JSONValue {
        var value: JSONValue = ["endpointUrl": .string(url)]
        if batchCountMax > 1 {
            value["maxEventsPerBatch"] = .number(batchCountMax)
            value["preferredBatchSizeInKilobytes"] = .number(batchBytesMax >> 10)
        }
        if !headers.isEmpty { value["deliveryAttributeMappings"] = .array(headers.map(\.mapping)) }
        if !signingSecrets.isEmpty { value["signingSecrets"] = .array(signingSecrets.map { .string($0) }) }
        if !needsAgreement { value["validation"] = "none" }
        return value
    }
}

extension DeliveryHeader {
    /// A header of one's own.
    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    fileprivate var mapping: JSONValue {
        switch value {
        case .fixed(let text, let isSecret):
            [
                "name": .string(name), "type": "Static",
                "properties": ["value": .string(text), "isSecret": .boolean(isSecret)],
            ]
        case .field(let path):
            ["name": .string(name), "type": "Dynamic", "properties": ["sourceField": .string(path)]]
        }
    }
}
