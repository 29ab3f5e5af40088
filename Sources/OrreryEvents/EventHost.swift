import Dispatch
public import OrreryDatabase
import OrreryDocuments
import OrreryEngine
public import OrreryTelemetry
public import OrreryTriggers
import Synchronization

/// All topics of an account at work. This is where to start: a host opens what was defined, takes publications, and
/// delivers.
public final class EventHost: Sendable {
    private struct State {
        var topics: [String: Topic] = [:]
        var isStarted = false
        var isStopped = false
        var handlers: [String: EventHandler] = [:]
        /// Where clients reach this server.
        var endpoint = "http://127.0.0.1:8081"
    }

    private static let bridgeStopSecondsMax = 12

    let account: Account
    let metrics: MetricsRegistry
    let log: Log
    let clock: TriggerClock
    let memory: EventMemory
    let webhooks: WebhookSender
    let handlers: HandlerPool
    /// Carries changes of containers over.
    let triggers: TriggerHost
    let deadLetters: EventDeadLetters
    let deliveryLog: DeliveryLog
    /// Read topics and offer events; no request waits for them.
    let readers = WorkerPool(threadCount: 2)
    let catalog: EventCatalog
    let sources = EventSources()
    /// Taken by whoever changes topics, subscriptions or sources.
    let changes = ChangeTurn()
    private let state = Mutex(State())

    /// A host over an account. It does nothing before ``start()``.
    /// - Parameters:
    ///   - webhooks: what sends requests to endpoints.
    ///   - handlerThreadCount: how many threads registered handlers have.
    public init(
        account: Account, metrics: MetricsRegistry, log: Log = .silent, clock: TriggerClock = .system(),
        webhooks: WebhookSender = .none, handlerThreadCount: Int = 2
    ) {
        self.webhooks = webhooks
        memory = EventMemory(metrics: metrics)
        handlers = HandlerPool(threadCount: handlerThreadCount)
        triggers = TriggerHost(account: account, metrics: metrics, log: log, threadCount: 1, clock: clock)
        self.account = account
        self.metrics = metrics
        self.log = log
        self.clock = clock
        catalog = EventCatalog(account)
        deadLetters = EventDeadLetters(account)
        deliveryLog = DeliveryLog(account, clock: clock, metrics: metrics, log: log)
    }

    // MARK: Coming and going

    /// Opens the topics that are defined, and goes on delivering.
    /// - Throws: `unavailable` where the store cannot be read.
    public func start() throws(DatabaseError) {
        let definitions = try catalog.topics(log)
        let kept = definitions.isEmpty ? [] : try catalog.subscriptions(log)
        for definition in definitions {
            let topic = try Topic(definition, host: self)
            for record in kept where record.topic.utf8.elementsEqual(topic.name.utf8) { open(record, of: topic) }
            state.withLock { $0.topics[definition.name] = topic }
        }
        state.withLock { $0.isStarted = true }
        for topic in topics { topic.start() }
        for source in definitions.isEmpty ? [] : try catalog.sources() { open(source) }
        triggers.start()
    }

    private func open(_ source: JSONValue) {
        switch source["kind"]?.string {
        case "bridge": openBridge(source)
        case "system": openSystemTopic(source["topic"]?.string ?? "")
        default: log.error("event-source-unreadable", [("id", .text(source["id"]?.string ?? ""))])
        }
    }

    private func open(_ kept: EventCatalog.KeptSubscription, of topic: Topic) {
        do throws(EventError) {
            let definition = try SubscriptionDefinition(
                topic: topic.definition, name: kept.name, properties: kept.properties)
            let record = topic.progress.record(of: kept.name)
            let subscription = Subscription(
                definition, of: topic, from: record ?? QueueRecord(isLive: false, position: 0),
                standing: kept.standing)
            if record == nil { subscription.noteUnreadableRecord() }
            topic.add(subscription)
        } catch {
            log.error("subscription-not-opened", [
                ("topic", .text(topic.name)), ("subscription", .text(kept.name)), ("reason", .text(error.message)),
            ])
        }
    }

    /// Keeps how far deliveries are, and begins no more. To be called before the store is closed.
    public func stop() {
        let topics = state.withLock { state in
            state.isStopped = true
            return Array(state.topics.values)
        }
        sources.replaceSystemEvents(nil)
        stopBridges()
        for topic in topics { topic.progress.keepNow { _ in } }
        for topic in topics { topic.stop() }
        webhooks.stop()
        readers.stop()
        handlers.stop()
        deliveryLog.stop()
    }

