import OrreryDocuments

/// Topics and subscriptions as the control plane shows them.
enum ControlResource {
    static func topic(_ topic: TopicDefinition, endpoint: String) -> JSONValue {
        let isNamespace = topic.kind == .namespace
        var properties: JSONValue = [
            "provisioningState": "Succeeded",
            "endpoint": .string(isNamespace ? endpoint : "\(endpoint)/topics/\(topic.name)/api/events"),
            "inputSchema": .string((topic.inputSchema ?? .eventGrid).rawValue),
            "retentionMinutes": .number(topic.retentionMinutes),
        ]
        if isNamespace {
            properties["publisherType"] = "Custom"
            properties["eventRetentionInDays"] = 7
        }
        if topic.inputSchema == nil { properties["takesEverySchema"] = true }
        if topic.inputSchema == .custom { properties["inputSchemaMapping"] = topic.mapping.value }
        var resource: JSONValue = [
            "id": .string(topic.resource["id"]?.string ?? "/_orrery/events/topics/\(topic.name)"),
            "name": .string(topic.name),
            "type": .string("Microsoft.EventGrid/" + (isNamespace ? "namespaces/topics" : "topics")),
            "location": topic.resource["location"] ?? "local",
            "properties": properties,
        ]
        if let tags = topic.resource["tags"] { resource["tags"] = tags }
        return resource
    }

    static func keys(_ keys: TopicKeys) -> JSONValue {
        ["key1": .string(keys.key1), "key2": .string(keys.key2)]
    }

    /// - Parameter base: the path of the subscription's topic.
    static func subscription(_ subscription: Subscription, base: String) -> JSONValue {
        let definition = subscription.definition
        var properties = withoutSecrets(definition.properties)
        let status = subscription.status
        properties["provisioningState"] = .string(status.provisioningState)
        properties["topic"] = .string(base)
        properties["status"] = status.json
        return [
            "id": .string("\(base)/eventSubscriptions/\(definition.name)"), "name": .string(definition.name),
            "type": "Microsoft.EventGrid/eventSubscriptions", "properties": properties,
        ]
    }

    /// What is shown to whoever asks lacks the secrets that deliveries are signed with, and secret headers.
    private static func withoutSecrets(_ properties: JSONValue) -> JSONValue {
        var shown = properties
        guard var destination = shown["destination"], var inner = destination["properties"] else { return shown }
        if let secrets = inner["signingSecrets"]?.array {
            inner["signingSecrets"] = .array(secrets.map { _ in "whsec_…" })
        }
        if let mappings = inner["deliveryAttributeMappings"]?.array {
            inner["deliveryAttributeMappings"] = .array(
                mappings.map { mapping in
                    guard var value = mapping["properties"], value["isSecret"]?.boolean == true else { return mapping }
                    var hidden = mapping
                    value["value"] = "Hidden"
                    hidden["properties"] = value
                    return hidden
                })
        }
        destination["properties"] = inner
        shown["destination"] = destination
        return shown
    }
}
