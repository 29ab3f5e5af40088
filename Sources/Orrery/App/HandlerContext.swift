internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryEvents
internal import OrreryTelemetry
internal import OrreryTriggers

/// What a handler has beside what it is called for: the store to read from, a place for what it writes, and its own log
/// lines and counters.
///
/// What a change handler writes through its context takes effect when the call succeeds. What stands in the partition
/// of the changes is committed together with the handler's progress, and so exactly once; anything else is committed
/// before, at least once.
///
/// ```swift
/// app.onTimer("nightly", schedule: "0 0 3 * * *") { context in
///     let orders = try context.container("shop/orders")
///     for try await order in orders.query("SELECT * FROM c WHERE c.status = 'old'", as: Order.self) {
///         try await orders.delete(order.id, in: PartitionKey(order.customer))
///     }
/// }
/// ```
public struct HandlerContext: Sendable {
    /// The handler's name.
    ///
    /// ```swift
    /// print(context.name)
    /// ```
    public let name: String
    let store: Store
    let app: App
    /// Nil but for change handlers.
    let trigger: TriggerContext?
    /// The containers that bindings may write to.
    private let outputs: [String]
    /// What other handlers have written, for when their call succeeds.
    private let pending = PendingOutputs()
    private let call: CallTrace
    private var trace: TraceParent { call.context }

    init(
        name: String, store: Store, app: App, trigger: TriggerContext?, outputs: [String] = [],
        parentTrace: String? = nil
    ) {
        (self.name, self.store, self.app, self.trigger) = (name, store, app, trigger)
        (self.outputs, call) = (outputs, CallTrace(parent: parentTrace))
    }

    /// A container, by `database/container`: for reads, and for writes that take effect at once.
    ///
    /// ```swift
    /// let customers = try context.container("shop/customers")
    /// ```
    /// - Throws: ``StoreError/notFound``.
    public func container(_ path: String) throws(StoreError) -> Container {
        try store.container(at: path)
    }

    /// Has an item written through a binding when the call succeeds: added, or in the place of the one that is there.
    ///
    /// ```swift
    /// try context.put(mail, into: mails)
    /// ```
    /// - Throws: ``StoreError/invalid(_:)`` for a binding that the handler was not registered with.
    public func put<Value>(_ value: Value, into output: ItemOutput<Value>) throws(StoreError) {
        try require(output)
        try upsert(value, to: output.path)
    }

    /// Has an event published through a binding when the call succeeds: before its progress is kept, and so at least
    /// once. One whose id the topic has from this handler is not published again.
    ///
    /// ```swift
    /// try context.publish(order, id: change.idempotencyKey, subject: "/orders/\(change.id)", to: placed)
    /// ```
    /// - Parameters:
    ///   - value: the event's data.
    ///   - id: the event's id: the same each time that the same is told of.
    ///   - subject: what it happened to.
    ///   - output: the topic, and the type of the event.
    /// - Throws: ``StoreError/invalid(_:)`` for a binding that the handler was not registered with,
    ///   ``StoreError/coding(_:)`` for a value that has no form in JSON.
    public func publish<Value>(
        _ value: Value, id: String, subject: String? = nil, to output: EventOutput<Value>
    ) throws(StoreError) {
        try require(output)
        let event = Event(
            id: id, source: "/handlers/\(name)", type: output.type, subject: subject,
            dataContentType: "application/json", data: .json(try ItemEncoder.encode(value).text))
        let (app, topic, trace) = (app, output.topic, traceparent)
        perform {
            guard let host = app.events else { throw StoreError.unavailable("The app is not running.") }
            do throws(EventError) {
                try await host.publishOnce(event, to: topic, traceparent: trace)
            } catch {
                throw StoreError(error)
            }
        }
    }

    private func require(_ output: some OutputBinding) throws(StoreError) {
        guard outputs.contains(where: { $0.utf8.elementsEqual(output.path.utf8) }) else {
            throw .invalid("The handler '\(name)' was not registered with an output to \(output.path).")
        }
    }

    /// Has something done when the call succeeds, at least once.
    private func perform(_ effect: @escaping @Sendable () async throws -> Void) {
        if let trigger { trigger.perform(effect) } else { pending.add(effect) }
    }

    /// Has an item written when the call succeeds: added, or in the place of the one that is there.
    ///
    /// ```swift
    /// try context.upsert(order, to: "shop/orders")
    /// ```
    /// - Parameters:
    ///   - value: the item.
    ///   - path: the container as `database/container`; nil for the one whose changes are handled.
    public func upsert(_ value: some Encodable & Sendable, to path: String? = nil) throws(StoreError) {
        let document = try Container.document(value)
        try write(path) { container throws(DatabaseError) in
            try container.preparingCreate(document, partitionKey: nil, isUpsert: true)
        }
    }

