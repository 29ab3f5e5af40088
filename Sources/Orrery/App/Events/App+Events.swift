internal import OrreryEvents
internal import Synchronization

extension App {
    /// Has a function called with the events of a topic: at least once. What it throws has them delivered again, after
    /// a while; what cannot be handled goes to the dead letters.
    ///
    /// ```swift
    /// app.onEvent("orders", named: "mail", of: Order.self) { events, context in
    ///     for event in events {
    ///         guard let order = event.value else { continue }
    ///         try context.upsert(Mail(id: "mail-\(event.id)", customer: order.customer), to: "shop/mails")
    ///     }
    /// }
    /// ```
    /// - Parameters:
    ///   - topic: the topic's name. Where there is none when the app starts, one that takes CloudEvents is made.
    ///   - name: the name of the subscription, under which is kept how far the handler is. It begins with the next
    ///     event.
    ///   - type: what the data of an event is decoded as.
    ///   - outputs: what is written through `context.put`, and published through `context.publish`.
    ///   - options: which events, and how they are handed over.
    ///   - handler: the function. What it writes through its context is committed when it has succeeded, one item after
    ///     the other.
    public func onEvent<Value: Decodable & Sendable>(
        _ topic: String, named name: String, of type: Value.Type, outputs: [any OutputBinding] = [],
        options: EventOptions = EventOptions(),
        _ handler: @escaping @Sendable ([HandledEvent<Value>], HandlerContext) async throws -> Void
    ) {
        registration.withLock { registration in
            do throws(StoreError) {
                try Self.check([], outputs)
                let paths = outputs.map(\.path)
                let subscription = EventRegistration.Handler(topic: topic, name: name, options: options) {
                    [weak self] delivered in
                    guard let self, let store = self.store else {
                        throw StoreError.unavailable("The app is not running.")
                    }
                    var events: [HandledEvent<Value>] = []
                    for event in delivered { events.append(try HandledEvent<Value>(event)) }
                    let context = HandlerContext(
                        name: name, store: store, app: self, trigger: nil, outputs: paths,
                        parentTrace: delivered.first?.traceparent)
                    try await handler(events, context)
                    try await context.commitOutputs()
                }
                try registration.events.add(subscription)
                registration.events.topics += Self.topics(of: outputs)
            } catch {
                registration.failure = registration.failure ?? error
            }
        }
    }

    /// Gives topics, subscriptions and bridges to begin with: when the app starts they are made, or changed to what is
    /// said here; those that nothing is said of stay as they are. Their form is that of `Docs/Events.md`.
    ///
    /// ```swift
    /// app.configureEvents(#"""
    ///     {"topics": [{"name": "orders", "kind": "namespace",
    ///                  "subscriptions": [{"name": "audit", "destination":
    ///                      {"endpointType": "Container", "properties": {"container": "shop/audit"}}}]}],
    ///      "bridges": [{"container": "shop/orders", "topic": "orders"}]}
    ///     """#)
    /// ```
    /// - Parameter json: an object with `topics`, and with `bridges` and a `systemTopic` where there are any. What is
    ///   wrong with it is said when the app is to run.
    public func configureEvents(_ json: String) {
        registration.withLock { registration in
            do throws(EventError) {
                registration.events.configurations.append(try EventConfiguration(parsing: Array(json.utf8)))
            } catch {
                registration.failure = registration.failure ?? .invalid(error.message)
            }
        }
    }

    /// The topics that outputs are published to.
    static func topics(of outputs: [any OutputBinding]) -> [String] {
        outputs.map(\.path).filter { $0.hasPrefix(topicPrefix) }.map { String($0.dropFirst(topicPrefix.count)) }
    }

    /// What the paths of outputs to topics begin with; no container's path does, for it has a slash.
    static let topicPrefix = "topic:"
}
