/// A word or sign of the query text with its place.
struct Token: Sendable {
    enum Kind: UInt8, Sendable {
        case identifier
        case keyword
        case number
        case string
        case parameter
        /// `{documentdb-…}`: a hole that an SDK fills in a rewritten query before it sends the text.
        case placeholder
        case leftParenthesis, rightParenthesis
        case leftBracket, rightBracket
        case leftBrace, rightBrace
        case comma, dot, colon
        case question, doubleQuestion
        case star, slash, percent, plus, minus
        case tilde, caret, ampersand, bar, doubleBar
        case shiftLeft, shiftRight, shiftRightZeroFill
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case end
    }

    let kind: Kind
    /// Set when `kind` is `keyword`.
    let keyword: Keyword?
    let start: Int32
    let end: Int32

    init(_ kind: Kind, keyword: Keyword? = nil, start: Int, end: Int) {
        self.kind = kind
        self.keyword = keyword
        self.start = Int32(truncatingIfNeeded: start)
        self.end = Int32(truncatingIfNeeded: end)
    }

    var location: SourceRange { SourceRange(start: Int(start), end: Int(end)) }
}
