internal import OrreryTriggers
internal import Synchronization

extension App {
    /// Has a function called with the changes of a container: at least once, in order within a partition key, in
    /// parallel across keys. What it throws has them delivered again, after a while; what cannot be handled goes to the
    /// dead letters.
    ///
    /// ```swift
    /// app.onChange("shop/orders", named: "apply-tax", of: Order.self) { changes, context in
    ///     for case let order? in changes.map(\.value) where order.status == "open" {
    ///         var paid = order
    ///         paid.status = "taxed"
    ///         try context.upsert(paid)
    ///     }
    /// }
    /// ```
    /// - Parameters:
    ///   - path: the container as `database/container`. It may be made later.
    ///   - name: small letters, digits and hyphens: under this name the handler's progress is kept.
    ///   - type: what an item is decoded as.
    ///   - inputs: what is read for each change before the function is called, and found by `change[input]`.
    ///   - outputs: what is written through `context.put`.
    ///   - options: how changes are handed over.
    ///   - handler: the function.
    public func onChange<Value: Decodable & Sendable>(
        _ path: String, named name: String, of type: Value.Type, inputs: [any InputBinding] = [],
        outputs: [any OutputBinding] = [], options: HandlerOptions = HandlerOptions(),
        _ handler: @escaping @Sendable ([HandledChange<Value>], HandlerContext) async throws -> Void
    ) {
        registration.withLock { registration in
            do throws(StoreError) {
                let (database, container) = try Self.parts(of: path)
                try Self.check(inputs, outputs)
                let paths = outputs.map(\.path)
                let trigger = Trigger(name, database: database, container: container, options: options.options) {
                    [weak self] changes, context in
                    guard let self, let store = self.store else {
                        throw StoreError.unavailable("The app is stopping.")
                    }
                    var decoded: [HandledChange<Value>] = []
                    for change in changes {
                        let found = try await InputContents.read(
                            inputs, for: change.text ?? change.previous, in: store)
                        decoded.append(try HandledChange<Value>(change, inputs: found))
                    }
                    let context = HandlerContext(
                        name: name, store: store, app: self, trigger: context, outputs: paths,
                        parentTrace: changes.lazy.compactMap(\.traceparent).first)
                    try await handler(decoded, context)
                }
                guard let trigger else { throw .invalid("'\(name)' is no name of a handler.") }
                registration.triggers.append(trigger)
                registration.events.topics += Self.topics(of: outputs)
            } catch {
                registration.failure = registration.failure ?? error
            }
        }
    }

    /// Has a function called when a time comes.
    ///
    /// ```swift
    /// app.onTimer("nightly", schedule: "0 0 3 * * *", timeZone: "Europe/Berlin") { context in
    ///     context.log("good night")
    /// }
    /// ```
    /// - Parameters:
    ///   - name: under this name its last run is kept.
    ///   - schedule: six fields: second, minute, hour, day of the month, month, day of the week.
    ///   - timeZone: whose clocks the schedule means, such as `Europe/Berlin`.
    ///   - runsMissed: whether a run that was missed while no process ran is made up for, once, at the start.
    ///   - handler: the function.
    public func onTimer(
        _ name: String, schedule: String, timeZone: String = "UTC", runsMissed: Bool = true,
        _ handler: @escaping @Sendable (HandlerContext) async throws -> Void
    ) {
        registration.withLock { registration in
            guard let schedule = CronSchedule(schedule) else {
                registration.failure = registration.failure ?? .invalid("'\(schedule)' is no schedule of six fields.")
                return
            }
            guard let zone = TimeZoneRules(named: timeZone) else {
                registration.failure = registration.failure ?? .invalid("There is no time zone '\(timeZone)'.")
                return
            }
            registration.timers.append(
                TimerTrigger(name, schedule: schedule, zone: zone, runsMissed: runsMissed) { [weak self] _ in
                    guard let self, let store = self.store else { return }
                    let context = HandlerContext(name: name, store: store, app: self, trigger: nil)
                    try await handler(context)
                    try await context.commitOutputs()
                })
        }
    }

    /// Has a function called for requests of a method and a path. A part of the path in braces takes any text, which
    /// the function finds among the request's parameters.
    ///
    /// ```swift
    /// app.onRequest(.get, "/orders/{customer}/{id}") { request, context in
    ///     let orders = try context.container("shop/orders")
    ///     let key = PartitionKey(request["customer"] ?? "")
    ///     let order = try await orders.item(request["id"] ?? "", in: key, as: Order.self)
    ///     return try order.map { try Response.json($0.value) } ?? Response(status: 404)
    /// }
    /// ```
    /// - Parameters:
    ///   - method: the request's method.
    ///   - path: the path, such as `/orders/{id}`. Paths of the database's own REST contract cannot be taken.
    ///   - access: who may call it.
    ///   - inputs: what is read before the function is called, and found by `request[input]`.
    ///   - outputs: what is written through `context.put`.
    ///   - handler: the function.
    public func onRequest(
        _ method: RequestMethod, _ path: String, access: RequestAccess = .functionKey,
        inputs: [any InputBinding] = [], outputs: [any OutputBinding] = [],
        _ handler: @escaping @Sendable (Request, HandlerContext) async throws -> Response
    ) {
        registration.withLock { registration in
            do throws(StoreError) {
                try Self.check(inputs, outputs)
                guard var route = RequestRoute(method, path, access, handler) else {
                    throw .invalid("'\(path)' is no path that can be handled.")
                }
                (route.inputs, route.outputs) = (inputs, outputs.map(\.path))
                registration.routes.append(route)
                registration.events.topics += Self.topics(of: outputs)
            } catch {
                registration.failure = registration.failure ?? error
            }
        }
    }

    static func check(
        _ inputs: [any InputBinding], _ outputs: [any OutputBinding]
    ) throws(StoreError) {
        for input in inputs where input.identity == nil {
            throw .invalid("An input binding names no container, or has braces that do not match: \(input)")
        }
        for output in outputs where !output.path.hasPrefix(topicPrefix) { _ = try parts(of: output.path) }
    }

    static func parts(of path: String) throws(StoreError) -> (database: String, container: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .invalid("'\(path)' does not name a container as database/container.")
        }
        return (String(parts[0]), String(parts[1]))
    }
}
