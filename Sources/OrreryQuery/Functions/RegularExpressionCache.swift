import OrreryPatterns

/// The patterns one query has compiled, so that a pattern is compiled once and not once per item.
struct RegularExpressionCache: Sendable {
    private struct Key: Hashable {
        let pattern: [UInt8]
        let modifiers: [UInt8]

        init(_ pattern: String, _ modifiers: String) {
            self.pattern = Array(pattern.utf8)
            self.modifiers = Array(modifiers.utf8)
        }
    }

    private static let countMax = 64
    private var entries: [Key: RegularExpression?] = [:]

    /// How many there are.
    var count: Int { entries.count }

    /// The compiled pattern, nil within where it is malformed; nil where it was not compiled yet.
    func known(_ pattern: String, _ modifiers: String) -> RegularExpression?? {
        entries[Key(pattern, modifiers)]
    }

    /// The compiled pattern; nil when it is malformed.
    mutating func compile(_ pattern: String, _ modifiers: String) -> RegularExpression? {
        if entries.count >= RegularExpressionCache.countMax { entries.removeAll(keepingCapacity: true) }
        let compiled = try? RegularExpression(pattern, .pcre2, modifiers: modifiers)
        entries[Key(pattern, modifiers)] = .some(compiled)
        return compiled
    }
}
