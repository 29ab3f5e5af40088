import OrreryHTTP

/// A request's header fields, and what policies changed of them. Nothing is copied until something is.
struct CallHeaders: Sendable {
    private(set) var fields: HTTPHeaders
    private(set) var isChanged = false

    init(_ original: HTTPHeaders) {
        fields = original
    }

    /// The first value of a name, in any case.
    func first(_ name: String) -> String? { fields.first(named: name) }

    /// All values of a name, in any case. Who answers may look at any of them.
    func values(_ name: String) -> [String] { fields.values(named: name) }

    func contains(_ name: String) -> Bool { fields.contains(named: name) }

    mutating func apply(_ change: FieldChange) {
        if fields.apply(change) { isChanged = true }
    }

    static func areEqual(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        var others = right.utf8.makeIterator()
        for byte in left.utf8 {
            guard let other = others.next(), byte == other || lowercased(byte) == lowercased(other) else {
                return false
            }
        }
        return true
    }

    /// Whether a text may be the name of a field (RFC 9110, section 5.6.2).
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !#"(),/:;<=>?@[\]{}""#.utf8.contains(byte)
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
