public import OrreryDatabase
import OrreryDocuments
import OrreryEngine
public import OrreryHTTP
import OrreryKeys
import OrreryQuery
public import OrreryTelemetry
public import OrreryTriggers

/// The REST service of one account: takes a request, finds out who sent it and what it asks for, and answers.
///
/// Reads are answered on the calling thread. Writes are handed to the database and answered from its threads, so that
/// no HTTP thread ever waits for a disk.
public final class CosmosService: Sendable {
    /// What an operator may choose.
    public struct Configuration: Sendable {
        /// The account's primary key in base64, unless it was made anew since this one was first given.
        public var key: String
        /// The URL that the account document names, for servers behind a proxy; nil for the one each client used.
        public var advertisedEndpoint: String?
        /// Whether clients are held to the throughput of their containers.
        public var enforcesThroughput: Bool
        /// The identity provider whose tokens are believed; nil for none.
        public var issuer: TokenIssuer.Configuration?
        /// Whether that provider's tokens are the only way in.
        public var refusesKeys = false
        /// Whether what is done to the account is written down in a container of the server's own.
        public var keepsAuditTrail = true

        public init(
            key: String = CosmosService.publicKey, advertisedEndpoint: String? = nil, enforcesThroughput: Bool = false
        ) {
            self.key = key
            self.advertisedEndpoint = advertisedEndpoint
            self.enforcesThroughput = enforcesThroughput
        }
    }

    /// The key that the service's emulators publish. Whoever can reach a server with this key can use it.
    public static let publicKey = Authorizer.publicKey

    let account: Account
    let configuration: Configuration
    let authorizer: Authorizer
    let queryServices: QueryServices
    let control: ControlPlane
    /// Nil where none is kept.
    let audit: AuditTrail?
    let containers: ContainerCache
    /// Handlers in this process and in others.
    let handlers: HandlerControl
    /// Queries may take as long as a page may; they have threads of their own, so that they hold up no other request.
    let queryWorkers = WorkerPool(threadCount: 4, waitingMax: 1000)
    /// Changes that came for clients that wait for them are read on threads of their own. Each client waits in line
    /// once at most.
    let feedWorkers = WorkerPool(threadCount: 2, waitingMax: 20_000)
    /// Ends waits and beats hearts.
    let timer = Timer()
    /// What partitions have left of their request units; nil where throughput is not enforced.
    let ledger: ThroughputLedger?
    private let metrics: RequestMetrics
    private let log: Log
    /// Seconds since 1970.
    let clock: @Sendable () -> Int64
    private let engineClock = EngineConfiguration().clock

    /// A service over an account.
    /// - Parameters:
    ///   - triggers: the handlers that run in this process; nil where none do.
    ///   - clock: gives the seconds since 1970 that signatures are compared with.
    /// - Throws: `.invalid` where the key is not base64; `.unavailable` where the account cannot keep its keys.
    public init(
        account: Account, configuration: Configuration, metrics: MetricsRegistry, triggers: TriggerHost? = nil,
        log: Log = .silent, clock: @escaping @Sendable () -> Int64
    ) throws(DatabaseError) {
        self.account = account
        self.configuration = configuration
        control = try ControlPlane(account: account, configuredKey: configuration.key)
        let audit = configuration.keepsAuditTrail
            ? try AuditTrail(account: account, metrics: metrics, log: log, clock: clock) : nil
        self.audit = audit
        let authorizer = Authorizer(
            keys: control.keys, issuer: configuration.issuer.map(TokenIssuer.init),
            refusesKeys: configuration.refusesKeys
        ) { principal, http in
            let event = AuditEvent(
                .signIn, http, link: nil, operation: "signIn", caller: .principal(principal), status: 200)
            audit?.record(event, of: .signIn)
        }
        self.authorizer = authorizer
        queryServices = QueryServices(sign: authorizer.signContinuation)
        self.clock = clock
        self.log = log
        self.metrics = RequestMetrics(metrics)
        containers = ContainerCache(account: account)
        handlers = HandlerControl(account: account, host: triggers)
        ledger = configuration.enforcesThroughput ? ThroughputLedger(account: account) : nil
    }

    /// The milliseconds since 1970.
    func nowMilliseconds() -> Int64 { engineClock() }

    var roles: RoleBook { control.roles }

