/// `set-query`: changes a field of the query before the request is answered.
final class SetQuery: Sendable {
    private let name: String
    private let action: FieldChange.Action
    private let value: ValueTemplate

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        name = try reader.requiredText("name")
        action = try reader.word("action", FieldChange.Action.self) ?? .override
        value = try ValueTemplate(reader.text("value") ?? "", at: reader.place)
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        call.query.apply(FieldChange(name: name, action: action, value: value.text(for: call)))
        return .goOn
    }
}
