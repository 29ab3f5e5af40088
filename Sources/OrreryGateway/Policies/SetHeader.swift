/// `set-header`: changes a field of the request before it is answered, or of the answer.
final class SetHeader: Sendable {
    enum Side: String, Sendable, CaseIterable {
        case request, response
    }

    private let side: Side
    private let name: String
    private let action: FieldChange.Action
    private let value: ValueTemplate

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        side = try reader.word("of", Side.self) ?? .request
        guard let name = try reader.headerName("name") else { throw reader.wrong("name", "the name of a header field") }
        self.name = name
        action = try reader.word("action", FieldChange.Action.self) ?? .override
        value = try ValueTemplate(reader.text("value") ?? "", at: reader.place)
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        let change = FieldChange(name: name, action: action, value: Self.oneLine(value.text(for: call)))
        switch side {
        case .request: call.headers.apply(change)
        case .response: call.answerHeaders.append(change)
        }
        return .goOn
    }

    /// What a value takes from elsewhere must not end its line.
    static func oneLine(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }
}