    /// Whether the primary key is the one that the operator gave, and not one made since.
    public var usesConfiguredKey: Bool {
        authorizer.keys.key(withText: Array(configuration.key.utf8)) == .primary
    }

    /// The account's keys that may write, in base64; none where keys are refused.
    public var writingKeys: [String] {
        if authorizer.refusesKeys { return [] }
        let keys = authorizer.keys.current.all.filter { !$0.kind.isReadOnly }
        return keys.map { String(decoding: $0.text, as: UTF8.self) }
    }

    /// Lets the queries that run come to their end. To be called when no more requests come.
    public func stop() {
        timer.stop()
        feedWorkers.stop()
        queryWorkers.stop()
        audit?.stop()
    }

    /// Answers a request, at once or later.
    public func handle(_ http: HTTPRequest, _ responder: HTTPResponder) {
        handle(http, responder, as: nil)
    }

    /// Answers a request of this program's own, which has found out itself who may send it.
    public func handleAsOwner(_ http: HTTPRequest, _ responder: HTTPResponder) {
        handle(http, responder, as: .keyHolder(.primary))
    }

    /// - Parameter known: who sends the request; nil to find that out.
    private func handle(_ http: HTTPRequest, _ responder: HTTPResponder, as known: Caller?) {
        var link: ResourceLink?
        var caller: Caller?
        do throws(CosmosError) {
            link = ResourceLink(rawPath: http.rawPath)
            guard let link else {
                if known == nil, Self.isControlPath(http.rawPath) {
                    responder.respond(answerControl(http))
                    return
                }
                if Self.isWorkerPath(http.rawPath) { return answerWorker(http, responder) }
                throw CosmosError.unreadableLink(http.rawPath)
            }
            let request = CosmosRequest(http, link: link)
            let sender = if let known { known } else {
                try authorizer.caller(of: request, nowSeconds: clock())
            }
            caller = sender
            let route = try Route.of(request)
            try authorize(request, route.operation, as: sender)
            let claim = try admit(request, route.operation)
            let audited = route.operation.changesAccount ? audited(http, link, route.operation, sender) : nil
            let exchange = CosmosExchange(
                request, route.operation, responder, metrics, claim, log, audited: audited)
            if route.operation.isRead, refreshLeases(for: link, { self.perform(route, exchange) }) { return }
            perform(route, exchange)
        } catch {
            metrics.recordRefusal()
            if let audit, error.status == 401 || error.status == 403 {
                let event = AuditEvent(
                    .refusal, http, link: link, operation: http.method.name, caller: caller, status: error.status,
                    substatus: error.substatus)
                audit.record(event, of: .refusal)
            }
            responder.respond(CosmosResponse.error(error, activityID: ActivityID.of(http)))
        }
    }

    /// Writes down what becomes of a change to the account.
    private func audited(
        _ http: HTTPRequest, _ link: ResourceLink, _ operation: Operation, _ caller: Caller
    ) -> CosmosExchange.Audited? {
        guard let audit else { return nil }
        return { response in
            let event = AuditEvent(
                .controlPlane, http, link: link, operation: operation.name, caller: caller, status: response.status,
                substatus: response.headers["x-ms-substatus"].flatMap { Int($0) } ?? 0)
            audit.record(event, of: .controlPlane)
        }
    }

    private func perform(_ route: Route, _ exchange: CosmosExchange) {
        do throws(CosmosError) {
            switch route.answer {
            case .now(let handler): exchange.respond(try handler(self)(exchange.request))
            case .later(let handler): try handler(self)(exchange.request, exchange)
            }
        } catch {
            exchange.fail(error)
        }
    }

    /// The service's words for what the HTTP server refuses by itself.
    public static func response(to refusal: HTTPServerRefusal) -> HTTPResponse {
        let error = switch refusal {
        case .headersTooLarge: CosmosError(status: 431, "The request's header fields are too large.")
        case .bodyTooLarge: CosmosError.bodyTooLarge
        case .malformed: CosmosError.badRequest("The request is malformed.")
        case .stopping: CosmosError(status: 503, "The server is stopping.")
        case .abandoned: CosmosError(status: 500, "The server could not answer the request.")
        }
        return CosmosResponse.error(error, activityID: ActivityID.made()[...])
    }
}
