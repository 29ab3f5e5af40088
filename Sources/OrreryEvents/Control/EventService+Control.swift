import OrreryDocuments
import OrreryHTTP
import OrreryTriggers

/// The control plane: the paths of Event Grid's management SDKs (`/subscriptions/…/providers/Microsoft.EventGrid/…`)
/// and a short form of this server's own.
///
/// | request below `/_orrery/events` | what it does |
/// |---|---|
/// | `GET topics`, `GET topics/T`, `PUT`, `DELETE` | all topics; one; makes or changes it; removes it |
/// | `POST topics/T/listKeys`, `…/regenerateKey` | the topic's keys; makes one anew |
/// | `GET topics/T/subscriptions`, `…/S`, `PUT`, `DELETE` | the same for subscriptions |
/// | `POST …/S/replay`, `…/redrive`, `…/dryRun` | delivers again; what a filter would have matched |
/// | `GET …/S/deadLetters` | what could not be delivered |
/// | `GET bridges`, `bridges/B`, `PUT`, `DELETE`, `POST bridges/B/replay` | bridges from containers |
/// | `GET systemTopic`, `PUT`, `DELETE` | the topic of system events |
extension EventService {
    /// Answers a request on the control plane, where it is one.
    func answerControl(_ request: EventRequest, _ responder: HTTPResponder) throws(EventError) -> Bool {
        guard let path = ControlPath(request.segments) else { return false }
        guard isOpen || PublisherCredential(request.http.headers).map(isOfAccount) == true else {
            throw EventError(.unauthorized, "The control plane needs a key of the account: Authorization: Bearer KEY.")
        }
        Task(executorPreference: host.handlers) {
            let response = await self.response(path, request)
            if let operation = path.auditedOperation(request.http.method) {
                self.onChange(request.http, operation, response.status)
            }
            responder.respond(response)
        }
        return true
    }

    private func response(_ path: ControlPath, _ request: EventRequest) async -> HTTPResponse {
        do throws(EventError) {
            return try await perform(path, request)
        } catch {
            return EventAnswer.error(error)
        }
    }

    private func perform(_ path: ControlPath, _ request: EventRequest) async throws(EventError) -> HTTPResponse {
        switch path.target {
        case .topics, .namespaceTopics: return try list(path, request)
        case .namespace: return try answerNamespace(path, request)
        case .topic(let name): return try await answerTopic(name, path, request)
        case .bridges(let name): return try await answerBridges(name, path, request)
        case .systemTopic: return try await answerSystemTopic(request)
        case .subscriptions(let topicName):
            guard request.http.method == .get else { throw Self.methodNotAllowed }
            let topic = try host.topic(topicName)
            let all = topic.subscriptions.map { ControlResource.subscription($0, base: base(path, topic)) }
            return EventAnswer.json(["value": .array(all)])
        case .subscription(let topicName, let name):
            return try await answerSubscription(name, of: try host.topic(topicName), path, request)
        }
    }

    /// The management SDKs take 202 and 204 of topics, where something is gone.
    private static func deleted(_ path: ControlPath) -> HTTPResponse {
        path.resourcePath == nil ? EventAnswer.empty : HTTPResponse(status: 204)
    }

    static let methodNotAllowed = EventError(.methodNotAllowed, "The method is not served there.")

    /// The path of a topic: as the request wrote it, or as it was made.
    private func base(_ path: ControlPath, _ topic: Topic) -> String {
        path.resourcePath ?? topic.definition.resource["id"]?.string ?? "/_orrery/events/topics/\(topic.name)"
    }

    func body(_ request: EventRequest) throws(EventError) -> JSONValue {
        if request.http.body.isEmpty { return .object([]) }
        guard let body = try? JSONValue(parsing: request.http.body), body.members != nil else {
            throw EventError(.badRequest, "The body must be a JSON object.")
        }
        return body
    }

    // MARK: Topics

    private func list(_ path: ControlPath, _ request: EventRequest) throws(EventError) -> HTTPResponse {
        guard request.http.method == .get else { throw Self.methodNotAllowed }
        let definitions = host.topicDefinitions.filter { topic in
            if path.target == .namespaceTopics { return isIn(path.namespace, topic) }
            return path.resourcePath == nil || topic.kind == .basic
        }
        let all = definitions.map { ControlResource.topic($0, endpoint: host.endpoint) }
        return EventAnswer.json(["value": .array(all)])
    }

    private func isIn(_ namespace: String?, _ topic: TopicDefinition) -> Bool {
        guard topic.kind == .namespace else { return false }
        let own = topic.resource["namespace"]?.string
        return own == nil || own == namespace
    }

    /// Namespaces are not kept: this server is one for all of its namespace topics, under any name.
    private func answerNamespace(_ path: ControlPath, _ request: EventRequest) throws(EventError) -> HTTPResponse {
        let name = path.namespace ?? ""
        if let action = path.action?.lowercased() {
            guard request.http.method == .post, action == "listkeys" else { throw Self.methodNotAllowed }
            let keys = accountKeys()
            guard let first = keys.first, let last = keys.last else {
                throw EventError(.forbidden, "The account's keys are refused.")
            }
            return EventAnswer.json(ControlResource.keys(TopicKeys(key1: first, key2: last)))
        }
        switch request.http.method {
        case .get, .put, .patch:
            let body = try body(request)
            let resource: JSONValue = [
                "id": .string(path.resourcePath ?? ""), "name": .string(name),
                "type": "Microsoft.EventGrid/namespaces", "location": body["location"] ?? "local",
                "properties": ["provisioningState": "Succeeded", "publicNetworkAccess": "Enabled"],
            ]
            return EventAnswer.json(resource, status: request.http.method == .put ? 201 : 200)
        case .delete: return HTTPResponse(status: 204)
        default: throw Self.methodNotAllowed
        }
    }

