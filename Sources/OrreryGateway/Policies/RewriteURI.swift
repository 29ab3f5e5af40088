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
        let path = template.path(for: call)
        // A server behind may take an encoded slash for a slash, so steps upwards are looked for behind those, too.
        guard let plain = try? PercentEncoding.text(path.utf8),
            !plain.split(separator: "/").contains(where: { $0 == ".." || $0 == "." })
        else { return .answer(GatewayAnswer.error(400, "The path leads upwards.")) }
        call.rewrittenPath = path
        return .goOn
    }
}
