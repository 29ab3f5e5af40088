import OrreryHTTP

/// `request-rules`: refuses calls that look like an attack. A rule names texts, and a call is refused where every text
/// of a rule stands in the part that it is for, compared without regard to case after percent-encoding is undone.
final class RequestRules: Sendable {
    private struct Rule: Sendable {
        let methods: [String]
        let path: [UInt8]?
        let query: [UInt8]?
        let body: [UInt8]?
        let header: (name: String, text: [UInt8])?
    }

    private let rules: [Rule]

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        var rules: [Rule] = []
        for (index, json) in try reader.array("refuse").enumerated() {
            var rule = try ConfigurationReader(json, at: "\(reader.place), rule \(index + 1)")
            func text(_ name: String) throws(ConfigurationError) -> [UInt8]? {
                try rule.text(name).map { $0.utf8.map(Self.folded) }
            }
            let methods = try rule.texts("methods")
            let (path, query, body) = (try text("path"), try text("query"), try text("body"))
            let name = try rule.text("header")
            let header = try name.map { name throws(ConfigurationError) in (name, try text("headerText") ?? []) }
            try rule.finish()
            guard path != nil || query != nil || body != nil || header != nil || !methods.isEmpty else {
                throw ConfigurationError("\(rule.place) would refuse everything")
            }
            rules.append(Rule(methods: methods, path: path, query: query, body: body, header: header))
        }
        self.rules = rules
    }

    /// Whether a body has to be whole before the rules can be applied.
    var lookAtBodies: Bool { rules.contains { $0.body != nil } }

    func apply(to call: GatewayCall) -> PolicyOutcome {
        let request = call.request
        let path = Self.decoded(request.rawPath)
        let queries = Self.readings(ofQuery: request.rawQuery ?? [])
        let isRefused = rules.contains { rule in
            if !rule.methods.isEmpty, !rule.methods.contains(request.method.name) { return false }
            if let text = rule.path, !Self.holds(path.span, text) { return false }
            if let text = rule.query, !queries.contains(where: { Self.holds($0.span, text) }) { return false }
            if let header = rule.header {
                // Who answers may look at any of them.
                let values = request.headers.values(named: header.name)
                guard values.contains(where: { Self.holds($0.utf8.span, header.text) }) else { return false }
            }
            if let text = rule.body, !Self.holds(request.body.span, text) { return false }
            return true
        }
        return isRefused ? .answer(GatewayAnswer.error(403, "The request was refused by a rule.")) : .goOn
    }

    /// A plus stands for a space in a form's query, and for itself in others.
    private static func readings(ofQuery query: ArraySlice<UInt8>) -> [[UInt8]] {
        let plus = UInt8(ascii: "+")
        guard query.contains(plus) else { return [decoded(query)] }
        return [decoded(query), decoded(query.map { $0 == plus ? UInt8(ascii: " ") : $0 }[...])]
    }

    /// An escape that is none stays as it is, and the others are undone: who answers decodes field by field, and reads
    /// those that are good.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = PercentEncoding.hexadecimalDigit(rest[rest.startIndex]),
                let low = PercentEncoding.hexadecimalDigit(rest[rest.startIndex + 1]) {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// Whether a text, which is folded, stands in bytes in any case.
    private static func holds(_ bytes: Span<UInt8>, _ text: [UInt8]) -> Bool {
        guard let first = text.first else { return true }
        guard bytes.count >= text.count else { return false }
        for start in 0...(bytes.count - text.count) where folded(bytes[start]) == first {
            if text.indices.allSatisfy({ folded(bytes[start + $0]) == text[$0] }) { return true }
        }
        return false
    }

    private static func folded(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
