public import OrreryDocuments
public import OrreryHTTP
public import OrreryTelemetry
import Synchronization

/// What a gateway is given by whoever runs it.
public struct GatewayServices: Sendable {
    /// Answers a request on the database's REST contract, in its owner's name: for APIs that are containers.
    public var database: @Sendable (HTTPRequest, HTTPResponder) -> Void
    /// Calls a function of the program by its name; false where there is none.
    public var handler: @Sendable (String, GatewayCall, HTTPResponder) -> Bool
    /// Sends a request to a server behind the gateway, and tells of the answer as it comes, one event after the other.
    public var backend: Sender
    /// Gives what a reference such as `env:NAME` or `file:PATH` leads to.
    public var secret: @Sendable (String) -> [UInt8]?
    /// Seconds since 1970.
    public var nowSeconds: @Sendable () -> Int64
    /// Nanoseconds on a clock that never goes back.
    public var nowNanoseconds: @Sendable () -> UInt64

    /// Gets what an identity provider publishes, from addresses that the operator lets strangers name.
    public var fetch: Fetcher
    /// Follows containers whose answers are kept; nil where none can be followed.
    public var following: (any ContainerFollowing)?
    /// Calls back once, so many milliseconds from now; the call is quick.
    public var schedule: Scheduler
    /// Is told of calls that failed, and of those that the configuration wants told.
    public var log: Log

    public typealias Fetcher = @Sendable (
        HTTPClientRequest, @escaping @Sendable (Result<HTTPClientResponse, HTTPClientError>) -> Void
    ) -> Void
    public typealias Scheduler = @Sendable (_ milliseconds: Int, _ body: @escaping @Sendable () -> Void) -> Void
    public typealias Sender = @Sendable (
        HTTPClientRequest, @escaping @Sendable (HTTPClientEvent) -> HTTPClientFlow
    ) -> HTTPClientExchange

    public init(
        database: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void,
        handler: @escaping @Sendable (String, GatewayCall, HTTPResponder) -> Bool,
        backend: @escaping Sender,
        secret: @escaping @Sendable (String) -> [UInt8]?,
        nowSeconds: @escaping @Sendable () -> Int64, nowNanoseconds: @escaping @Sendable () -> UInt64,
        schedule: @escaping Scheduler, fetch: @escaping Fetcher = { _, then in then(.failure(.refusedAddress)) },
        following: (any ContainerFollowing)? = nil, log: Log
    ) {
        (self.database, self.handler, self.backend, self.secret) = (database, handler, backend, secret)
        (self.nowSeconds, self.nowNanoseconds) = (nowSeconds, nowNanoseconds)
        (self.schedule, self.fetch, self.following, self.log) = (schedule, fetch, following, log)
    }
}

/// The front door: finds out what a request is for and who sends it, lets it pass the policies, and has it answered.
public final class Gateway: Sendable {
    let services: GatewayServices
    private let configuration: Mutex<GatewayConfiguration>
    let limiter = RateLimiter()
    let ledger: QuotaLedger
    let budgets: UnitBudgets
    let verdicts: TokenVerdicts
    let keySets: KeySets
    let metrics: GatewayMetrics
    let breakers = CircuitBreakers()
    let deadlines: CallDeadlines
    private let cacheCounters: CacheCounters

    /// A gateway without any API.
    public init(services: GatewayServices, quotas: any QuotaKeeping, metrics: MetricsRegistry) {
        self.services = services
        ledger = QuotaLedger(keeper: quotas)
        budgets = UnitBudgets(nowNanoseconds: services.nowNanoseconds)
        let verdicts = TokenVerdicts()
        self.verdicts = verdicts
        keySets = KeySets(fetch: services.fetch, nowSeconds: services.nowSeconds) { verdicts.clear() }
        self.metrics = GatewayMetrics(metrics)
        metrics.computedGauge(
            "orrery_gateway_circuits_open",
            help: "Servers behind the gateway that are left alone, for they have failed."
        ) { [breakers] in Double(breakers.openCount) }
        cacheCounters = CacheCounters(metrics)
        let cache = GatewayCache(bytesMax: 0, following: nil, counters: cacheCounters)
        configuration = Mutex(
            GatewayConfiguration(
                apis: [], products: [], subscriptions: [], settings: GatewaySettings(), cache: cache))
        deadlines = CallDeadlines(schedule: services.schedule, nowNanoseconds: services.nowNanoseconds)
        metrics.computedGauge("orrery_gateway_cache_bytes", help: "What the answers in the cache take.") {
            [weak self] in Double(self?.cache.byteCount ?? 0)
        }
    }

    /// What no API's path, nor a program's, can begin with: the database's own words, and the server's.
    public static let reservedWords: Set<String> = [
        "dbs", "offers", "control", "_orrery", "metrics", "healthz", "readyz",
    ]

    /// Gives back what was set aside of quotas. To be called when no more requests come.
    public func stop() { ledger.close() }

    // MARK: Configuration

    var current: GatewayConfiguration { configuration.withLock { $0 } }

    var cache: GatewayCache { current.cache }

    var context: PolicyContext { PolicyContext(secret: services.secret) }

