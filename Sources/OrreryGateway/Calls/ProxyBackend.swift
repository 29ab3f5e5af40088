import OrreryHTTP

/// A server behind the gateway: `{"url":"http://10.0.0.5:9000/base","timeoutMilliseconds":5000}`. The part of the path
/// behind the API's own is added to the URL, or the whole path where a policy has rewritten it.
struct ProxyBackend: Sendable {
    /// Without a slash at its end.
    private let base: String
    private let timeoutMilliseconds: Int

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        var url = try reader.requiredText("url")
        let isHTTP = url.hasPrefix("http://") || url.hasPrefix("https://")
        let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#"?#@\"{}"#.utf8.contains($0) }
        guard isHTTP, isPlain, url.split(separator: "/").count >= 2 else {
            throw reader.wrong("url", "http:// or https:// with a host and perhaps a path, and nothing else")
        }
        while url.hasSuffix("/") { url.removeLast() }
        base = url
        timeoutMilliseconds = try reader.integer("timeoutMilliseconds", in: 1...300_000) ?? 30_000
    }

    /// Fields that are for one connection only and never passed on (RFC 9110, section 7.6.1), and those that say how
    /// long a body is: whoever sends it on says that anew, so that nobody smuggles a second request in it.
    private static let ownFields: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "host", "content-length", "expect", "http2-settings",
    ]

    /// What is passed on of a message's fields: not those of the connection, nor those that it names.
    private static func passedOn(_ fields: [(name: String, value: String)]) -> [(name: String, value: String)] {
        var own = ownFields
        for field in fields where field.name.lowercased() == "connection" {
            for name in field.value.split(separator: ",") { own.insert(name.lowercased().filter { $0 != " " }) }
        }
        return fields.filter { !own.contains($0.name.lowercased()) }
    }

    /// The request as it is passed on; nil where its path leads upwards.
    func request(for call: GatewayCall) -> HTTPClientRequest? {
        guard !call.rest.contains("."), !call.rest.contains("..") else { return nil }
        let url = base + (call.rewrittenPath ?? call.rest.map { "/" + PercentEncoding.encode($0.utf8) }.joined())
            + call.query.text
        var fields = Self.passedOn(call.headers.fields.all)
        // What callers say of where they come from was weighed already.
        for (name, value) in [
            ("X-Forwarded-For", call.clientAddress.text), ("X-Forwarded-Host", call.request.host ?? ""),
            ("X-Forwarded-Proto", call.request.isTLS ? "https" : "http"),
        ] {
            let change = FieldChange(name: name, action: value.isEmpty ? .delete : .override, value: value)
            CallHeaders.apply(change, to: &fields)
        }
        var request = HTTPClientRequest(call.request.method, url, headers: fields, body: call.request.body)
        request.timeoutMilliseconds = timeoutMilliseconds
        return request
    }

    /// The answer as callers get it.
    static func answer(_ result: Result<HTTPClientResponse, HTTPClientError>) -> HTTPResponse {
        switch result {
        case .success(let response):
            var answer = HTTPResponse(status: response.status, body: response.body)
            for field in passedOn(response.headers.all) where field.name.lowercased() != "date" {
                answer.headers.append(dynamicName: field.name, field.value)
            }
            return answer
        case .failure(.timedOut): return GatewayAnswer.error(504, "The back end did not answer in time.")
        case .failure(.overloaded), .failure(.cancelled):
            return GatewayAnswer.error(503, "The back end cannot be asked at the moment.")
        case .failure: return GatewayAnswer.error(502, "The back end did not answer.")
        }
    }
}
