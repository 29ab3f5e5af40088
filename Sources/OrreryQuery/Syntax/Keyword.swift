/// The reserved words. Case does not matter; a property so named is written `c["order"]`.
enum Keyword: String, Sendable, CaseIterable {
    case and, array, `as`, asc, between, by, `case`, cast, convert, cross, desc, distinct, `else`, end, escape, exists
    case `false`, `for`, from, group, having, `in`, inner, insert, into, `is`, join, left, like, limit, not, null
    case offset, on, or, order, outer, over, right, select, set, then, top, `true`, udf, undefined, update, value
    case when, `where`, with
    // These four are words of the grammar that may still name things.
    case all, first, last, `let`, rank

    /// Whether the word may stand where a name is wanted.
    var mayBeName: Bool {
        switch self {
        case .all, .first, .last, .let, .rank: true
        default: false
        }
    }

    private static let byText: [String: Keyword] = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
    private static let longest = 9

    /// The keyword that these bytes spell in any case, if they do.
    init?(spelling bytes: ArraySlice<UInt8>) {
        guard bytes.count <= Keyword.longest else { return nil }
        let lowered = bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        guard let keyword = Keyword.byText[String(decoding: lowered, as: UTF8.self)] else { return nil }
        self = keyword
    }
}