    /// Waits on this thread, for whoever stops a server has nothing else to do; no longer than handlers are given.
    private func stopBridges() {
        if sources.bridges.isEmpty { return }
        let done = DispatchSemaphore(value: 0)
        Task(executorPreference: handlers) {
            await self.triggers.stop()
            done.signal()
        }
        _ = done.wait(timeout: .now() + .seconds(Self.bridgeStopSecondsMax))
    }

    // MARK: Surroundings

    /// Registers a function as a destination of the type `Handler`; one of its name is replaced.
    public func register(_ name: String, _ handler: @escaping EventHandler) {
        state.withLock { $0.handlers[name] = handler }
    }

    func handler(_ name: String) -> EventHandler? { state.withLock { $0.handlers[name] } }

    /// Says where clients reach this server, without a slash at the end: for URLs that endpoints are sent.
    public func setEndpoint(_ endpoint: String) {
        state.withLock { $0.endpoint = endpoint }
    }

    var endpoint: String { state.withLock { $0.endpoint } }

    /// Where the owner of an endpoint agrees by hand.
    func validationURL(topic: String, subscription: String, code: String) -> String {
        "\(endpoint)/topics/\(topic)/eventsubscriptions/\(subscription):validate?code=\(code)"
    }

    // MARK: Topics

    var topics: [Topic] {
        state.withLock { $0.topics.values.sorted { $0.name < $1.name } }
    }

    func topic(_ name: String) throws(EventError) -> Topic {
        guard let topic = state.withLock({ $0.topics[name] }) else {
            throw EventError(.notFound, "There is no topic '\(name)'.")
        }
        return topic
    }

    /// The definitions of all topics.
    public var topicDefinitions: [TopicDefinition] { topics.map(\.definition) }

    /// Makes a topic, or changes the one of its name. One that is there keeps its keys unless `keepsKeys` is false.
    /// - Returns: the topic as it is now, and whether it is new.
    @discardableResult
    public func putTopic(
        _ definition: TopicDefinition, keepsKeys: Bool = true
    ) async throws(EventError) -> (definition: TopicDefinition, isNew: Bool) {
        try await changes.take { () throws(EventError) in try await keep(definition, keepsKeys: keepsKeys) }
    }

    private func keep(
        _ definition: TopicDefinition, keepsKeys: Bool
    ) async throws(EventError) -> (definition: TopicDefinition, isNew: Bool) {
        var definition = definition
        let existing = try? topic(definition.name)
        if let existing {
            guard existing.definition.kind == definition.kind else {
                throw EventError(.conflict, "The topic '\(definition.name)' is of the other kind.")
            }
            if keepsKeys { definition.keys = existing.definition.keys }
        }
        do throws(DatabaseError) {
            try await catalog.save(definition)
            if let existing {
                if existing.definition.retentionMinutes != definition.retentionMinutes {
                    _ = try account.replaceContainer(
                        existing.log.container.resourceID, with: TopicLog.containerDefinition(of: definition))
                }
                existing.redefine(definition)
            } else {
                let topic = try Topic(definition, host: self)
                state.withLock { $0.topics[definition.name] = topic }
                topic.start()
            }
        } catch {
            throw EventError(error)
        }
        return (definition, existing == nil)
    }

    /// Removes a topic with its events and its subscriptions.
    /// - Throws: `notFound`; `conflict` for one that a bridge or system events are published to.
    public func deleteTopic(_ name: String) async throws(EventError) {
        try await changes.take { () throws(EventError) in try await remove(topic: name) }
    }

    private func remove(topic name: String) async throws(EventError) {
        let topic = try topic(name)
        if let source = sources.source(of: name) {
            throw EventError(.conflict, "The topic '\(name)' is published to by \(source), which must go first.")
        }
        do throws(DatabaseError) {
            for subscription in topic.subscriptions { try await remove(subscription, of: topic) }
            try await catalog.remove(topic: name)
            state.withLock { _ = $0.topics.removeValue(forKey: name) }
            topic.stop()
            try account.deleteContainer(topic.log.container.resourceID)
        } catch {
            throw EventError(error)
        }
    }

    // MARK: Subscriptions

    /// Makes a subscription, which begins with the next event, or changes the one of its name, which goes on.
    /// - Parameter waitsForEndpoint: whether this returns only when a webhook has been asked whether it agrees.
    /// - Returns: whether it is new.
    @discardableResult
    public func putSubscription(
        _ definition: SubscriptionDefinition, waitsForEndpoint: Bool = false
    ) async throws(EventError) -> Bool {
        let (wasAsked, asking) = AsyncStream<Never>.makeStream()
        let isNew = try await changes.take { () throws(EventError) in
            let topic = try topic(definition.topic)
            do throws(DatabaseError) {
                return try await keep(definition, of: topic) { asking.finish() }
            } catch {
                throw EventError(error)
            }
        }
        if waitsForEndpoint { for await _ in wasAsked {} }
        return isNew
    }

