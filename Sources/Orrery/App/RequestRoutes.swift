internal import OrreryCrypto
internal import OrreryGateway
internal import OrreryHTTP
internal import OrreryTriggers

/// A request handler and what it is called for.
struct RequestRoute: Sendable {
    typealias Handler = @Sendable (Request, HandlerContext) async throws -> Response

    let method: RequestMethod
    let path: String
    let access: RequestAccess
    let handler: Handler
    var inputs: [any InputBinding] = []
    /// The containers that outputs may go to.
    var outputs: [String] = []
    private let parts: [Part]

    private enum Part: Sendable {
        case text(String)
        case parameter(String)
    }

    init?(_ method: RequestMethod, _ path: String, _ access: RequestAccess, _ handler: @escaping Handler) {
        guard path.hasPrefix("/") else { return nil }
        parts = path.dropFirst().split(separator: "/").map { part in
            part.hasPrefix("{") && part.hasSuffix("}")
                ? .parameter(String(part.dropFirst().dropLast())) : .text(String(part))
        }
        guard let first = parts.first, case .text(let name) = first, !Gateway.reservedWords.contains(name)
        else { return nil }
        (self.method, self.path, self.access, self.handler) = (method, path, access, handler)
    }

    /// What the parameters stand for; nil where the path is another.
    func parameters(of segments: [String]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch part {
            case .text(let text): if !text.utf8.elementsEqual(segment.utf8) { return nil }
            case .parameter(let name): parameters[name] = segment
            }
        }
        return parameters
    }
}

/// Calls request handlers.
struct RequestRoutes: Sendable {
    private let routes: [RequestRoute]
    private let configuration: AppConfiguration
    /// Weak, for the app owns its routes; a request may come while it goes.
    private weak let app: App?
    private let store: Store
    private let host: TriggerHost

    init(_ routes: [RequestRoute], app: App, store: Store, host: TriggerHost) {
        (self.routes, self.app, self.store, self.host) = (routes, app, store, host)
        configuration = app.configuration
    }

    /// Whether a request's path is a route's.
    func isFor(_ request: HTTPRequest) -> Bool {
        guard !routes.isEmpty, let segments = try? request.pathSegments() else { return false }
        return routes.contains { $0.parameters(of: segments) != nil }
    }

    /// Whether the request is for a handler; then it will be answered.
    func answer(_ request: HTTPRequest, _ responder: HTTPResponder) -> Bool {
        if routes.isEmpty { return false }
        guard let segments = try? request.pathSegments() else { return false }
        var isKnown = false
        for route in routes {
            guard let found = route.parameters(of: segments) else { continue }
            isKnown = true
            guard route.method.rawValue == request.method.name else { continue }
            let query = request.queryFields
            guard mayCall(route, request, query) else {
                responder.respond(HTTPResponse(status: 401))
                return true
            }
            let parameters = query.merging(found) { _, found in found }
            call(route, Request(request, parameters: parameters), responder)
            return true
        }
        if isKnown { responder.respond(HTTPResponse(status: 405)) }
        return isKnown
    }

    private func mayCall(_ route: RequestRoute, _ request: HTTPRequest, _ query: [String: String]) -> Bool {
        switch route.access {
        case .anonymous: return true
        case .functionKey:
            guard let key = configuration.functionKey else { return configuration.isLoopback }
            let given = request.headers["x-functions-key"] ?? query["code"] ?? ""
            return SHA256.digest(of: Array(given.utf8)) == SHA256.digest(of: Array(key.utf8))
        }
    }

    private func call(_ route: RequestRoute, _ request: Request, _ responder: HTTPResponder) {
        let name = "\(route.method.rawValue) \(route.path)"
        guard let app else {
            responder.respond(HTTPResponse(status: 503))
            return
        }
        let context = HandlerContext(
            name: name, store: store, app: app, trigger: nil, outputs: route.outputs,
            parentTrace: request.header("traceparent"))
        app.run(route.handler, named: name, request, inputs: route.inputs, context, on: host, responder)
    }
}
