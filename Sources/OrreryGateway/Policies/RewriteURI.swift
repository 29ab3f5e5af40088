import OrreryHTTP

/// `rewrite-uri`: gives the request another path before it is answered.
struct RewriteURI: Sendable {
    private let template: ValueTemplate

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        let text = try reader.requiredText("template")
        guard text.hasPrefix("/") else { throw reader.wrong("template", "a path that begins with a slash") }
        template = try ValueTemplate(text, at: reader.place)
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        // Values are encoded segment by segment: what stands in one must not lead out of its place.
        let segments = template.text(for: call).split(separator: "/", omittingEmptySubsequences: false)
        guard !segments.contains(where: { $0 == ".." || $0 == "." }) else {
            return .answer(GatewayAnswer.error(400, "The path leads upwards."))
        }
        call.rewrittenPath = segments.map { PercentEncoding.encode($0.utf8) }.joined(separator: "/")
        return .goOn
    }
}
