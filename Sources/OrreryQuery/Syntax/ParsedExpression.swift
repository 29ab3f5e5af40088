/// A scalar expression as it was written, with its place in the text.
struct ParsedExpression: Sendable {
    let kind: Kind
    let location: SourceRange
    /// 1 for a leaf. The parser refuses deep trees, so everything that walks one may recurse. It is never less than the
    /// levels at which the parser nests when it reads the printed expression.
    let depth: Int

    indirect enum Kind: Sendable {
        case literal(ParsedLiteral)
        case parameter(String)
        case identifier(String)
        case member(ParsedExpression, name: String)
        case index(ParsedExpression, ParsedExpression)
        case unary(UnaryOperator, ParsedExpression)
        case binary(BinaryOperator, ParsedExpression, ParsedExpression)
        /// A chain of ANDs or of ORs; kept flat, because generated queries hold thousands of terms.
        case logical(BooleanOperator, [ParsedExpression])
        case coalesce(ParsedExpression, ParsedExpression)
        case conditional(ParsedExpression, ParsedExpression, ParsedExpression)
        case membership(ParsedExpression, list: [ParsedExpression], isNegated: Bool)
        case like(ParsedExpression, pattern: ParsedExpression, escape: String?, isNegated: Bool)
        case between(ParsedExpression, ParsedExpression, ParsedExpression, isNegated: Bool)
        case array([ParsedExpression])
        case object([ParsedProperty])
        case call(ParsedCall)
        case subquery(SubqueryKind, ParsedQuery)
        case `let`(name: String, value: ParsedExpression, body: ParsedExpression)
        /// The whole `{documentdb-…}` hole, braces included.
        case placeholder(String)
    }

    init(_ kind: Kind, at location: SourceRange) {
        self.kind = kind
        self.location = location
        depth = 1 + kind.childDepth
    }

    /// An expression that no one wrote: the rewriter builds these.
    init(_ kind: Kind) {
        self.init(kind, at: SourceRange(start: 0, end: 0))
    }
}

enum ParsedLiteral: Sendable {
    case undefined
    case null
    case boolean(Bool)
    case number(ParsedNumber)
    case string(String)
}

/// A number literal, with the sign of a minus before it.
struct ParsedNumber: Sendable {
    let double: Double
    /// Set when the literal is an integer of 64 bits.
    let int64: Int64?
}

struct ParsedProperty: Sendable {
    let name: String
    let value: ParsedExpression
}

struct ParsedCall: Sendable {
    let name: String
    let arguments: [ParsedExpression]
    /// `udf.name(…)`.
    let isUserDefined: Bool
    let nameLocation: SourceRange
}

enum UnaryOperator: String, Sendable {
    case plus = "+", minus = "-", bitwiseNot = "~", not = "NOT"
}

enum BinaryOperator: String, Sendable {
    case multiply = "*", divide = "/", modulo = "%"
    case add = "+", subtract = "-", bitwiseOr = "|", bitwiseXor = "^", bitwiseAnd = "&"
    case concatenate = "||", shiftLeft = "<<", shiftRight = ">>", shiftRightZeroFill = ">>>"
    case equal = "=", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
}

enum BooleanOperator: String, Sendable {
    case and = "AND", or = "OR"
}

enum SubqueryKind: String, Sendable {
    case scalar = "", exists = "EXISTS", array = "ARRAY", all = "ALL", first = "FIRST", last = "LAST"
}

extension ParsedExpression.Kind {
    fileprivate var childDepth: Int {
        switch self {
        case .literal, .parameter, .identifier, .placeholder: 0
        case .member(let base, _): base.depth
        case .index(let base, let index): max(base.depth, index.depth)
        case .unary(_, let operand): operand.depth
        case .binary(_, let left, let right), .coalesce(let left, let right): max(left.depth, right.depth)
        case .logical(_, let terms): Self.depth(ofChain: terms)
        case .array(let terms): Self.depth(of: terms)
        case .conditional(let a, let b, let c): max(a.depth, b.depth, c.depth) + 1
        case .between(let a, let b, let c, _): max(a.depth, b.depth, c.depth)
        case .membership(let needle, let list, _): max(needle.depth, Self.depth(of: list) + 1)
        case .like(let text, let pattern, _, _): max(text.depth, pattern.depth)
        case .object(let properties): properties.reduce(0) { max($0, $1.value.depth) }
        case .call(let call): Self.depth(of: call.arguments)
        case .subquery(_, let query): query.depth
        case .let(_, let value, let body): max(value.depth, body.depth) + 1
        }
    }

    /// A short chain prints as a left-deep tree: each term stands a level deeper than the next.
    private static func depth(ofChain terms: [ParsedExpression]) -> Int {
        guard terms.count <= QueryPrinter.nestedTermCountMax else { return depth(of: terms) }
        return terms.enumerated().reduce(0) { deepest, term in
            max(deepest, term.element.depth + terms.count - 1 - max(term.offset, 1))
        }
    }

    private static func depth(of expressions: [ParsedExpression]) -> Int {
        expressions.reduce(0) { max($0, $1.depth) }
    }
}
