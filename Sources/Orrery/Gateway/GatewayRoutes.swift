internal import OrreryCosmos
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryGateway
internal import OrreryHTTP

/// The pages by which a gateway is configured, for whoever has a master key, sent as `Bearer KEY`.
///
/// | request | what it does |
/// |---|---|
/// | `GET /_orrery/gateway` | the whole configuration; keys are never in it |
/// | `GET`, `PUT`, `DELETE /_orrery/gateway/apis/{id}` | one API; likewise `products`, `subscriptions` |
/// | `GET`, `PUT /_orrery/gateway/settings` | what holds for all APIs |
/// | `GET /_orrery/gateway/openapi` | all APIs in OpenAPI 3.1 |
/// | `GET`, `PUT /_orrery/gateway/apis/{id}/openapi` | one API; made of an OpenAPI document |
/// | `PUT /_orrery/gateway/apis/{id}/proxies` | an API made of a `proxies.json` |
/// | `POST /_orrery/gateway/apis/{id}/release` | makes another revision the current one |
/// | `POST /_orrery/gateway/subscriptions/{id}/keys/{primary or secondary}` | makes a key anew and shows it |
///
/// A change counts when it is answered. The answer to a new subscription is the only one that shows both its keys.
struct GatewayRoutes: Sendable {
    let host: GatewayHost

    init(_ host: GatewayHost) {
        self.host = host
    }

    private static let prefix = Array("/_orrery/gateway".utf8)

    /// Whether the request is for one of these pages; then it will be answered.
    func answer(_ request: HTTPRequest, _ responder: HTTPResponder) -> Bool {
        guard request.rawPath.starts(with: Self.prefix), let segments = try? request.pathSegments(),
            segments.prefix(2) == ["_orrery", "gateway"]
        else { return false }
        guard host.service.isFromKeyHolder(request) else {
            responder.respond(Self.error(401, "A master key is needed: Authorization: Bearer KEY."))
            return true
        }
        // Changes come one after the other, and none of them on a thread that serves requests.
        let isTaken = host.worker.submit { self.perform(request, Array(segments.dropFirst(2)), responder) }
        if !isTaken { responder.respond(Self.error(503, "Too much is to be done.")) }
        return true
    }

    private func perform(_ request: HTTPRequest, _ segments: [String], _ responder: HTTPResponder) {
        switch (request.method, segments.first, segments.count) {
        case (.get, nil, 0): list(responder)
        case (.get, "openapi", 1): responder.respond(Self.json(200, host.gateway.openAPI(server: Self.server(request))))
        case (.get, "apis", 3) where segments[2] == "openapi":
            let description = host.gateway.openAPI(server: Self.server(request), ofAPI: segments[1])
            responder.respond(description.map { Self.json(200, $0) } ?? Self.error(404, "There is none."))
        case (.post, "apis", 3) where segments[2] == "release": release(request, segments[1], responder)
        case (.put, "apis", 3): importAPI(request, segments[1], from: segments[2], responder)
        case (_, "settings", 1): performOne(request, .settings, "settings", responder)
        case (.post, "subscriptions", 4) where segments[2] == "keys":
            renewKey(request, segments[1], segments[3], responder)
        case (_, let name?, 2):
            guard let kind = Self.kinds[name] else {
                responder.respond(Self.error(404, "There is no such page."))
                return
            }
            performOne(request, kind, segments[1], responder)
        default: responder.respond(Self.error(404, "There is no such page."))
        }
    }

    private static func server(_ request: HTTPRequest) -> String {
        "\(request.isTLS ? "https" : "http")://\(request.host ?? "localhost")"
    }

    private static let kinds: [String: GatewayDocumentKind] = [
        "apis": .api, "products": .product, "subscriptions": .subscription,
    ]

    private func list(_ responder: HTTPResponder) {
        guard let all = try? host.documents.all().documents else {
            responder.respond(Self.error(503, "The configuration cannot be read."))
            return
        }
        responder.respond(Self.json(200, ["value": .array(all.map(Self.shown))]))
    }

