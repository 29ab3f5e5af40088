public import OrreryDatabase
import OrreryDocuments
import OrreryEngine
public import OrreryHTTP
import OrreryKeys
public import OrreryTelemetry

/// The REST service of one account: takes a request, finds out who sent it and what it asks for, and answers.
///
/// Reads are answered on the calling thread. Writes are handed to the database and answered from its threads, so that
/// no HTTP thread ever waits for a disk.
public final class CosmosService: Sendable {
    /// What an operator may choose.
    public struct Configuration: Sendable {
        /// The account's key in base64.
        public var key: String
        /// The URL that the account document names, for servers behind a proxy; nil for the one each client used.
        public var advertisedEndpoint: String?
        /// Whether clients are held to the throughput of their containers.
        public var enforcesThroughput: Bool

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
    let containers: ContainerCache
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

    /// A service over an account.
    /// - Parameter clock: gives the seconds since 1970 that signatures are compared with.
    /// - Returns: nil where the key is not base64.
    public init?(
        account: Account, configuration: Configuration, metrics: MetricsRegistry,
        log: Log = .silent, clock: @escaping @Sendable () -> Int64
    ) {
        guard let authorizer = Authorizer(key: configuration.key) else { return nil }
        self.account = account
        self.configuration = configuration
        self.authorizer = authorizer
        self.clock = clock
        self.log = log
        self.metrics = RequestMetrics(metrics)
        containers = ContainerCache(account: account)
        ledger = configuration.enforcesThroughput ? ThroughputLedger(account: account) : nil
    }

    /// Lets the queries that run come to their end. To be called when no more requests come.
    public func stop() {
        timer.stop()
        feedWorkers.stop()
        queryWorkers.stop()
    }

    /// Answers a request, at once or later.
    public func handle(_ http: HTTPRequest, _ responder: HTTPResponder) {
        do throws(CosmosError) {
            guard let link = ResourceLink(rawPath: http.rawPath) else {
                throw CosmosError.unreadableLink(http.rawPath)
            }
            let request = CosmosRequest(http, link: link)
            let caller = try authorizer.caller(of: request, nowSeconds: clock())
            let route = try Route.of(request)
            switch caller {
            case .owner: break
            case .identity: guard route.operation.isDataPlane else { throw CosmosError.insufficientPermission }
            case .holder(let permission): try authorize(request, route.operation, by: permission)
            }
            let claim = try admit(request, route.operation)
            perform(route, CosmosExchange(request, route.operation, responder, metrics, claim, log))
        } catch {
            metrics.recordRefusal()
            responder.respond(CosmosResponse.error(error, activityID: ActivityID.of(http)))
        }
    }

    private func authorize(
        _ request: CosmosRequest, _ operation: Operation, by resourceID: ResourceID
    ) throws(CosmosError) {
        // A permission that was deleted takes its tokens with it.
        guard let resource = account.permission(resourceID), let body = try? JSONValue(parsing: resource.body),
            let permission = Permission(body)
        else { throw .unauthorized }
        try permission.authorize(request, operation, in: account)
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
