import OrreryHTTP

/// One line of the table of operations: which requests it takes, and what answers them.
struct Route: Sendable {
    /// What a request's headers must say beside its method and link, for the same address means several things.
    enum Marker: Sendable {
        case none, query, queryPlan, batch, upsert, changeFeed

        func matches(_ request: CosmosRequest) -> Bool {
            switch self {
            case .none: true
            case .query: request.isQuery
            case .queryPlan: request.isQueryPlan
            case .batch: request.isBatch
            case .upsert: request.isUpsert
            case .changeFeed: request.isChangeFeed
            }
        }
    }

    /// What a link must name: all resources of a kind under a parent, or one of them.
    enum Target: Sendable {
        case feed, one
    }

    typealias Handler = @Sendable (CosmosService) -> (CosmosRequest) throws(CosmosError) -> HTTPResponse
    /// A handler that may answer later, from another thread; it answers through the exchange, once.
    typealias LaterHandler = @Sendable (CosmosService) -> (CosmosRequest, CosmosExchange) throws(CosmosError) -> Void

    /// Indirect, so that a copy of a route counts one reference: all threads share what the table holds.
    indirect enum Answer: Sendable {
        case now(Handler)
        case later(LaterHandler)
    }

    let method: HTTPMethod
    let kind: LinkKind
    let target: Target
    let marker: Marker
    let operation: Operation
    let answer: Answer

    init(
        _ method: HTTPMethod, _ kind: LinkKind, _ target: Target, when marker: Marker = .none, _ operation: Operation,
        _ handler: @escaping Handler
    ) {
        (self.method, self.kind, self.target, self.marker) = (method, kind, target, marker)
        self.operation = operation
        answer = .now(handler)
    }

    init(
        _ method: HTTPMethod, _ kind: LinkKind, _ target: Target, when marker: Marker = .none, _ operation: Operation,
        later handler: @escaping LaterHandler
    ) {
        (self.method, self.kind, self.target, self.marker) = (method, kind, target, marker)
        self.operation = operation
        answer = .later(handler)
    }

    func matches(_ request: CosmosRequest) -> Bool {
        kind == request.link.kind && (target == .feed) == request.link.isFeed && method == request.http.method
            && marker.matches(request)
    }

    /// The route of a request: the first that matches.
    /// - Throws: 405 for a link that is known and a method that is not.
    static func of(_ request: CosmosRequest) throws(CosmosError) -> Route {
        for place in places[Int(request.link.kind.rawValue)] where table[place].matches(request) {
            return table[place]
        }
        throw .methodNotAllowed
    }

    /// Where the table has the routes of each kind of link.
    private static let places = LinkKind.allCases.map { kind in table.indices.filter { table[$0].kind == kind } }
}
