import OrreryDocuments
import OrreryHTTP

/// One thing that is done to calls, as the configuration says it: `{"policy":"rate-limit","calls":50,…}`.
///
/// Whatever order the configuration has them in, policies are applied in the order of the table: addresses and origins
/// first, then who calls, then how much, then what is changed. So a limit never counts for a caller who has not been
/// found out yet, and nobody opens a door by putting the lock behind it. Of two of one kind the wider scope's comes
/// first: all APIs, the product, the API, the operation.
///
/// Those that hold more than a number are classes, for every call walks through them: what is looked at is then one
/// reference, and not all that the configuration says.
enum Policy: Sendable {
    case correlationID(CorrelationID)
    case ipFilter(IPFilter)
    case cors(CORSPolicy)
    case requestLimit(RequestLimit)
    case timeLimit(TimeLimit)
    case requestRules(RequestRules)
    case validateJWT(ValidateJWT)
    case rateLimit(RateLimitPolicy)
    case requestUnits(RequestUnits)
    case quota(QuotaPolicy)
    case fairQueue(FairQueuePolicy)
    case setHeader(SetHeader)
    case setQuery(SetQuery)
    case setMethod(SetMethod)
    case rewriteURI(RewriteURI)
    case cacheLookup(CacheLookup)
    case cacheStore(CacheStore)
    case mockResponse(MockResponse)
    /// Ends the call: nobody's, or nobody's who may. Not in the table, for nobody configures it.
    case refuse(HTTPResponse)

    private typealias Maker = @Sendable (
        inout ConfigurationReader, String, PolicyContext
    ) throws(ConfigurationError) -> Policy

    /// All policies, in the order in which they are applied. The place given is the policy's own, for its counters.
    private static let table: [(name: String, make: Maker)] = [
        ("correlation-id", { (reader, _, _) throws(ConfigurationError) in .correlationID(try CorrelationID(&reader)) }),
        ("ip-filter", { (reader, _, _) throws(ConfigurationError) in .ipFilter(try IPFilter(&reader)) }),
        ("cors", { (reader, _, _) throws(ConfigurationError) in .cors(try CORSPolicy(&reader)) }),
        ("request-limit", { (reader, _, _) throws(ConfigurationError) in .requestLimit(try RequestLimit(&reader)) }),
        ("time-limit", { (reader, _, _) throws(ConfigurationError) in .timeLimit(try TimeLimit(&reader)) }),
        ("request-rules", { (reader, _, _) throws(ConfigurationError) in .requestRules(try RequestRules(&reader)) }),
        ("validate-jwt", { (reader, _, context) throws(ConfigurationError) in
            .validateJWT(try ValidateJWT(&reader, context))
        }),
        ("rate-limit", { (reader, place, _) throws(ConfigurationError) in
            .rateLimit(try RateLimitPolicy(&reader, place))
        }),
        ("rate-limit-by-key", { (reader, place, _) throws(ConfigurationError) in
            .rateLimit(try RateLimitPolicy(&reader, place, byKey: true))
        }),
        ("request-units", { (reader, place, _) throws(ConfigurationError) in
            .requestUnits(try RequestUnits(&reader, place))
        }),
        ("quota", { (reader, place, _) throws(ConfigurationError) in .quota(try QuotaPolicy(&reader, place)) }),
        ("quota-by-key", { (reader, place, _) throws(ConfigurationError) in
            .quota(try QuotaPolicy(&reader, place, byKey: true))
        }),
        ("fair-queue", { (reader, _, _) throws(ConfigurationError) in .fairQueue(try FairQueuePolicy(&reader)) }),
        ("set-header", { (reader, _, _) throws(ConfigurationError) in .setHeader(try SetHeader(&reader)) }),
        ("set-query", { (reader, _, _) throws(ConfigurationError) in .setQuery(try SetQuery(&reader)) }),
        ("set-method", { (reader, _, _) throws(ConfigurationError) in .setMethod(try SetMethod(&reader)) }),
        ("rewrite-uri", { (reader, _, _) throws(ConfigurationError) in .rewriteURI(try RewriteURI(&reader)) }),
        ("cache-lookup", { (reader, _, _) throws(ConfigurationError) in .cacheLookup(try CacheLookup(&reader)) }),
        ("cache-store", { (reader, _, _) throws(ConfigurationError) in .cacheStore(try CacheStore(&reader)) }),
        ("mock-response", { (reader, _, _) throws(ConfigurationError) in .mockResponse(try MockResponse(&reader)) }),
    ]

