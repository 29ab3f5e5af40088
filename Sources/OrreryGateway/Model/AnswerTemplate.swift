import OrreryDocuments
import OrreryHTTP

/// What an operation makes of the answer that it got: `{"status":"202","headers":{"X-From":"…"},"body":…}`. What is not
/// said stays; a field whose value is empty goes. Where nothing answers, it is the answer.
struct AnswerTemplate: Sendable {
    private let status: ValueTemplate?
    private let headers: [(name: String, value: ValueTemplate)]
    private let body: Body?

    private indirect enum Body: Sendable {
        case text(ValueTemplate)
        case array([Body])
        case object([(name: String, value: Body)])
        case other(JSONValue)

        init(_ json: JSONValue, at place: String) throws(ConfigurationError) {
            switch json {
            case .string(let text): self = .text(try ValueTemplate(text, at: place, isOfAnswer: true))
            case .array(let elements):
                var parts: [Body] = []
                for element in elements { parts.append(try Body(element, at: place)) }
                self = .array(parts)
            case .object(let members):
                var parts: [(name: String, value: Body)] = []
                for member in members { parts.append((member.name, try Body(member.value, at: place))) }
                self = .object(parts)
            default: self = .other(json)
            }
        }

        func json(_ call: GatewayCall, _ answer: HTTPResponse) -> JSONValue {
            switch self {
            case .text(let template): .string(template.text(for: call, answer))
            case .array(let parts): .array(parts.map { $0.json(call, answer) })
            case .object(let parts): .object(parts.map { JSONMember($0.name, $0.value.json(call, answer)) })
            case .other(let json): json
            }
        }
    }

    init(_ json: JSONValue, at place: String) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: place)
        let text = reader.value("status")?.int64.map { "\($0)" }
        let said = if let text { text } else { try reader.text("status") }
        status = try said.map { text throws(ConfigurationError) in
            try ValueTemplate(text, at: place, isOfAnswer: true)
        }
        var headers: [(name: String, value: ValueTemplate)] = []
        for member in reader.value("headers")?.members ?? [] {
            guard CallHeaders.isName(member.name), let text = member.value.string else {
                throw reader.wrong("headers", "names of header fields with texts")
            }
            headers.append((member.name, try ValueTemplate(text, at: place, isOfAnswer: true)))
        }
        self.headers = headers
        body = try reader.value("body").map { json throws(ConfigurationError) in try Body(json, at: place) }
        try reader.finish()
    }

    /// The answer as callers get it.
    func answer(_ given: HTTPResponse, to call: GatewayCall) -> HTTPResponse {
        var answer = given
        // A status that a server made up, or that a template came to, must be one that can be sent.
        if let status, let number = Int(status.text(for: call, given)), (200...599).contains(number) {
            answer.status = number
        }
        for (name, value) in headers {
            let text = SetHeader.oneLine(value.text(for: call, given))
            let change = FieldChange(name: name, action: text.isEmpty ? .delete : .override, value: text)
            answer.headers.apply(change)
        }
        if let body {
            let isText = if case .text(let template) = body { template } else { ValueTemplate?.none }
            answer.body = isText.map { Array($0.text(for: call, given).utf8) } ?? body.json(call, given).text
            answer.stream?.finish()
            answer.stream = nil
            // What described the old body does not describe this one.
            for name in ["Content-Length", "Content-Encoding", "ETag"] { answer.headers.removeAll(named: name) }
            let type = isText == nil ? "application/json" : "text/plain; charset=utf-8"
            answer.headers.apply(FieldChange(name: "Content-Type", action: .skip, value: type))
        }
        return answer
    }
}