    /// Has an item added when the call succeeds; the call fails where there is one of its id.
    ///
    /// ```swift
    /// try context.create(order, to: "shop/orders")
    /// ```
    /// - Parameters:
    ///   - value: the item.
    ///   - path: the container as `database/container`; nil for the one whose changes are handled.
    public func create(_ value: some Encodable & Sendable, to path: String? = nil) throws(StoreError) {
        let document = try Container.document(value)
        try write(path) { container throws(DatabaseError) in
            try container.preparingCreate(document, partitionKey: nil)
        }
    }

    /// Has an item changed where it stands when the call succeeds.
    ///
    /// ```swift
    /// try context.patch("1", in: "ada", [.set("/status", "paid")])
    /// ```
    /// - Parameters:
    ///   - id: the item's id.
    ///   - key: its partition key.
    ///   - operations: what to do, in order.
    ///   - condition: a predicate that must be true of the item; nil for none.
    ///   - path: the container as `database/container`; nil for the one whose changes are handled.
    public func patch(
        _ id: String, in key: PartitionKey, _ operations: [PatchOperation], if condition: String? = nil,
        of path: String? = nil
    ) throws(StoreError) {
        let body = try PatchOperation.body(operations, condition)
        try write(path) { container throws(DatabaseError) in
            let patch = try ItemPatch(body.root, in: container)
            return try container.preparingChange(id: Array(id.utf8), partitionKey: key.key, patch.apply)
        }
    }

    /// Has an item removed when the call succeeds.
    ///
    /// ```swift
    /// try context.delete("1", in: "ada")
    /// ```
    /// - Parameters:
    ///   - id: the item's id.
    ///   - key: its partition key.
    ///   - path: the container as `database/container`; nil for the one whose changes are handled.
    public func delete(_ id: String, in key: PartitionKey, from path: String? = nil) throws(StoreError) {
        try write(path) { container throws(DatabaseError) in
            try container.preparingDelete(id: Array(id.utf8), partitionKey: key.key)
        }
    }

    /// Writes a log line.
    ///
    /// ```swift
    /// context.log("the engine is too hot")
    /// ```
    public func log(_ text: String) {
        app.log.info("handler", [
            ("name", .text(name)), ("text", .text(text)), ("trace_id", .text(trace.traceID)),
        ])
    }

    /// The call's place in a trace, as the header of the same name says it (W3C Trace Context): to be sent along to
    /// others. A call goes on with the trace of the request, the event or the first traced change that it is for; any
    /// other begins one. What the handler writes is part of the trace.
    ///
    /// ```swift
    /// print(context.traceparent)
    /// ```
    public var traceparent: String { trace.text }

    /// Does something, and tells how long it took: as a log line `span` with the trace's ids, and in
    /// `orrery_handler_span_seconds` among the metrics.
    ///
    /// ```swift
    /// let total = await context.span("sum") { changes.count }
    /// ```
    public func span<Result>(_ span: String, _ body: () async throws -> Result) async rethrows -> Result {
        let (child, start) = (trace.child(), ContinuousClock.now)
        defer {
            let duration = ContinuousClock.now - start
            app.metrics.histogram(
                "orrery_handler_span_seconds", help: "How long what handlers trace took.",
                labels: [(name: "handler", value: name), (name: "span", value: span)]
            ).record(UInt64(clamping: duration.components.attoseconds / 1_000_000_000
                + duration.components.seconds * 1_000_000_000))
            app.log.info("span", [
                ("name", .text(name)), ("span", .text(span)), ("trace_id", .text(child.traceID)),
                ("span_id", .text(child.spanID)), ("parent_id", .text(trace.spanID)),
                ("microseconds", .integer(Int64(duration / .microseconds(1)))),
            ])
        }
        return try await body()
    }

    /// Counts something of the handler's own, shown as `orrery_handler_events_total` among the metrics.
    ///
    /// ```swift
    /// context.count("alerts")
    /// ```
    public func count(_ event: String, by amount: Int = 1) {
        app.metrics.counter(
            "orrery_handler_events_total", help: "What handlers count themselves.",
            labels: [(name: "handler", value: name), (name: "event", value: event)]
        ).add(UInt64(clamping: amount))
    }

    private func write(
        _ path: String?, _ prepare: (OrreryDatabase.Container) throws(DatabaseError) -> ItemOperation
    ) throws(StoreError) {
        let container: OrreryDatabase.Container
        if let path {
            let found = try self.container(path)
            container = try StoreError.translating { () throws(DatabaseError) in try found.opened() }
        } else if let trigger {
            container = trigger.container
        } else {
            throw .invalid("Only change handlers have a container of their own; others say which.")
        }
        var operation = try StoreError.translating { () throws(DatabaseError) in try prepare(container) }
        // What comes of a traced write is traced, too; what comes of others begins no trace.
        if call.isTraced { operation = operation.marked(withTrace: TraceMark(trace)) }
        if let trigger {
            trigger.write(operation, in: container)
        } else {
            pending.add { [operation] in try await container.commit([operation]) }
        }
    }

    /// Commits what a handler wrote that is no change handler, one by one.
    func commitOutputs() async throws(StoreError) {
        try await pending.commit()
    }
}
