/// `set-query`: changes a field of the query before the request is answered.
struct SetQuery: Sendable {
    private let name: String
    private let action: HeaderChange.Action
    private let value: ValueTemplate

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        name = try reader.requiredText("name")
        action = try reader.word("action", HeaderChange.Action.self) ?? .override
        value = try ValueTemplate(reader.text("value") ?? "", at: reader.place)
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        let isThere = call.query.contains { $0.name == name }
        if action == .skip, isThere { return .goOn }
        let text = value.text(for: call)
        if action == .override || action == .delete { call.query.removeAll { $0.name == name } }
        if action != .delete { call.query.append(GatewayCall.QueryField(name: name, value: text)) }
        return .goOn
    }
}
