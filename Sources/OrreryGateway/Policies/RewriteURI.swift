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
        guard !UpwardPath.leadsUpwards(path) else {
            return .answer(GatewayAnswer.error(400, "The path leads upwards."))
        }
        call.rewrittenPath = path
        return .goOn
    }
}