    /// Takes documents for the whole configuration: from now on they count, and nothing else.
    /// - Returns: what is wrong with those that were left out. An API that cannot be read is not served.
    public func configure(_ documents: [JSONValue]) -> [ConfigurationError] {
        var errors: [ConfigurationError] = []
        var (apis, products, subscriptions): ([API], [Product], [Subscription]) = ([], [], [])
        var settings = GatewaySettings()
        let context = context
        for document in documents {
            do throws(ConfigurationError) {
                let document = try SettingReferences(context: context).filled(document)
                switch document["kind"]?.string.flatMap(GatewayDocumentKind.init(rawValue:)) {
                case .api: apis.append(try API(document, context))
                case .product: products.append(try Product(document, context))
                case .subscription: subscriptions.append(try Subscription(document))
                case .settings: settings = try GatewaySettings(document, context)
                case nil: throw ConfigurationError("a document of the configuration has no kind")
                }
            } catch {
                errors.append(error)
            }
        }
        for index in apis.indices.reversed() where !apis[index].isCurrent {
            let current = apis.first { $0.isCurrent && $0.id == apis[index].id }
            guard !apis[index].takePlace(of: current) else { continue }
            let place = "api '\(apis[index].documentID)'"
            errors.append(ConfigurationError("\(place): there is no API that it is a revision of"))
            apis.remove(at: index)
        }
        let cache = GatewayCache(
            bytesMax: settings.cacheBytesMax, following: services.following, counters: cacheCounters)
        let made = GatewayConfiguration(
            apis: apis, products: products, subscriptions: subscriptions, settings: settings, cache: cache)
        configuration.withLock { $0 = made }
        return errors
    }

    /// Checks a document before it is kept.
    /// - Throws: what is wrong with it.
    public func check(_ document: JSONValue, of kind: GatewayDocumentKind) throws(ConfigurationError) {
        let document = try SettingReferences(context: context).filled(document)
        switch kind {
        case .api:
            let api = try API(document, context)
            if let other = current.apis.first(where: { $0.id != api.id && $0.isTakenFor(api) }) {
                throw ConfigurationError("api '\(api.id)': the path and version are those of the API '\(other.id)'")
            }
        case .product: _ = try Product(document, context)
        case .subscription: _ = try Subscription(document)
        case .settings: _ = try GatewaySettings(document, context)
        }
    }

    // MARK: Calls

    /// Whether a request, of which the head is there, is for an operation that takes the body while it comes. Others
    /// have to be handed over whole.
    public func takesUploads(_ request: HTTPRequest) -> Bool {
        let configuration = current
        if configuration.isEmpty || request.rawPath.starts(with: Self.databasePath) { return false }
        guard case .route(let match) = configuration.match(
            request, CallQuery(request.rawQuery), method: request.method) else { return false }
        return match.route.takesUploads
    }

    /// Answers a request, at once or later, where it is for one of the APIs.
    /// - Returns: whether it is; if not nothing was done.
    public func answer(_ request: HTTPRequest, _ responder: HTTPResponder) -> Bool {
        let configuration = current
        // What is for the database is told apart by its first letters: most requests are.
        if configuration.isEmpty || request.rawPath.starts(with: Self.databasePath) { return false }
        let isPreflight = CORSPolicy.isPreflight(request)
        let method = isPreflight
            ? HTTPMethod(request.headers["access-control-request-method"] ?? "") : request.method
        let query = CallQuery(request.rawQuery)
        guard let found = configuration.match(request, query, method: method) else { return false }
        let started = services.nowNanoseconds()
        guard case .route(let match) = found else {
            let answer = if case .otherMethods(let methods) = found { Self.notAllowed(methods) } else {
                GatewayAnswer.notFound
            }
            metrics.record(answer.status, nanoseconds: 0)
            responder.respond(answer)
            return true
        }
        // The configuration has changed since the head came.
        guard request.upload == nil || match.route.takesUploads else {
            responder.respond(GatewayAnswer.configurationChanged)
            return true
        }
        let caller = configuration.caller(of: request, query, to: match.route.api)
        let client = ClientAddress(request, trusting: configuration.trustedProxies)
        let call = GatewayCall(request, query, match, client, caller)
        var policies = match.route.policies(for: caller.product)
        // Who only asks whether it may is nobody yet.
        if isPreflight {
            policies = policies.filter(\.comesBeforeKeys)
        } else if let refusal = caller.refusal {
            policies = Policy.before(refusal, policies)
        }
        let run = GatewayRun(policies, started: started, isPreflight: isPreflight, self, configuration.cache, responder)
        run.goOn(call, from: 0)
        return true
    }

    private static let databasePath = Array("/dbs/".utf8)

    private static func notAllowed(_ methods: [HTTPMethod]) -> HTTPResponse {
        var answer = GatewayAnswer.methodNotAllowed
        answer.headers.append("Allow", Array(Set(methods.map(\.name))).sorted().joined(separator: ", "))
        return answer
    }
}

/// The kinds of documents that a configuration consists of.
public enum GatewayDocumentKind: String, Sendable, CaseIterable {
    case api, product, subscription, settings
}
