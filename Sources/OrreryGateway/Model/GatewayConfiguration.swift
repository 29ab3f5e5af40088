import OrreryCrypto
import OrreryDocuments
import OrreryHTTP

/// All of the configuration as of one moment, made ready for calls: immutable, and replaced whole when a document of it
/// changes.
final class GatewayConfiguration: Sendable {
    /// What a request is for.
    struct Match: Sendable {
        let route: Route
        let parameters: [String: String]
        /// The segments behind the API's own path.
        let rest: [String]
    }

    /// An API with what its paths lead to. A class, for each request looks through them.
    private final class Entry: Sendable {
        let api: API
        /// The most specific first.
        let routes: [Route]

        init(_ api: API, _ routes: [Route]) {
            (self.api, self.routes) = (api, routes)
        }
    }

    private let entries: [Entry]
    let products: [String: Product]
    let trustedProxies: [IPRange]
    let developerPage: Gateway.DeveloperPageAccess
    /// What is kept of the answers that were made by this configuration.
    let cache: GatewayCache
    /// By the digest of each key.
    private let subscriptions: [Digest: Subscription]
    /// Products that need no subscription, by the APIs that they offer.
    private let openProducts: [String: Product]

    init(
        apis: [API], products: [Product], subscriptions: [Subscription], settings: GatewaySettings,
        cache: GatewayCache
    ) {
        self.cache = cache
        self.products = Dictionary(products.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        trustedProxies = settings.trustedProxies
        developerPage = settings.developerPage
        var byKey: [Digest: Subscription] = [:]
        for subscription in subscriptions {
            for digest in subscription.keyDigests { byKey[digest] = subscription }
        }
        self.subscriptions = byKey
        var open: [String: Product] = [:]
        var entries: [Entry] = []
        for api in apis {
            let offering = products.filter { $0.apis.contains(api.id) }
            open[api.id] = offering.first { !$0.requiresSubscription }
            entries.append(Entry(api, api.operations.map { Route($0, of: api, settings, offering: offering) }))
        }
        openProducts = open
        // Of two that a path is under, the longer is meant, and one that names a version rather than one that names
        // none.
        self.entries = entries.sorted {
            func rank(_ api: API) -> Int { api.segments.count * 2 + (api.version == nil ? 0 : 1) }
            return (rank($0.api), $1.api.id) > (rank($1.api), $0.api.id)
        }
    }

    /// In the order in which a request is looked for among them.
    var apis: [API] { entries.map(\.api) }

    var isEmpty: Bool { entries.isEmpty }

    /// What a request is for, among the operations of a method; nil where its path is under no API.
    /// - Throws: the answer to a request whose path is under one and is no operation's.
    func match(_ request: HTTPRequest, _ query: CallQuery, method: HTTPMethod) -> Found? {
        guard let path = try? request.pathSegments() else { return nil }
        /// How long the path is of the API that is meant, where one is known by now.
        var knownLength: Int?
        var otherMethods: [HTTPMethod] = []
        for entry in entries {
            let api = entry.api
            if let knownLength, api.segments.count < knownLength { break }
            guard let rest = api.rest(of: path, request, query) else {
                // A version that there is none of is nobody else's.
                if api.version != nil, api.isAbove(path) { knownLength = api.segments.count }
                continue
            }
            // An API of the root takes what its operations name, and leaves the rest to the server.
            if api.segments.isEmpty {
                guard let first = path.first, !Gateway.reservedWords.contains(first) else { continue }
            } else {
                knownLength = api.segments.count
            }
            for route in entry.routes {
                guard let parameters = route.operation.path.match(rest) else { continue }
                if route.operation.method == method {
                    return .route(Match(route: route, parameters: parameters, rest: Array(rest)))
                }
                otherMethods.append(route.operation.method)
            }
            // What it has no operation for is no other API's either, as in API Management.
            if !api.segments.isEmpty { break }
        }
        if !otherMethods.isEmpty { return .otherMethods(otherMethods) }
        return knownLength == nil ? nil : .nothing
    }

    enum Found {
        case route(Match)
        case otherMethods([HTTPMethod])
        /// The path is under an API and is no operation's.
        case nothing
    }

    /// Who sends a call to an API, by the key that it carries.
    func caller(of request: HTTPRequest, _ query: CallQuery, to api: API) -> Caller {
        let key = request.headers.first(named: api.keyHeader) ?? query.first(api.keyQuery) ?? ""
        guard !key.isEmpty else {
            if let product = openProducts[api.id] { return Caller(product: product) }
            return Caller(refusal: api.requiresSubscription ? GatewayAnswer.missingKey : nil)
        }
        guard let subscription = subscriptions[SHA256.digest(of: Array(key.utf8))], subscription.state == .active,
            let product = products[subscription.product], product.apis.contains(api.id)
        else { return Caller(refusal: GatewayAnswer.invalidKey) }
        return Caller(subscription: subscription, product: product)
    }
}

/// Who sends a call, as far as its subscription key shows.
struct Caller: Sendable {
    var subscription: Subscription?
    var product: Product?
    /// Why it may not.
    var refusal: HTTPResponse?
}

/// What holds for all APIs: `{"kind":"settings","trustedProxies":["10.0.0.0/8"],"policies":[…]}`.
struct GatewaySettings: Sendable {
    var trustedProxies: [IPRange] = []
    var policies: [Policy.Ranked] = []
    var developerPage = Gateway.DeveloperPageAccess.loopback
    /// What the answers in the cache may take together.
    var cacheBytesMax = cacheBytesDefault

    static let cacheBytesDefault = 64 << 20

    init() {}

    init(_ json: JSONValue, _ context: PolicyContext) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: "settings")
        for text in try reader.texts("trustedProxies") {
            guard let range = IPRange(text: text) else { throw reader.wrong("trustedProxies", "a list of addresses") }
            trustedProxies.append(range)
        }
        policies = try Policy.list(reader.array("policies"), of: "settings", context)
        developerPage = try reader.word("developerPage", Gateway.DeveloperPageAccess.self) ?? .loopback
        cacheBytesMax = try reader.integer("cacheMegabytes", in: 0...65_536).map { $0 << 20 } ?? cacheBytesMax
        _ = (reader.value("kind"), reader.value("id"))
        try reader.finish()
    }
}
