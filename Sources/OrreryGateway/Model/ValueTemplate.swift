import OrreryHTTP

/// A text with places in braces that a call fills in: `{request.headers.X-Lane}`, `{path.id}`, `{claims.sub}`. What is
/// absent is empty; `{{` and `}}` stand for braces.
///
/// | place | what it stands for |
/// |---|---|
/// | `request.method`, `request.path` | as they came |
/// | `request.headers.NAME`, `request.querystring.NAME` | the first of that name; a header's name in any case |
/// | `path.NAME` | what the operation's path has there |
/// | `claims.NAME` | a claim of the token that was checked |
/// | `subscription.id`, `product.id`, `tenant` | of the caller |
/// | `client.address` | the caller's address |
/// | `backend.response.statusCode`, `backend.response.headers.NAME` | of the answer, where one is changed |
struct ValueTemplate: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case text(String)
        case place(Place)
    }

    private enum Place: Sendable, Equatable {
        case method, path, subscription, product, tenant, client
        case header(String)
        case query(String)
        case parameter(String)
        case claim(String)
        case status
        case answerHeader(String)

        var isOfAnswer: Bool {
            switch self {
            case .status, .answerHeader: true
            default: false
            }
        }
    }

    private let parts: [Part]

    /// - Parameter isOfAnswer: whether there is an answer to take values from.
    init(_ text: String, at place: String, isOfAnswer: Bool = false) throws(ConfigurationError) {
        var parts: [Part] = []
        var plain = ""
        var rest = text[...]
        while let index = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            plain += rest[..<index]
            let brace = rest[index]
            rest = rest[rest.index(after: index)...]
            if rest.first == brace {
                plain.append(brace)
                rest = rest.dropFirst()
                continue
            }
            guard brace == "{" else {
                plain.append(brace)
                continue
            }
            guard let close = rest.firstIndex(of: "}") else {
                throw ConfigurationError("\(place): a brace of '\(text)' is not closed")
            }
            let name = String(rest[..<close])
            guard let found = Self.place(name), isOfAnswer || !found.isOfAnswer else {
                throw ConfigurationError("\(place): '{\(name)}' stands for nothing")
            }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(.place(found))
            rest = rest[rest.index(after: close)...]
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
    }

    private static func place(_ name: String) -> Place? {
        switch name {
        case "request.method": return .method
        case "request.path": return .path
        case "subscription.id": return .subscription
        case "product.id": return .product
        case "tenant": return .tenant
        case "client.address": return .client
        case "backend.response.statusCode": return .status
        default: break
        }
        for (prefix, make) in [
            ("request.headers.", Place.header), ("request.querystring.", Place.query), ("path.", Place.parameter),
            ("claims.", Place.claim), ("backend.response.headers.", Place.answerHeader),
        ] where name.hasPrefix(prefix) && name.utf8.count > prefix.utf8.count {
            return make(String(name.dropFirst(prefix.count)))
        }
        return nil
    }

    /// The parts that a request says itself: where, in OpenAPI's words, and under which name.
    var requestPlaces: [(place: String, name: String)] {
        parts.compactMap { part in
            guard case .place(let place) = part else { return nil }
            return switch place {
            case .header(let name): ("header", name)
            case .query(let name): ("query", name)
            case .parameter(let name): ("path", name)
            default: nil
            }
        }
    }

    /// The text for a call, and for the answer to it.
    func text(for call: GatewayCall, _ answer: HTTPResponse? = nil) -> String {
        var text = ""
        for part in parts {
            let piece = switch part {
            case .text(let text): text
            case .place(let place): Self.value(place, call, answer)
            }
            if parts.count == 1 { return piece }
            text += piece
        }
        return text
    }

    /// The text for a call as a path, percent-encoded. What a place stands for is encoded whole, slashes too, and so
    /// cannot lead elsewhere than it was put; only what is a path itself, `{path.rest}` of a `{*rest}` and
    /// `{request.path}`, is encoded segment by segment.
    func path(for call: GatewayCall) -> String {
        func encoded(_ segments: some Sequence<String>) -> String {
            segments.map { PercentEncoding.encode($0.utf8) }.joined(separator: "/")
        }
        var path = ""
        for part in parts {
            let piece = switch part {
            case .text(let text): PercentEncoding.encode(path: text)
            case .place(.path):
                encoded(
                    call.request.rawPath.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                        .map { (try? PercentEncoding.text($0)) ?? "" })
            case .place(.parameter(let name)) where name == call.operation.path.restName:
                encoded(call.operation.path.restSegments(of: call.rest))
            case .place(let place): PercentEncoding.encode(Self.value(place, call, nil).utf8)
            }
            path += piece
        }
        return path
    }

    private static func value(_ place: Place, _ call: GatewayCall, _ answer: HTTPResponse?) -> String {
        switch place {
        case .method: call.request.method.name
        case .path: call.request.path
        case .subscription: call.subscription?.id ?? ""
        case .product: call.product?.id ?? ""
        case .tenant: call.tenant
        case .client: call.clientAddress.text
        case .header(let name): call.headers.first(name) ?? ""
        case .query(let name): call.query.first(name) ?? ""
        case .parameter(let name): call.parameters[name] ?? ""
        case .claim(let name): call.claim(name)
        case .status: answer.map { "\($0.status)" } ?? ""
        case .answerHeader(let name): answer?.headers[name] ?? ""
        }
    }
}
