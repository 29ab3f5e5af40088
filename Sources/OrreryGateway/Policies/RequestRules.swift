import OrreryHTTP

/// `request-rules`: refuses calls that look like an attack. A rule names texts, and a call is refused where every text
/// of a rule stands in the part that it is for, compared without regard to case after percent-encoding is undone.
struct RequestRules: Sendable {
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
                try rule.text(name).map { Self.folded($0.utf8) }
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
        var parts = Parts(call.request)
        return rules.contains { Self.fits($0, &parts) }
            ? .answer(GatewayAnswer.error(403, "The request was refused by a rule.")) : .goOn
    }

    /// The parts of a request as rules look at them, each made ready when the first rule does.
    private struct Parts {
        let request: HTTPRequest
        lazy var path = RequestRules.folded(RequestRules.decoded(request.rawPath))
        lazy var query = RequestRules.folded(RequestRules.decoded(request.rawQuery ?? []))
        lazy var body = RequestRules.folded(request.body)
        private var headers: [String: [UInt8]?] = [:]

        init(_ request: HTTPRequest) {
            self.request = request
        }

        /// The first field of a name; nil where there is none.
        mutating func header(_ name: String) -> [UInt8]? {
            if let known = headers[name] { return known }
            let value = request.headers.first(named: name).map { RequestRules.folded($0.utf8) }
            headers[name] = .some(value)
            return value
        }
    }

    private static func fits(_ rule: Rule, _ parts: inout Parts) -> Bool {
        if !rule.methods.isEmpty, !rule.methods.contains(parts.request.method.name) { return false }
        if let path = rule.path, !holds(parts.path, path) { return false }
        if let query = rule.query, !holds(parts.query, query) { return false }
        if let header = rule.header {
            guard let value = parts.header(header.name), holds(value, header.text) else { return false }
        }
        if let body = rule.body, !holds(parts.body, body) { return false }
        return true
    }

    /// What cannot be decoded is looked at as it is.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        (try? PercentEncoding.bytes(bytes)) ?? Array(bytes)
    }

    /// Whether a text stands in bytes, both folded.
    private static func holds(_ bytes: [UInt8], _ text: [UInt8]) -> Bool {
        guard let first = text.first else { return true }
        guard bytes.count >= text.count else { return false }
        return (0...(bytes.count - text.count)).contains { start in
            bytes[start] == first && bytes[start..<(start + text.count)].elementsEqual(text)
        }
    }

    private static func folded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    }
}
