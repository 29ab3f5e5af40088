import OrreryPatterns

/// The patterns one query has compiled, so that a pattern is compiled once and not once per item.
struct RegularExpressionCache: Sendable {
    private struct Key: Hashable {
        let pattern: [UInt8]
        let modifiers: [UInt8]
    }

    private static let countMax = 64
    private var entries: [Key: RegularExpression?] = [:]

    /// The compiled pattern; nil when it is malformed.
    mutating func expression(_ pattern: String, modifiers: String) -> RegularExpression? {
        let key = Key(pattern: Array(pattern.utf8), modifiers: Array(modifiers.utf8))
        if let known = entries[key] { return known }
        if entries.count >= RegularExpressionCache.countMax { entries.removeAll(keepingCapacity: true) }
        let compiled = try? RegularExpression(pattern, .pcre2, modifiers: modifiers)
        entries[key] = .some(compiled)
        return compiled
    }
}
