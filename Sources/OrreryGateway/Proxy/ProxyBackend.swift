import OrreryHTTP

/// A server behind the gateway: `{"url":"http://10.0.0.5:9000/base","timeoutMilliseconds":5000}`. The part of the path
/// behind the API's own is added to the URL, or the whole path where a policy has rewritten it.
struct ProxyBackend: Sendable {
    /// Without a slash at its end.
    private let base: String
    /// For the whole call, with all that is tried again, to the last byte of the answer.
    let timeoutMilliseconds: Int
    private let connectTimeoutMilliseconds: Int
    let retry: RetryPolicy?
    let circuit: Circuit?
    /// The answers that count as failures to the circuit breaker.
    let failureStatuses: StatusSet

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        var url = try reader.requiredText("url")
        let isHTTP = url.hasPrefix("http://") || url.hasPrefix("https://")
        let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#"?#@\"{}"#.utf8.contains($0) }
        guard isHTTP, isPlain, url.split(separator: "/").count >= 2 else {
            throw reader.wrong("url", "http:// or https:// with a host and perhaps a path, and nothing else")
        }
        while url.hasSuffix("/") { url.removeLast() }
        base = url
        timeoutMilliseconds = try reader.integer("timeoutMilliseconds", in: 1...3_600_000) ?? 30_000
        connectTimeoutMilliseconds = try reader.integer("connectTimeoutMilliseconds", in: 1...300_000) ?? 10_000
        retry = try reader.part("retry") { part throws(ConfigurationError) in try RetryPolicy(&part) }
        let breaker = try reader.part("circuitBreaker") { part throws(ConfigurationError) in
            (try Circuit(&part, of: url), try part.statuses("statuses"))
        }
        circuit = breaker?.0
        failureStatuses = breaker?.1 ?? StatusSet([500...599])
    }

    /// Fields that are for one connection only and never passed on (RFC 9110, section 7.6.1), and those that say how
    /// long a body is: whoever sends it on says that anew, so that nobody smuggles a second request in it.
    private static let ownFields: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "host", "content-length", "expect", "http2-settings",
    ]

    /// The names that a message's `Connection` field says are for one connection only.
    private static func named(_ fields: [(name: String, value: String)]) -> Set<String> {
        var names: Set<String> = []
        for field in fields where field.name.lowercased() == "connection" {
            for name in field.value.split(separator: ",") {
                names.insert(name.lowercased().filter { $0 != " " && $0 != "\t" })
            }
        }
        return names
    }

    /// What is passed on of a request's fields. A caller may say which of its own are for the connection only, but not
    /// take away what policies set.
    private static func passedOn(_ call: GatewayCall) -> [(name: String, value: String)] {
        let original = call.request.headers.all
        let named = named(original)
        return call.headers.fields.all.filter { field in
            if ownFields.contains(field.name.lowercased()) { return false }
            if named.isEmpty || !named.contains(field.name.lowercased()) { return true }
            return !original.contains { $0.name == field.name && $0.value == field.value }
        }
    }

    /// What is passed back of an answer's fields. What is no field at all, such as a line that goes on with the one
    /// before, is left out.
    static func passedBack(_ fields: [(name: String, value: String)]) -> HTTPResponseHeaders {
        let named = named(fields)
        var headers = HTTPResponseHeaders()
        for field in fields {
            let name = field.name.lowercased()
            guard !ownFields.contains(name), !named.contains(name), name != "date", CallHeaders.isName(name) else {
                continue
            }
            headers.append(dynamicName: field.name, field.value)
        }
        return headers
    }

    /// The request as it is passed on; nil where its path leads upwards.
    func request(for call: GatewayCall) -> HTTPClientRequest? {
        let path = call.rewrittenPath ?? call.rest.map { "/" + PercentEncoding.encode($0.utf8) }.joined()
        guard !UpwardPath.leadsUpwards(path) else { return nil }
        let url = base + path + call.query.text
        var fields = HTTPHeaders(Self.passedOn(call))
        // What callers say of where they come from was weighed already.
        for (name, value) in [
            ("X-Forwarded-For", call.clientAddress.text), ("X-Forwarded-Host", call.request.host ?? ""),
            ("X-Forwarded-Proto", call.request.isTLS ? "https" : "http"),
        ] {
            fields.apply(FieldChange(name: name, action: value.isEmpty ? .delete : .override, value: value))
        }
        var request = HTTPClientRequest(call.method, url, headers: fields.all, body: call.request.body)
        request.upload = call.request.upload
        request.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        request.responseBytesMax = .max
        return request
    }

    /// The gateway's own answer where the server gave none.
    static func answer(_ error: HTTPClientError) -> HTTPResponse {
        switch error {
        case .badRequest: GatewayAnswer.error(400, "The request cannot be passed on.")
        case .uploadTooLarge: GatewayAnswer.error(413, "The body is larger than it may be.")
        case .timedOut: GatewayAnswer.error(504, "The back end did not answer in time.")
        case .overloaded, .cancelled: GatewayAnswer.error(503, "The back end cannot be asked at the moment.")
        default: GatewayAnswer.error(502, "The back end did not answer.")
        }
    }
}