    /// - Parameter completion: hears when the endpoint was asked whether it agrees, where it must.
    private func keep(
        _ definition: SubscriptionDefinition, of topic: Topic, completion: @escaping @Sendable () -> Void
    ) async throws(DatabaseError) -> Bool {
        let existing = topic.subscription(definition.name)
        let start = QueueRecord(isLive: false, position: try topic.log.lastVersion())
        var record = existing?.lastRecord() ?? start
        // What failed at the old address has nothing to do with the new one.
        let isGone = if case .gone? = existing?.standing { true } else { false }
        if existing?.definition.webhookURL != definition.webhookURL || isGone { record.hurry() }
        // First the place where it begins: a definition without one would begin with the oldest event.
        try await topic.progress.begin(definition.name, record)
        // One that was gone is asked anew: whoever writes its subscription again says that it is back.
        let isAgreed = existing?.definition.webhookURL == definition.webhookURL && existing?.standing == .agreed
        let standing = isAgreed ? EndpointStanding.agreed : .unasked
        try await catalog.save(definition, standing)
        let subscription = Subscription(definition, of: topic, from: record, standing: standing)
        topic.add(subscription)
        subscription.start(completion: completion)
        return existing == nil
    }

    /// Removes a subscription; what it had not delivered stays in the topic for others.
    public func deleteSubscription(_ name: String, of topicName: String) async throws(EventError) {
        try await changes.take { () throws(EventError) in try await remove(subscription: name, of: topicName) }
    }

    private func remove(subscription name: String, of topicName: String) async throws(EventError) {
        let topic = try topic(topicName)
        guard let subscription = topic.subscription(name) else {
            throw EventError(.notFound, "There is no subscription '\(name)' of the topic '\(topicName)'.")
        }
        do throws(DatabaseError) {
            try await remove(subscription, of: topic)
        } catch {
            throw EventError(error)
        }
    }

    /// Removes a subscription whose time is over.
    func remove(expired subscription: Subscription) {
        Task(executorPreference: handlers) {
            do throws(EventError) {
                try await self.deleteSubscription(subscription.name, of: subscription.definition.topic)
            } catch {
                self.log.error("expired-subscription-not-removed", [("reason", .text(error.message))])
            }
        }
    }

    private func remove(_ subscription: Subscription, of topic: Topic) async throws(DatabaseError) {
        try await catalog.remove(subscription: subscription.name, of: topic.name)
        _ = topic.removeSubscription(subscription.name)
        subscription.end()
        try await topic.progress.forget(subscription.name)
    }

    // MARK: Publishing

    /// Keeps events in a topic, all or none. `completion` hears of success when they are durable.
    func publish(
        _ events: [NewEvent], to topic: Topic, completion: @escaping @Sendable (Result<Void, EventError>) -> Void
    ) {
        topic.log.append(events) { result in
            switch result {
            case .success:
                topic.counters.published.add(UInt64(events.count))
                completion(.success(()))
            case .failure(let error):
                topic.counters.publishFailed.add()
                completion(.failure(EventError(error)))
            }
        }
    }

    /// Publishes events from within the program; they are durable when this returns.
    /// - Throws: `notFound`, `badRequest`, `unavailable`.
    public func publish(_ events: [Event], to topicName: String) async throws(EventError) {
        let topic = try topic(topicName)
        let batch = EventID.random()
        let new = events.enumerated().map { position, event in
            NewEvent(documentID: "\(batch)-\(position)", event: event, schema: .cloudEvents)
        }
        if !new.isEmpty { try await publish(new, to: topic) }
    }
}

extension EventError {
    /// What a publisher or a subscriber can do about what the store reports.
    init(_ error: DatabaseError) {
        switch error {
        case .invalid(let message): self.init(.badRequest, message)
        case .tooLarge: self.init(.tooLarge, "The maximum size (\(EventLimits.requestBytesMax)) has been exceeded.")
        case .notFound: self.init(.notFound, "The resource does not exist.")
        case .conflict(let message): self.init(.conflict, message)
        case .unavailable(let message): self.init(.unavailable, message)
        case .throttled: self.init(.tooManyRequests, "The store is busy; send the same again.")
        default: self.init(.unavailable, "The store cannot serve at the moment.")
        }
    }
}
