internal import OrreryDatabase
internal import OrreryEvents
internal import OrreryHTTP
internal import OrreryTelemetry

/// What an app says of events before it runs.
struct EventRegistration: Sendable {
    struct Handler: Sendable {
        let topic: String
        let name: String
        let options: EventOptions
        let body: EventHandler

        /// What the host calls it.
        var id: String { "\(topic)/\(name)" }

        init(topic: String, name: String, options: EventOptions, _ body: @escaping EventHandler) {
            (self.topic, self.name, self.options, self.body) = (topic, name, options, body)
        }
    }

    var configurations: [EventConfiguration] = []
    /// Topics that must be there.
    var topics: [String] = []
    private(set) var handlers: [Handler] = []

    mutating func add(_ handler: Handler) throws(StoreError) {
        if handlers.contains(where: { $0.id.utf8.elementsEqual(handler.id.utf8) }) {
            throw .invalid("Two handlers of the topic '\(handler.topic)' are called '\(handler.name)'.")
        }
        handlers.append(handler)
    }

    /// A host that knows the handlers, and does nothing yet.
    func host(
        account: Account, metrics: MetricsRegistry, log: Log, threadCount: Int
    ) throws(StoreError) -> EventHost {
        let client: HTTPClient
        do throws(HTTPServerError) {
            client = try HTTPClient(configuration: HTTPClientConfiguration())
        } catch {
            throw .unavailable(error.description)
        }
        let host = EventHost(
            account: account, metrics: metrics, log: log, webhooks: WebhookSender(client),
            handlerThreadCount: threadCount)
        for handler in handlers { host.register(handler.id, handler.body) }
        return host
    }

    /// Opens the topics, makes what is said and not there, and begins to deliver.
    func start(_ host: EventHost) async throws(StoreError) {
        try StoreError.translating { () throws(DatabaseError) in try host.start() }
        do throws(EventError) {
            for configuration in configurations { try await host.apply(configuration) }
            var present = Set(host.topicDefinitions.map { Array($0.name.utf8) })
            for name in topics + handlers.map(\.topic) where present.insert(Array(name.utf8)).inserted {
                try await host.putTopic(TopicDefinition(name, kind: .namespace))
            }
            var subscriptions = EventConfiguration()
            for handler in handlers {
                guard let topic = host.topicDefinitions.first(where: {
                    $0.name.utf8.elementsEqual(handler.topic.utf8)
                }) else { continue }
                subscriptions.subscriptions.append(
                    try SubscriptionDefinition(
                        topic: topic, name: handler.name, properties: handler.options.properties(handler: handler.id)))
            }
            try await host.apply(subscriptions)
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreError {
    init(_ error: EventError) {
        switch error.kind {
        case .notFound: self = .notFound
        case .conflict: self = .conflict(error.message)
        case .badRequest, .tooLarge: self = .invalid(error.message)
        default: self = .unavailable(error.message)
        }
    }
}