    private func performOne(
        _ request: HTTPRequest, _ kind: GatewayDocumentKind, _ id: String, _ responder: HTTPResponder
    ) {
        switch request.method {
        case .get:
            let found = host.documents.document(kind, id)
            responder.respond(found.map { Self.json(200, Self.shown($0)) } ?? Self.error(404, "There is none."))
        case .put: put(request, kind, id, responder)
        case .delete where kind != .settings:
            guard host.documents.document(kind, id) != nil else {
                responder.respond(Self.error(404, "There is none."))
                return
            }
            let ids = [id] + (kind == .api ? revisions(of: id) : [])
            host.documents.change(keeping: [], removing: ids, of: kind) { isGone in
                finish(request, "deleteGateway:\(kind.rawValue)", isGone, HTTPResponse(status: 204), responder)
            }
        default: responder.respond(Self.error(405, "The method is not one of this page's."))
        }
    }

    private func put(
        _ request: HTTPRequest, _ kind: GatewayDocumentKind, _ id: String, _ responder: HTTPResponder
    ) {
        guard let document = try? JSONValue(parsing: request.body), document.members != nil else {
            responder.respond(Self.error(400, "The body is not a JSON object."))
            return
        }
        put(document, request, kind, id, responder)
    }

    /// Checks a document and keeps it.
    /// - Parameter more: what the answer says besides.
    func put(
        _ given: JSONValue, _ request: HTTPRequest, _ kind: GatewayDocumentKind, _ id: String,
        saying more: [JSONMember] = [], _ responder: HTTPResponder
    ) {
        var document = given
        let members = document.members ?? []
        // What the server adds, and keys that nobody was shown, are not for callers to say.
        document = .object(members.filter { !$0.name.hasPrefix("_") && !$0.name.hasSuffix("KeyDigest") })
        document["id"] = .string(id)
        document["kind"] = .string(kind.rawValue)
        let old = host.documents.document(kind, id)
        if kind == .api, let fault = prepareRevision(&document, id, old) {
            responder.respond(Self.error(400, fault))
            return
        }
        var keys: [(name: String, key: String)] = []
        if kind == .subscription {
            for key in Subscription.KeyKind.allCases {
                let member = Subscription.member(key)
                if let digest = old?[member] {
                    document[member] = digest
                } else {
                    let made = Subscription.newKey()
                    document[member] = .string(Subscription.digest(ofKey: made))
                    keys.append((key.rawValue + "Key", made))
                }
            }
        }
        do throws(ConfigurationError) {
            try host.gateway.check(document, of: kind)
        } catch {
            responder.respond(Self.error(400, error.description))
            return
        }
        var shown = Self.shown(document)
        for (name, key) in keys { shown[name] = .string(key) }
        for member in more { shown[member.name] = member.value }
        let answer = Self.json(old == nil ? 201 : 200, shown)
        host.documents.keep(document) { isKept in
            finish(request, "putGateway:\(kind.rawValue)", isKept, answer, responder)
        }
    }

    private func renewKey(_ request: HTTPRequest, _ id: String, _ name: String, _ responder: HTTPResponder) {
        guard let kind = Subscription.KeyKind(rawValue: name), let found = host.documents.document(.subscription, id),
            let members = found.members
        else {
            responder.respond(Self.error(404, "There is no such key."))
            return
        }
        var document = JSONValue.object(members.filter { !$0.name.hasPrefix("_") })
        let key = Subscription.newKey()
        document[Subscription.member(kind)] = .string(Subscription.digest(ofKey: key))
        let answer = Self.json(200, [kind.rawValue + "Key": .string(key)])
        host.documents.keep(document) { isKept in
            finish(request, "renewGatewayKey:\(kind.rawValue)", isKept, answer, responder)
        }
    }

    /// Answers a change once it counts.
    func finish(
        _ request: HTTPRequest, _ operation: String, _ isDone: Bool, _ answer: HTTPResponse, _ responder: HTTPResponder
    ) {
        let answer = isDone ? answer : Self.error(503, "The configuration cannot be kept.")
        let host = host
        host.service.audit(request, operation: operation, status: answer.status)
        host.worker.submit {
            host.reload()
            responder.respond(answer)
        }
    }

    static func shown(_ document: JSONValue) -> JSONValue {
        .object((document.members ?? []).filter { !$0.name.hasPrefix("_") && !$0.name.hasSuffix("KeyDigest") })
    }

    static func json(_ status: Int, _ value: JSONValue) -> HTTPResponse {
        var answer = HTTPResponse(status: status, contentType: "application/json", body: value.text)
        answer.headers.append("Cache-Control", "no-store")
        return answer
    }

    static func error(_ status: Int, _ message: String) -> HTTPResponse {
        json(status, ["statusCode": .number(JSONNumber(Int64(status))), "message": .string(message)])
    }
}
