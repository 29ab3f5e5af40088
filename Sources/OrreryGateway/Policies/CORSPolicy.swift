import OrreryHTTP

/// `cors`: lets pages of other origins call from a browser (Fetch Standard, section "HTTP-network-or-cache fetch").
final class CORSPolicy: Sendable {
    private let origins: [String]
    private let methods: [String]
    private let headers: [String]
    private let exposedHeaders: [String]
    private let allowsCredentials: Bool
    private let maxAgeSeconds: Int

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        origins = try reader.texts("origins")
        methods = try reader.texts("methods")
        headers = try reader.texts("headers")
        exposedHeaders = try reader.texts("exposedHeaders")
        allowsCredentials = try reader.flag("allowCredentials") ?? false
        maxAgeSeconds = try reader.integer("maxAgeSeconds", in: 0...86_400) ?? 0
        guard !origins.isEmpty else { throw reader.wrong("origins", "a list of origins, or [\"*\"]") }
        // Any page could act for whoever is signed in.
        guard !allowsCredentials || !origins.contains("*") else {
            throw reader.wrong("allowCredentials", "false where every origin is allowed")
        }
    }

    /// Whether a request only asks whether another may be sent.
    static func isPreflight(_ request: HTTPRequest) -> Bool {
        request.method == .options && request.headers.bytes("origin") != nil
            && request.headers.bytes("access-control-request-method") != nil
    }

    private func allows(origin: String) -> Bool {
        origins.contains { $0 == "*" || $0.utf8.elementsEqual(origin.utf8) }
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        guard let origin = call.request.headers["origin"] else { return .goOn }
        if Self.isPreflight(call.request) { return .answer(preflight(call.request, origin)) }
        guard allows(origin: origin) else { return .goOn }
        call.answerHeaders += fields(origin)
        if !exposedHeaders.isEmpty {
            let names = exposedHeaders.joined(separator: ", ")
            call.answerHeaders.append(Self.field("Access-Control-Expose-Headers", names))
        }
        return .goOn
    }

    private func preflight(_ request: HTTPRequest, _ origin: String) -> HTTPResponse {
        let method = request.headers["access-control-request-method"] ?? ""
        let asked = (request.headers["access-control-request-headers"] ?? "").split(separator: ",")
        let mayAsk = asked.allSatisfy { name in
            headers.contains { $0 == "*" || CallHeaders.areEqual($0, String(name.filter { $0 != " " })) }
        }
        guard allows(origin: origin), methods.contains(where: { $0 == "*" || $0 == method }), mayAsk else {
            return GatewayAnswer.error(403, "The origin may not send this request.")
        }
        var answer = HTTPResponse(status: 204)
        for field in fields(origin) { answer.headers.append(dynamicName: field.name, field.value) }
        answer.headers.append("Access-Control-Allow-Methods", method)
        if !asked.isEmpty { answer.headers.append("Access-Control-Allow-Headers", asked.joined(separator: ", ")) }
        if maxAgeSeconds > 0 { answer.headers.append("Access-Control-Max-Age", maxAgeSeconds) }
        return answer
    }

    private func fields(_ origin: String) -> [FieldChange] {
        let isAny = origins.contains("*")
        var fields = [Self.field("Access-Control-Allow-Origin", isAny ? "*" : origin)]
        if !isAny { fields.append(FieldChange(name: "Vary", action: .append, value: "Origin")) }
        if allowsCredentials { fields.append(Self.field("Access-Control-Allow-Credentials", "true")) }
        return fields
    }

    private static func field(_ name: String, _ value: String) -> FieldChange {
        FieldChange(name: name, action: .override, value: value)
    }
}
