public import OrreryDatabase
import OrreryDocuments
public import OrreryHTTP
import OrreryTelemetry

/// The control plane over HTTP and over whatever else an operator has.
extension CosmosService {
    /// Whether a path is the control plane's; no link of the REST API begins so.
    static func isControlPath(_ path: ArraySlice<UInt8>) -> Bool {
        path.starts(with: ControlPlane.pathPrefix)
    }

    /// Answers a request on the control plane that came over HTTP: who has a master key, sent as `Bearer KEY`, may ask.
    func answerControl(_ http: HTTPRequest) -> HTTPResponse {
        let path = http.rawPath
        do throws(CosmosError) {
            let kind = try controlCaller(http)
            let answer = control.answer(http.method, path: path, body: http.body)
            if let deed = answer.deed {
                var event = AuditEvent(
                    .controlPlane, http, link: nil, operation: deed.operation, caller: .keyHolder(kind),
                    status: answer.status)
                event.detail = deed.detail
                audit?.record(event, of: .controlPlane)
            }
            return Self.response(to: http, answer)
        } catch {
            auditRefusal(http, operation: "control", error)
            return CosmosResponse.error(error, activityID: ActivityID.of(http))
        }
    }

    /// Answers a request on the control plane from the server's own machine, from somebody who may use its files.
    public func answerOperator(_ method: HTTPMethod, path: [UInt8], body: [UInt8]) -> ControlPlane.Answer {
        Self.answerOperator(control, audit, method, path: path, body: body)
    }

    /// The same where no server runs: on an account that the operator opened.
    /// - Parameter clock: gives the seconds since 1970, for the audit trail.
    /// - Throws: `.unavailable` where the account's keys, roles or audit trail cannot be read.
    public static func answerOperator(
        on account: Account, _ method: HTTPMethod, path: [UInt8], body: [UInt8],
        clock: @escaping @Sendable () -> Int64
    ) throws(DatabaseError) -> ControlPlane.Answer {
        let control = try ControlPlane(account: account)
        let audit = try AuditTrail(account: account, metrics: MetricsRegistry(), log: .silent, clock: clock)
        defer { audit.stop() }
        return answerOperator(control, audit, method, path: path, body: body)
    }

    private static func answerOperator(
        _ control: ControlPlane, _ audit: AuditTrail?, _ method: HTTPMethod, path: [UInt8], body: [UInt8]
    ) -> ControlPlane.Answer {
        let answer = control.answer(method, path: path[...], body: body)
        if let deed = answer.deed {
            let event = AuditEvent(
                kind: .controlPlane, operation: deed.operation, status: answer.status, substatus: 0, actor: "operator",
                resource: String(decoding: path.drop { $0 == UInt8(ascii: "/") }, as: UTF8.self), address: "local",
                activityID: String(decoding: ActivityID.made(), as: UTF8.self), detail: deed.detail)
            audit?.record(event, of: .controlPlane)
        }
        return answer
    }

    /// Writes down a change to what a server has beside its databases, made by whoever has a master key.
    public func audit(_ http: HTTPRequest, operation: String, status: Int) {
        let caller = (try? controlCaller(http)).map(Caller.keyHolder)
        var event = AuditEvent(.controlPlane, http, link: nil, operation: operation, caller: caller, status: status)
        event.resource = String(decoding: http.rawPath.drop { $0 == UInt8(ascii: "/") }, as: UTF8.self)
        audit?.record(event, of: .controlPlane)
    }

    /// Writes down that somebody was refused what only holders of keys may do.
    func auditRefusal(_ http: HTTPRequest, operation: String, _ error: CosmosError) {
        let event = AuditEvent(
            .refusal, http, link: nil, operation: operation, caller: nil, status: error.status,
            substatus: error.substatus)
        audit?.record(event, of: .refusal)
    }

    /// Whether a request was sent by whoever has a master key that is good now, as `Bearer KEY`.
    public func isFromKeyHolder(_ http: HTTPRequest) -> Bool { (try? controlCaller(http)) != nil }

    /// Who has a master key that is good now and opens more than reads, sent as `Bearer KEY`.
    func controlCaller(_ http: HTTPRequest) throws(CosmosError) -> AccountKeyKind {
        let kind = try keyHolder(http)
        if kind.isReadOnly { throw .readOnlyKey }
        return kind
    }

    /// Who has a key that is good now, sent as `Bearer KEY`.
    func keyHolder(_ http: HTTPRequest) throws(CosmosError) -> AccountKeyKind {
        guard let value = http.headers.bytes("authorization"), !value.isEmpty else { throw .missingAuthorization }
        guard case .bearer(let text)? = AuthorizationHeader(value) else { throw .unauthorized }
        if authorizer.refusesKeys { throw .keysDisabled }
        guard let kind = authorizer.keys.key(withText: text) else { throw .unauthorized }
        return kind
    }

    private static func response(to http: HTTPRequest, _ answer: ControlPlane.Answer) -> HTTPResponse {
        var response = HTTPResponse(status: answer.status, body: answer.body?.text ?? [])
        if answer.body != nil { response.headers.append("Content-Type", "application/json") }
        response.headers.append("Cache-Control", "no-store")
        response.headers.append("x-ms-activity-id", ActivityID.of(http))
        return response
    }
}