    /// The names of all policies, in order.
    static var names: [String] { table.map(\.name) }

    /// A policy and its place in the table.
    struct Ranked: Sendable {
        let rank: Int
        let policy: Policy
    }

    /// Reads the policies of a scope.
    static func list(
        _ json: [JSONValue], of scope: String, _ context: PolicyContext
    ) throws(ConfigurationError) -> [Ranked] {
        var policies: [Ranked] = []
        for (index, json) in json.enumerated() {
            var reader = try ConfigurationReader(json, at: "\(scope), policy \(index + 1)")
            let name = try reader.requiredText("policy")
            guard let rank = table.firstIndex(where: { $0.name == name }) else {
                throw ConfigurationError("\(reader.place): there is no policy '\(name)'")
            }
            let policy = try table[rank].make(&reader, "\(scope)/\(name)/\(index)", context)
            try reader.finish()
            policies.append(Ranked(rank: rank, policy: policy))
        }
        return policies
    }

    /// The policies of several scopes, the widest first, as they are applied.
    static func arranged(_ scopes: [[Ranked]]) -> [Policy] {
        // Sorting by rank alone would be free to change the order of the scopes.
        scopes.flatMap { $0 }.enumerated()
            .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map(\.element.policy)
    }

    /// What becomes of a call whose sender is refused: what comes before keys is applied, and then that is said.
    static func before(_ refusal: HTTPResponse, _ policies: [Policy]) -> [Policy] {
        policies.filter(\.comesBeforeKeys) + [.refuse(refusal)]
    }

    /// Whether it does not matter to the policy who sends a call.
    var comesBeforeKeys: Bool {
        switch self {
        case .ipFilter, .cors, .correlationID, .requestLimit, .timeLimit, .requestRules: true
        default: false
        }
    }

    /// Whether the policy has to see the whole body.
    var looksAtBody: Bool {
        if case .requestRules(let rules) = self { return rules.lookAtBodies }
        return false
    }

    /// Applies the policy to a call.
    func apply(to call: inout GatewayCall, _ services: PolicyServices) -> PolicyOutcome {
        switch self {
        case .correlationID(let policy): policy.apply(to: &call)
        case .ipFilter(let filter): filter.apply(to: call)
        case .cors(let cors): cors.apply(to: &call)
        case .requestLimit(let limit): limit.apply(to: call)
        case .timeLimit(let limit): limit.apply(to: &call)
        case .requestRules(let rules): rules.apply(to: call)
        case .validateJWT(let check): check.apply(to: &call, services)
        case .rateLimit(let limit): limit.apply(to: &call, services)
        case .requestUnits(let units): units.apply(to: &call, services)
        case .quota(let quota): quota.apply(to: call, services)
        case .fairQueue(let queue): queue.apply(to: call, services)
        case .setHeader(let change): change.apply(to: &call)
        case .setQuery(let change): change.apply(to: &call)
        case .setMethod(let change): change.apply(to: &call)
        case .rewriteURI(let rewriting): rewriting.apply(to: &call)
        case .cacheLookup(let lookup): lookup.apply(to: &call, services)
        case .cacheStore(let store): store.apply(to: &call)
        case .mockResponse(let mock): .answer(mock.response)
        case .refuse(let answer): .answer(answer)
        }
    }
}
