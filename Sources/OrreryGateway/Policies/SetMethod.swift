import OrreryHTTP

/// `set-method`: passes the request on with another method.
struct SetMethod: Sendable {
    private let method: HTTPMethod

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        let name = try reader.requiredText("method")
        method = HTTPMethod(name)
        if case .other = method { throw reader.wrong("method", "a method of HTTP, not '\(name)'") }
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        call.rewrittenMethod = method
        return .goOn
    }
}
