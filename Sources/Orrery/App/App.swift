internal import Glibc
internal import OrreryCosmos
internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryEvents
internal import OrreryHTTP
internal import OrreryTelemetry
internal import OrreryTriggers
internal import Synchronization

/// A server with handlers: the database over HTTP, as SDKs know it, and beside it a program's own functions, called
/// when items change, when a time comes, or when a request does.
///
/// ```swift
/// let app = App(configuration: .fromEnvironment())
/// app.onChange("shop/orders", named: "apply-tax", of: Order.self) { changes, context in
///     for change in changes { try context.patch(change.id, in: "ada", [.set("/tax", 19)]) }
/// }
/// try await app.run()
/// ```
public final class App: Sendable {
    struct Registration {
        var triggers: [Trigger] = []
        var timers: [TimerTrigger] = []
        var routes: [RequestRoute] = []
        var calls: [String: RequestRoute.Handler] = [:]
        /// What the gateway is to begin with.
        var gateway: [JSONValue] = []
        var events = EventRegistration()
        /// What is wrong with a registration; said when the app is to run.
        var failure: StoreError?
    }

    /// What runs, once the app does.
    struct Running {
        let store: Store
        let host: TriggerHost
        let service: CosmosService
        let gateway: GatewayHost
        let events: EventHost
        /// Nil until everything else runs.
        var http: HTTPServer?

        func stop() async {
            await host.stop()
            http?.stop()
            gateway.stop()
            await stopEvents()
            service.stop()
            store.close()
        }

        /// On a thread of its own: it waits for handlers to come to their end, who may need this one.
        private func stopEvents() async {
            let waiter = WorkerPool(threadCount: 1)
            await withCheckedContinuation { continuation in
                waiter.submit {
                    events.stop()
                    continuation.resume()
                }
            }
        }
    }

    let configuration: AppConfiguration
    let registration = Mutex(Registration())
    let metrics = MetricsRegistry()
    let log = Log()
    private let running = Mutex<Running?>(nil)

    /// An app that does nothing yet.
    ///
    /// ```swift
    /// let app = App(configuration: .fromEnvironment())
    /// ```
    public init(configuration: AppConfiguration = AppConfiguration()) {
        self.configuration = configuration
    }

    /// Opens the store, begins to serve and to call handlers, and returns. ``stop()`` is due in the end.
    ///
    /// ```swift
    /// try await app.start()
    /// ```
    /// - Throws: ``StoreError/invalid(_:)`` for what is wrong with a registration or the configuration,
    ///   ``StoreError/unavailable(_:)`` when the directory or the port cannot be had.
    public func start() async throws(StoreError) {
        let registration = registration.withLock { $0 }
        if let failure = registration.failure { throw failure }
        guard configuration.isLoopback || configuration.key != CosmosService.publicKey else {
            throw .invalid("With the published key an app listens on loopback only: set ORRERY_KEY.")
        }
        let store = try Store(directory: configuration.directory, options: configuration.store)
        do throws(StoreError) {
            try await start(registration, store)
        } catch {
            if running.withLock({ $0 == nil }) { store.close() } else { await stop() }
            throw error
        }
    }

    private func start(_ registration: Registration, _ store: Store) async throws(StoreError) {
        let host = TriggerHost(
            account: store.account, metrics: metrics, log: log, threadCount: configuration.handlerThreadCount)
        do throws(TriggerError) {
            for trigger in registration.triggers { try host.register(trigger) }
            for timer in registration.timers { try host.register(timer) }
        } catch {
            throw .invalid("\(error)")
        }
        let service = try StoreError.translating { () throws(DatabaseError) in
            try CosmosService(
                account: store.account, configuration: CosmosService.Configuration(key: configuration.key),
                metrics: metrics, triggers: host, log: log, clock: { Int64(time(nil)) })
        }
        let gateway = try gateway(registration.calls, store, host, service)
        let events = try registration.events.host(
            account: store.account, metrics: metrics, log: log, threadCount: configuration.handlerThreadCount)
        // From here on handlers may be called, which ask for what runs.
        let parts = Running(store: store, host: host, service: service, gateway: gateway, events: events)
        running.withLock { $0 = parts }
        for configuration in registration.gateway { try await gateway.apply(configuration) }
        try await registration.events.start(events)
        let http = try listen(registration.routes, parts)
        running.withLock { $0?.http = http }
        host.start()
        let endpoint = "http://\(configuration.host):\(http.port)"
        events.setEndpoint(endpoint)
        log.info("listening", [("endpoint", .text("\(endpoint)/"))])
    }

    private func listen(_ routes: [RequestRoute], _ parts: Running) throws(StoreError) -> HTTPServer {
        var http = HTTPServerConfiguration()
        (http.host, http.port) = (configuration.host, configuration.port)
        http.errorResponse = CosmosService.response(to:)
        let requests = RequestRoutes(routes, app: self, store: parts.store, host: parts.host)
        let control = ControlRoutes(metrics: metrics)
        let (service, gateway) = (parts.service, parts.gateway)
        let isOpen = configuration.key == CosmosService.publicKey
        let events = EventService(
            parts.events, isOpen: isOpen, onChange: { service.audit($0, operation: $1, status: $2) },
            accountKeys: { service.writingKeys })
        // What comes before the gateway takes requests whole.
        http.takesUploads = {
            !requests.isFor($0) && !EventService.mayBeForEvents($0.rawPath) && gateway.takesUploads($0)
        }
        do throws(HTTPServerError) {
            return try HTTPServer(configuration: http) { request, responder in
                if control.answer(request, responder) || requests.answer(request, responder) { return }
                if events.handle(request, responder) || gateway.answer(request, responder) { return }
                service.handle(request, responder)
            }
        } catch {
            throw .unavailable(error.description)
        }
    }

    /// The open store; nil while the app does not run.
    ///
    /// ```swift
    /// let names = app.store?.databaseNames ?? []
    /// ```
    public var store: Store? { running.withLock { $0?.store } }

    /// The port that the app listens on; nil while it does not run.
    ///
    /// ```swift
    /// print(app.port ?? 0)
    /// ```
    public var port: UInt16? { running.withLock { $0?.http?.port } }

    /// The topics; nil while the app does not run.
    var events: EventHost? { running.withLock { $0?.events } }

    /// Takes no more requests and begins no more calls, lets those under way come to their end, and closes the store.
    ///
    /// ```swift
    /// await app.stop()
    /// ```
    public func stop() async {
        let last = running.withLock { running in
            defer { running = nil }
            return running
        }
        await last?.stop()
    }

    /// An app that is let go without a stop stops all the same, some time later.
    deinit {
        guard let last = running.withLock({ $0 }) else { return }
        Task { await last.stop() }
    }

    /// Serves until the process is asked to stop (SIGINT, SIGTERM).
    ///
    /// ```swift
    /// try await app.run()
    /// ```
    /// - Throws: as ``start()``.
    public func run() async throws(StoreError) {
        let signals = StopSignals()
        try await start()
        await signals.wait()
        await stop()
    }
}
