/// Turns tokens into a syntax tree by recursive descent; clauses are in `Parser+Clauses.swift`, expressions in
/// `Parser+Expressions.swift`. It knows the grammar and nothing of what names mean.
struct Parser {
    let text: [UInt8]
    let limits: QueryLimits
    private let tokens: [Token]
    private var position = 0
    private(set) var nestingDepth = 0

    private init(text: [UInt8], limits: QueryLimits) throws(QueryError) {
        guard text.count <= limits.textBytesMax else {
            throw QueryError(
                .limitExceeded, "The SQL query text exceeded the maximum limit of \(limits.textBytesMax) bytes.")
        }
        guard text.isValidUTF8 else { throw QueryError(.syntax, "The query text is not valid UTF-8.") }
        self.text = text
        self.limits = limits
        tokens = try Lexer.tokens(of: text)
    }

    /// Parses a whole statement.
    static func parse(_ text: [UInt8], limits: QueryLimits) throws(QueryError) -> ParsedQuery {
        var parser = try Parser(text: text, limits: limits)
        let query = try parser.query()
        guard parser.current.kind == .end else { throw parser.unexpected() }
        return query
    }

    /// Parses a condition that stands alone: `from c where …`, as a patch operation carries it.
    static func parseCondition(_ text: [UInt8], limits: QueryLimits) throws(QueryError) -> ParsedQuery {
        var parser = try Parser(text: text, limits: limits)
        let query = try parser.condition()
        guard parser.current.kind == .end else { throw parser.unexpected() }
        return query
    }

    // MARK: Tokens

    var current: Token { tokens[position] }

    func peek(_ distance: Int = 1) -> Token { tokens[min(position + distance, tokens.count - 1)] }

    @discardableResult
    mutating func advance() -> Token {
        let token = tokens[position]
        if position < tokens.count - 1 { position += 1 }
        return token
    }

    /// The place from a token's start to the end of the last token read.
    func location(from start: Token) -> SourceRange {
        let last = tokens[max(0, position - 1)]
        return SourceRange(start: Int(start.start), end: max(Int(last.end), Int(start.end)))
    }

    mutating func take(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    mutating func take(_ keyword: Keyword) -> Bool {
        guard current.keyword == keyword else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: Token.Kind) throws(QueryError) {
        guard take(kind) else { throw unexpected() }
    }

    mutating func expect(_ keyword: Keyword) throws(QueryError) {
        guard take(keyword) else { throw unexpected() }
    }

    func spelling(of token: Token) -> String {
        String(decoding: text[Int(token.start)..<Int(token.end)], as: UTF8.self)
    }

    /// A name: an identifier, or one of the few keywords that may name things.
    mutating func name() throws(QueryError) -> String {
        guard isName(current) else { throw unexpected() }
        return spelling(of: advance())
    }

    func isName(_ token: Token) -> Bool {
        token.kind == .identifier || token.keyword?.mayBeName == true
    }

    func unexpected() -> QueryError {
        unexpected(current)
    }

    func unexpected(_ token: Token) -> QueryError {
        if token.kind == .end {
            return QueryError(.syntax, "Syntax error, unexpected end of the query.", at: token.location)
        }
        return .syntax(near: spelling(of: token), at: token.location)
    }

    // MARK: Depth

    mutating func enter() throws(QueryError) {
        nestingDepth += 1
        guard nestingDepth <= limits.nestingDepthMax else { throw tooDeep(current.location) }
    }

    mutating func leave() {
        nestingDepth -= 1
    }

    func checked(_ expression: ParsedExpression) throws(QueryError) -> ParsedExpression {
        guard expression.depth <= limits.nestingDepthMax else { throw tooDeep(expression.location) }
        return expression
    }

    private func tooDeep(_ location: SourceRange) -> QueryError {
        QueryError(.limitExceeded, "The query nests deeper than \(limits.nestingDepthMax) levels.", at: location)
    }
}

extension [UInt8] {
    fileprivate var isValidUTF8: Bool {
        String(validating: self, as: UTF8.self) != nil
    }
}
