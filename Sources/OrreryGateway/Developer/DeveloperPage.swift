import OrreryDocuments
public import OrreryHTTP

/// The page for developers: lists APIs and products, shows operations, and lets whoever holds a key try them. It is
/// three files that never change and a document that a script reads, so nothing of the configuration is ever markup,
/// and the policy that goes with them lets a browser run nothing else.
extension Gateway {
    /// Who is shown the page: `developerPage` of the settings.
    enum DeveloperPageAccess: String, Sendable, CaseIterable {
        /// Nobody; those who are on the same machine; everybody.
        case off, loopback, on
    }

    private static let prefix = "/_orrery/developer"

    /// The page, or a part of it; nil where the request is for something else, or for somebody who is not shown it.
    public func developerPage(for request: HTTPRequest) -> HTTPResponse? {
        guard request.rawPath.starts(with: Self.prefix.utf8), isShown(to: request) else { return nil }
        switch request.path.dropFirst(Self.prefix.utf8.count) {
        case "", "/": return Self.part("text/html; charset=utf-8", PackageResources.page_html, request)
        case "/page.css": return Self.part("text/css; charset=utf-8", PackageResources.page_css, request)
        case "/page.js": return Self.part("text/javascript; charset=utf-8", PackageResources.page_js, request)
        case "/apis.json": return Self.part("application/json", developerDocument.text, request)
        default: return nil
        }
    }

    /// On loopback means that nobody passed the request on, and that the browser was not led here under another's name.
    private func isShown(to request: HTTPRequest) -> Bool {
        switch current.developerPage {
        case .off: return false
        case .on: return true
        case .loopback:
            let isDirect = ["x-forwarded-for", "forwarded"].allSatisfy { request.headers.first(named: $0) == nil }
            guard isDirect, let address = IPAddress(request.peer), address.isLoopback else { return false }
            return Self.isLoopbackName(request.host ?? "")
        }
    }

    private static func isLoopbackName(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["localhost", "127.0.0.1", "[::1]"].contains(name.lowercased())
    }

    private static func part(_ type: StaticString, _ body: [UInt8], _ request: HTTPRequest) -> HTTPResponse {
        guard request.method == .get || request.method == .head else {
            return GatewayAnswer.error(405, "The page is only there to be looked at.")
        }
        var response = HTTPResponse(status: 200, contentType: type, body: body)
        response.headers.append(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        response.headers.append("X-Content-Type-Options", "nosniff")
        response.headers.append("Referrer-Policy", "no-referrer")
        response.headers.append("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.append("Cache-Control", "no-store")
        return response
    }

    /// What the script shows: current APIs with a description each, and products.
    private var developerDocument: JSONValue {
        let configuration = current
        let current = configuration.apis.filter(\.isCurrent)
        let apis = current.sorted { ($0.displayName, $0.id) < ($1.displayName, $1.id) }.map { api in
            let description = OpenAPIDescription(
                title: api.displayName, version: api.version?.value ?? "1", isCombined: false)
            var json: JSONValue = [
                "id": .string(api.id), "displayName": .string(api.displayName),
                "description": .string(api.description), "path": .string(api.publicPath),
                "requiresSubscription": .boolean(api.requiresSubscription), "keyHeader": .string(api.keyHeader),
                "openapi": description.json(of: [api], server: "/"),
            ]
            if let version = api.version { json["version"] = .string(version.value) }
            return json
        }
        let products = configuration.products.values.sorted { ($0.displayName, $0.id) < ($1.displayName, $1.id) }
        return [
            "apis": .array(apis),
            "products": .array(
                products.map { product in
                    [
                        "id": .string(product.id), "displayName": .string(product.displayName),
                        "apis": .array(product.apis.map { .string($0) }),
                        "requiresSubscription": .boolean(product.requiresSubscription),
                        "limits": .array(product.policies.compactMap(\.policy.limit).map { .string($0) }),
                    ]
                }),
        ]
    }
}

extension Policy {
    /// What callers are held to, for those who have to know it beforehand; nil for what is no limit.
    fileprivate var limit: String? {
        switch self {
        case .rateLimit(let rate): rate.summary
        case .quota(let quota): quota.summary
        case .requestUnits(let units): units.summary
        default: nil
        }
    }
}
