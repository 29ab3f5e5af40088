import OrreryDocuments
public import OrreryHTTP

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
            let answer = performControl(http.method, path: path, body: http.body) { change, status in
                AuditEvent(
                    .controlPlane, http, link: nil, operation: change, caller: .keyHolder(kind), status: status)
            }
            return Self.response(to: http, answer)
        } catch {
            audit?.record(
                AuditEvent(
                    .refusal, http, link: nil, operation: "control", caller: nil, status: error.status,
                    substatus: error.substatus),
                of: .refusal)
            return CosmosResponse.error(error, activityID: ActivityID.of(http))
        }
    }

    /// Answers a request on the control plane from the server's own machine, from somebody who may use its files.
    public func answerOperator(_ method: HTTPMethod, path: [UInt8], body: [UInt8]) -> ControlPlane.Answer {
        let http = HTTPRequest(method: method, target: path)
        return performControl(method, path: path[...], body: body) { change, status in
            AuditEvent(
                kind: .controlPlane, operation: change, status: status, substatus: 0, actor: "operator",
                resource: String(decoding: path, as: UTF8.self), address: "local",
                activityID: String(decoding: ActivityID.of(http), as: UTF8.self))
        }
    }

    private func performControl(
        _ method: HTTPMethod, path: ArraySlice<UInt8>, body: [UInt8], event: (String, Int) -> AuditEvent
    ) -> ControlPlane.Answer {
        let answer = control.answer(method, path: path, body: body)
        if let change = answer.change { audit?.record(event(change, answer.status), of: .controlPlane) }
        return answer
    }

    private func controlCaller(_ http: HTTPRequest) throws(CosmosError) -> AccountKeyKind {
        guard let value = http.headers.bytes("authorization"), !value.isEmpty else { throw .missingAuthorization }
        guard case .bearer(let text)? = AuthorizationHeader(value) else { throw .unauthorized }
        if authorizer.refusesKeys { throw .keysDisabled }
        guard let kind = authorizer.keys.key(withText: Array(text.utf8)) else { throw .unauthorized }
        if kind.isReadOnly { throw .readOnlyKey }
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
