import OrreryHTTP

/// `rewrite-uri`: gives the request another path before it is answered.
final class RewriteURI: Sendable {
    private let template: ValueTemplate

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        let text = try reader.requiredText("template")
        guard text.hasPrefix("/") else { throw reader.wrong("template", "a path that begins with a slash") }
        template = try ValueTemplate(text, at: reader.place)
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        let path = template.path(for: call)
        // A server behind may take an encoded slash for a slash, so steps upwards are looked for behind those, too.
        guard !path.utf8.contains(UInt8(ascii: ".")) || !Self.leadsUpwards(path) else {
            return .answer(GatewayAnswer.error(400, "The path leads upwards."))
        }
        call.rewrittenPath = path
        return .goOn
    }

    private static func leadsUpwards(_ path: String) -> Bool {
        guard let plain = try? PercentEncoding.text(path.utf8) else { return true }
        return plain.split(separator: "/").contains { $0 == ".." || $0 == "." }
    }
}