    private func answerTopic(
        _ name: String, _ path: ControlPath, _ request: EventRequest
    ) async throws(EventError) -> HTTPResponse {
        if let action = path.action { return try await perform(action, on: name, request) }
        switch request.http.method {
        case .get:
            let definition = try host.topic(name).definition
            return EventAnswer.json(ControlResource.topic(definition, endpoint: host.endpoint))
        case .put, .patch:
            let (topic, isNew) = try await host.putTopic(try definition(of: name, path, try body(request)))
            let status = isNew || path.resourcePath != nil && request.http.method == .put ? 201 : 200
            return EventAnswer.json(ControlResource.topic(topic, endpoint: host.endpoint), status: status)
        case .delete:
            if (try? host.topic(name)) == nil { return HTTPResponse(status: 204) }
            try await host.deleteTopic(name)
            return Self.deleted(path)
        default: throw Self.methodNotAllowed
        }
    }

    private func definition(
        of name: String, _ path: ControlPath, _ body: JSONValue
    ) throws(EventError) -> TopicDefinition {
        let existing = (try? host.topic(name))?.definition
        let properties = body["properties"] ?? body
        var kind = existing?.kind ?? .basic
        if path.namespace != nil { kind = .namespace }
        if let text = properties["kind"]?.string, let named = TopicDefinition.Kind(rawValue: text) { kind = named }
        // The management SDK's default is Event Grid's schema; in the short form a topic takes every one.
        let new = try TopicDefinition(name, kind: kind, inputSchema: path.resourcePath == nil ? nil : .eventGrid)
        var topic = existing ?? new
        topic.kind = kind
        try topic.read(properties)
        for member in ["location", "tags"] {
            if let value = body[member], !value.isNull { topic.resource[member] = value }
        }
        if let id = path.resourcePath { topic.resource["id"] = .string(id) }
        if let namespace = path.namespace { topic.resource["namespace"] = .string(namespace) }
        return topic
    }

    private func perform(
        _ action: String, on name: String, _ request: EventRequest
    ) async throws(EventError) -> HTTPResponse {
        guard request.http.method == .post else { throw Self.methodNotAllowed }
        var topic = try host.topic(name).definition
        switch action.lowercased() {
        case "listkeys": return EventAnswer.json(ControlResource.keys(topic.keys))
        case "regeneratekey":
            switch try body(request)["keyName"]?.string {
            case "key1": topic.keys.key1 = TopicKeys.newKey()
            case "key2": topic.keys.key2 = TopicKeys.newKey()
            default: throw EventError(.badRequest, "keyName must be key1 or key2.")
            }
            let changed = try await host.putTopic(topic, keepsKeys: false).definition
            return EventAnswer.json(ControlResource.keys(changed.keys))
        default: throw EventError(.notFound, "There is no action '\(action)' of a topic.")
        }
    }

    // MARK: Subscriptions

    private func answerSubscription(
        _ name: String, of topic: Topic, _ path: ControlPath, _ request: EventRequest
    ) async throws(EventError) -> HTTPResponse {
        if let action = path.action {
            return try await perform(action, on: try subscription(name, of: topic), of: topic, request)
        }
        switch request.http.method {
        case .get:
            let found = try subscription(name, of: topic)
            return EventAnswer.json(ControlResource.subscription(found, base: base(path, topic)))
        case .put, .patch:
            let body = try body(request)
            var properties = body["properties"] ?? body
            if request.http.method == .patch { properties = merged(properties, into: topic.subscription(name)) }
            let definition = try SubscriptionDefinition(
                topic: topic.definition, name: name, properties: properties)
            let isNew = try await host.putSubscription(definition, waitsForEndpoint: true)
            let made = try subscription(name, of: topic)
            // What the management SDKs take: 201 for all but a change in a namespace.
            let isChange = request.http.method == .patch && path.namespace != nil
            let status = isNew || path.resourcePath != nil && !isChange ? 201 : 200
            return EventAnswer.json(ControlResource.subscription(made, base: base(path, topic)), status: status)
        case .delete:
            if topic.subscription(name) == nil { return HTTPResponse(status: 204) }
            try await host.deleteSubscription(name, of: topic.name)
            return Self.deleted(path)
        default: throw Self.methodNotAllowed
        }
    }

    func subscription(_ name: String, of topic: Topic) throws(EventError) -> Subscription {
        guard let found = topic.subscription(name) else {
            throw EventError(.notFound, "There is no subscription '\(name)' of the topic '\(topic.name)'.")
        }
        return found
    }

    /// A PATCH names the members that change.
    private func merged(_ change: JSONValue, into subscription: Subscription?) -> JSONValue {
        var properties = subscription?.definition.properties ?? .object([])
        for member in change.members ?? [] { properties[member.name] = member.value }
        return properties
    }
}
