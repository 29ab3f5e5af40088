import OrreryCrypto
import OrreryDocuments
public import OrreryHTTP

/// One request on its way through the gateway: what it is, who sent it, and what policies have made of it.
public struct GatewayCall: Sendable {
    /// What a call is when it comes, which nothing changes. Calls are handed on by value, from turn to turn, and this
    /// way little is copied.
    private final class Arrival: Sendable {
        let request: HTTPRequest
        let match: GatewayConfiguration.Match
        let clientAddress: ClientAddress
        let caller: Caller

        init(
            _ request: HTTPRequest, _ match: GatewayConfiguration.Match, _ client: ClientAddress, _ caller: Caller
        ) {
            (self.request, self.match, clientAddress, self.caller) = (request, match, client, caller)
        }
    }

    private let arrival: Arrival

    public var request: HTTPRequest { arrival.request }
    var route: Route { arrival.match.route }
    var api: API { route.api }
    var operation: Operation { route.operation }
    /// What the names of the operation's path stand for.
    public var parameters: [String: String] { arrival.match.parameters }
    /// The segments of the path behind the API's own.
    var rest: [String] { arrival.match.rest }
    var clientAddress: ClientAddress { arrival.clientAddress }
    var subscription: Subscription? { arrival.caller.subscription }
    var product: Product? { arrival.caller.product }

    /// The request's header fields as the policies left them.
    var headers: CallHeaders
    /// The fields of its query, decoded.
    var query: CallQuery
    /// The path behind the gateway; nil for the one that came.
    var rewrittenPath: String?
    /// The method behind the gateway; nil for the one that came.
    var rewrittenMethod: HTTPMethod?
    /// What the token that was checked says; nil where none was.
    var claims: JSONValue?
    /// On whose behalf the call is; empty where nobody knows.
    public var tenant: String
    /// Fields that the answer gets, and those that it loses.
    var answerHeaders: [FieldChange] = []
    /// How long whoever answers may take; nil for any time.
    var timeLimitMilliseconds: Int?
    /// The name under which the call is found in logs; empty where no policy gave it one.
    var correlationID = ""
    /// Whether the call is logged though nothing failed.
    var logsCall = false
    /// Of the token that was checked; nil where none was.
    var tokenDigest: Digest?
    /// What is answered in the stead of whoever answers the operation: an answer that the cache had.
    var keptAnswer: HTTPResponse?
    /// Where the answer may be kept, and for how long; nil where it may not.
    var cacheTicket: CacheTicket?
    var cacheSeconds: Int?
    /// What is set aside of request units, until a container says what the call took.
    var reservations: [UnitBudgets.Reservation] = []
    /// By whom whatever answers is told that the call was given up; nil where its time is not limited.
    var cancellation: CallCancellation?
    /// What is told how the call ended.
    var endings: [CallEnding] = []

    init(
        _ request: HTTPRequest, _ query: CallQuery, _ match: GatewayConfiguration.Match, _ client: ClientAddress,
        _ caller: Caller
    ) {
        arrival = Arrival(request, match, client, caller)
        self.query = query
        tenant = caller.subscription?.tenant ?? ""
        headers = CallHeaders(request.headers)
    }

    /// A claim as text: a text as it is, a list with spaces between, anything else as JSON; empty where there is none.
    func claim(_ name: String) -> String {
        guard let claim = claims?[name] else { return "" }
        if let text = claim.string { return text }
        if let list = claim.array { return list.compactMap(\.string).joined(separator: " ") }
        return claim.description
    }

    /// The method that whoever answers is asked with.
    var method: HTTPMethod { rewrittenMethod ?? request.method }

    /// Has a closure called once, from any thread, if the call is given up because its time is over: what it would be
    /// answered goes nowhere.
    public func whenGivenUp(_ body: @escaping @Sendable () -> Void) { cancellation?.whenCancelled(body) }

    /// The request as the policies left it, for who answers it.
    public var outgoing: HTTPRequest {
        let isChanged = rewrittenPath != nil || rewrittenMethod != nil || headers.isChanged || query.isChanged
        guard isChanged else { return request }
        let target = (rewrittenPath ?? String(decoding: request.rawPath, as: UTF8.self)) + query.text
        return HTTPRequest(
            method: method, target: Array(target.utf8), headers: headers.fields, body: request.body,
            peer: request.peer, isTLS: request.isTLS
        ).with(request.upload)
    }

    /// How long the body is, as far as is known before it has come.
    var announcedBodyBytes: Int { request.upload.map { $0.lengthBytes ?? 0 } ?? request.body.count }

    /// Whether there is a body; of one that is yet to come in chunks that is not known, and taken for granted.
    var hasBody: Bool { request.upload.map { $0.lengthBytes != 0 } ?? !request.body.isEmpty }

    /// The query's fields and what the path's names stand for, which come first.
    public var fields: [String: String] {
        Dictionary(query.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            .merging(parameters) { _, parameter in parameter }
    }

    /// The name under which a tenant is counted; a caller's own where there is no tenant.
    var tenantName: String { tenant.isEmpty ? callerName : "tenant:" + tenant }

    /// The name under which a caller is counted: its subscription's, else its tenant's, else its address.
    var callerName: String {
        if let subscription { return subscription.callerName }
        return tenant.isEmpty ? "address:" + clientAddress.text : "tenant:" + tenant
    }
}
