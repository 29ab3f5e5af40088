extension Parser {
    /// Any scalar expression; the loosest operators first: `? :`, `??`, OR, AND, IN LIKE BETWEEN, comparisons …
    mutating func expression() throws(QueryError) -> ParsedExpression {
        try enter()
        defer { leave() }
        let condition = try coalesce()
        guard take(.question) else { return condition }
        let first = try expression()
        try expect(.colon)
        let second = try expression()
        return try make(.conditional(condition, first, second), condition, second)
    }

    /// `a, b, c`
    mutating func expressions() throws(QueryError) -> [ParsedExpression] {
        var list = [try expression()]
        while take(.comma) { list.append(try expression()) }
        return list
    }

    private func make(
        _ kind: ParsedExpression.Kind, _ first: ParsedExpression, _ last: ParsedExpression
    ) throws(QueryError) -> ParsedExpression {
        try checked(ParsedExpression(kind, at: first.location.joined(with: last.location)))
    }

    /// Right-associative.
    private mutating func coalesce() throws(QueryError) -> ParsedExpression {
        var operands = [try logical(.or)]
        while take(.doubleQuestion) { operands.append(try logical(.or)) }
        guard var result = operands.popLast() else { throw unexpected() }
        while let left = operands.popLast() { result = try make(.coalesce(left, result), left, result) }
        return result
    }

    private mutating func logical(_ operation: BooleanOperator) throws(QueryError) -> ParsedExpression {
        let keyword: Keyword = operation == .or ? .or : .and
        let first = operation == .or ? try logical(.and) : try predicate()
        guard current.keyword == keyword else { return first }
        var terms = [first]
        while take(keyword) {
            terms.append(operation == .or ? try logical(.and) : try predicate())
        }
        return try make(.logical(operation, terms), first, terms[terms.count - 1])
    }

    /// `[NOT] IN`, `[NOT] LIKE` and `[NOT] BETWEEN` after a binary expression.
    private mutating func predicate() throws(QueryError) -> ParsedExpression {
        var left = try binary(tightness: 0)
        while true {
            let isNegated = current.keyword == .not && [.in, .like, .between].contains(peek().keyword)
            if isNegated { advance() }
            if take(.in) {
                try expect(.leftParenthesis)
                let list = try expressions()
                let end = current
                try expect(.rightParenthesis)
                let place = left.location.joined(with: end.location)
                left = try checked(ParsedExpression(.membership(left, list: list, isNegated: isNegated), at: place))
            } else if take(.like) {
                let pattern = try binary(tightness: 0)
                let escape = take(.escape) ? try stringLiteral() : nil
                left = try make(.like(left, pattern: pattern, escape: escape, isNegated: isNegated), left, pattern)
            } else if take(.between) {
                let lower = try binary(tightness: 0)
                try expect(.and)
                let upper = try binary(tightness: 0)
                left = try make(.between(left, lower, upper, isNegated: isNegated), left, upper)
            } else {
                return left
            }
        }
    }

    // MARK: Binary operators

    /// Left-associative levels, the loosest first.
    private static func binaryOperator(_ kind: Token.Kind) -> (operation: BinaryOperator, tightness: Int)? {
        switch kind {
        case .equal: (.equal, 1)
        case .notEqual: (.notEqual, 1)
        case .less: (.less, 1)
        case .lessOrEqual: (.lessOrEqual, 1)
        case .greater: (.greater, 1)
        case .greaterOrEqual: (.greaterOrEqual, 1)
        case .doubleBar: (.concatenate, 2)
        case .shiftLeft: (.shiftLeft, 2)
        case .shiftRight: (.shiftRight, 2)
        case .shiftRightZeroFill: (.shiftRightZeroFill, 2)
        case .plus: (.add, 3)
        case .minus: (.subtract, 3)
        case .bar: (.bitwiseOr, 3)
        case .caret: (.bitwiseXor, 3)
        case .ampersand: (.bitwiseAnd, 3)
        case .star: (.multiply, 4)
        case .slash: (.divide, 4)
        case .percent: (.modulo, 4)
        default: nil
        }
    }

    private mutating func binary(tightness: Int) throws(QueryError) -> ParsedExpression {
        var left = try unary()
        while let (operation, level) = Self.binaryOperator(current.kind), level > tightness {
            advance()
            let right = try binary(tightness: level)
            left = try make(.binary(operation, left, right), left, right)
        }
        return left
    }

    private mutating func unary() throws(QueryError) -> ParsedExpression {
        var signs: [(operation: UnaryOperator, token: Token)] = []
        while let operation = Self.unaryOperator(current) {
            // A minus belongs to the number behind it, so that -9223372036854775808 stays exact.
            if operation == .minus, peek().kind == .number { break }
            signs.append((operation, advance()))
        }
        var operand = try signedOperand()
        for sign in signs.reversed() {
            let place = SourceRange(start: Int(sign.token.start), end: operand.location.end)
            operand = try checked(ParsedExpression(.unary(sign.operation, operand), at: place))
        }
        return operand
    }

    private mutating func signedOperand() throws(QueryError) -> ParsedExpression {
        let start = current
        guard take(.minus) else { return try postfix() }
        let literal = try number(advance(), isNegative: true)
        return try postfix(on: ParsedExpression(.literal(.number(literal)), at: location(from: start)))
    }

    private static func unaryOperator(_ token: Token) -> UnaryOperator? {
        switch (token.kind, token.keyword) {
        case (.minus, _): .minus
        case (.plus, _): .plus
        case (.tilde, _): .bitwiseNot
        case (_, .not): .not
        default: nil
        }
    }

    // MARK: Paths, calls and leaves

    private mutating func postfix() throws(QueryError) -> ParsedExpression {
        try postfix(on: try primary())
    }

    private mutating func postfix(on base: ParsedExpression) throws(QueryError) -> ParsedExpression {
        var result = base
        while true {
            if take(.dot) {
                let end = current
                let name = try name()
                let place = result.location.joined(with: end.location)
                result = try checked(ParsedExpression(.member(result, name: name), at: place))
            } else if take(.leftBracket) {
                let index = try expression()
                let end = current
                try expect(.rightBracket)
                let place = result.location.joined(with: end.location)
                result = try checked(ParsedExpression(.index(result, index), at: place))
            } else {
                return result
            }
        }
    }

    private mutating func primary() throws(QueryError) -> ParsedExpression {
        let token = current
        switch token.kind {
        case .number:
            advance()
            return ParsedExpression(.literal(.number(try number(token, isNegative: false))), at: token.location)
        case .string:
            return ParsedExpression(.literal(.string(try stringLiteral())), at: token.location)
        case .parameter:
            advance()
            return ParsedExpression(.parameter(spelling(of: token)), at: token.location)
        case .placeholder:
            advance()
            return ParsedExpression(.placeholder(spelling(of: token)), at: token.location)
        case .leftParenthesis:
            return try parenthesised()
        case .leftBracket:
            return try arrayLiteral()
        case .leftBrace:
            return try objectLiteral()
        case .identifier:
            if peek().kind == .leftParenthesis { return try call(isUserDefined: false) }
            advance()
            return ParsedExpression(.identifier(spelling(of: token)), at: token.location)
        case .keyword:
            return try keywordPrimary(token)
        default:
            throw unexpected()
        }
    }

    private mutating func keywordPrimary(_ token: Token) throws(QueryError) -> ParsedExpression {
        let opensCall = peek().kind == .leftParenthesis
        switch token.keyword {
        case .true, .false:
            advance()
            return ParsedExpression(.literal(.boolean(token.keyword == .true)), at: token.location)
        case .null:
            advance()
            return ParsedExpression(.literal(.null), at: token.location)
        case .undefined:
            advance()
            return ParsedExpression(.literal(.undefined), at: token.location)
        case .udf where peek().kind == .dot:
            advance()
            advance()
            return try call(isUserDefined: true)
        case .left where opensCall, .right where opensCall:
            return try call(isUserDefined: false)
        case .exists: return try subquery(.exists)
        case .array: return try subquery(.array)
        case .all where opensCall: return try subquery(.all)
        case .first where opensCall: return try subquery(.first)
        case .last where opensCall: return try subquery(.last)
        case .let where isName(peek()) && peek(2).kind == .equal:
            return try letExpression()
        default:
            guard isName(token) else { throw unexpected() }
            advance()
            return ParsedExpression(.identifier(spelling(of: token)), at: token.location)
        }
    }

    /// `LET x = value IN body`
    private mutating func letExpression() throws(QueryError) -> ParsedExpression {
        let start = advance()
        let name = try name()
        try expect(.equal)
        // The value ends before IN, which would otherwise be read as a membership test.
        let value = try binary(tightness: 1)
        try expect(.in)
        let body = try expression()
        return try checked(ParsedExpression(.let(name: name, value: value, body: body), at: location(from: start)))
    }

    private mutating func parenthesised() throws(QueryError) -> ParsedExpression {
        let start = advance()
        if current.keyword == .select {
            let query = try query()
            try expect(.rightParenthesis)
            return try checked(ParsedExpression(.subquery(.scalar, query), at: location(from: start)))
        }
        let inner = try expression()
        try expect(.rightParenthesis)
        return ParsedExpression(inner.kind, at: location(from: start))
    }

    private mutating func subquery(_ kind: SubqueryKind) throws(QueryError) -> ParsedExpression {
        let start = advance()
        try expect(.leftParenthesis)
        let query = try query()
        try expect(.rightParenthesis)
        return try checked(ParsedExpression(.subquery(kind, query), at: location(from: start)))
    }

    private mutating func call(isUserDefined: Bool) throws(QueryError) -> ParsedExpression {
        let start = current
        guard start.kind == .identifier || start.keyword == .left || start.keyword == .right else { throw unexpected() }
        advance()
        try expect(.leftParenthesis)
        var arguments: [ParsedExpression] = []
        if current.kind != .rightParenthesis { arguments = try expressions() }
        try expect(.rightParenthesis)
        let call = ParsedCall(
            name: spelling(of: start), arguments: arguments, isUserDefined: isUserDefined, nameLocation: start.location)
        return try checked(ParsedExpression(.call(call), at: location(from: start)))
    }

    private mutating func arrayLiteral() throws(QueryError) -> ParsedExpression {
        let start = advance()
        var elements: [ParsedExpression] = []
        if current.kind != .rightBracket { elements = try expressions() }
        try expect(.rightBracket)
        return try checked(ParsedExpression(.array(elements), at: location(from: start)))
    }

    private mutating func objectLiteral() throws(QueryError) -> ParsedExpression {
        let start = advance()
        var properties: [ParsedProperty] = []
        if current.kind != .rightBrace {
            repeat {
                let name = try propertyName()
                try expect(.colon)
                properties.append(ParsedProperty(name: name, value: try expression()))
            } while take(.comma)
        }
        try expect(.rightBrace)
        return try checked(ParsedExpression(.object(properties), at: location(from: start)))
    }

    /// Keys are quoted either way or bare; a bare key may be a reserved word, since a colon follows it.
    private mutating func propertyName() throws(QueryError) -> String {
        switch current.kind {
        case .string: return try stringLiteral()
        case .identifier, .keyword: return spelling(of: advance())
        default: throw unexpected()
        }
    }

    mutating func stringLiteral() throws(QueryError) -> String {
        let token = current
        guard token.kind == .string else { throw unexpected() }
        advance()
        let body = text[Int(token.start) + 1..<Int(token.end) - 1]
        guard let string = StringLiteral.decode(body) else { throw unexpected(token) }
        return string
    }

    private func number(_ token: Token, isNegative: Bool) throws(QueryError) -> ParsedNumber {
        let digits = spelling(of: token)
        let text = isNegative ? "-" + digits : digits
        if digits.utf8.count > 2, digits.utf8.dropFirst().first.map({ $0 | 0x20 }) == UInt8(ascii: "x") {
            guard let magnitude = UInt64(digits.dropFirst(2), radix: 16) else { throw unexpected(token) }
            let double = isNegative ? -Double(magnitude) : Double(magnitude)
            let integer = Int64(exactly: magnitude).map { isNegative ? -$0 : $0 }
            return ParsedNumber(double: double, int64: integer)
        }
        guard let double = Double(digits), double.isFinite else { throw unexpected(token) }
        return ParsedNumber(double: isNegative ? -double : double, int64: Int64(text))
    }
}
