/// `ip-filter`: lets only calls from some addresses pass, or none from them.
final class IPFilter: Sendable {
    enum Action: String, Sendable, CaseIterable {
        case allow, forbid
    }

    private let action: Action
    private let ranges: [IPRange]

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        guard let action = try reader.word("action", Action.self) else {
            throw reader.wrong("action", "allow or forbid")
        }
        self.action = action
        var ranges: [IPRange] = []
        for text in try reader.texts("addresses") {
            guard let range = IPRange(text: text) else {
                throw reader.wrong("addresses", "addresses, prefixes or ranges, not '\(text)'")
            }
            ranges.append(range)
        }
        self.ranges = ranges
    }

    func apply(to call: GatewayCall) -> PolicyOutcome {
        // Nobody's address is not among the allowed ones, and is among the forbidden ones.
        let isListed = call.clientAddress.address.map { address in ranges.contains { $0.contains(address) } }
        let mayPass = action == .allow ? isListed ?? false : !(isListed ?? true)
        return mayPass ? .goOn : .answer(GatewayAnswer.forbiddenAddress)
    }
}
