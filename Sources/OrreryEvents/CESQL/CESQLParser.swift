/// Makes an expression of a text. From what binds closest: calls, `NOT` and minus; `LIKE`, `EXISTS`, `IN`; products;
/// sums; comparisons; `AND`, `OR` and `XOR`, which bind alike and from the right (the specification's grammar).
struct CESQLParser {
    /// How deep brackets, calls and unary operators may stand in one another.
    static let depthMax = 64

    private var lexer: CESQLLexer
    private var token: CESQLToken
    /// Where the token begins, at the latest.
    private var offset = 0
    private var depth = 0
    private(set) var unknownFunctions: [String] = []

    init(_ text: String) throws(CESQLSyntaxError) {
        lexer = CESQLLexer(text)
        token = try lexer.next()
    }

    mutating func parse() throws(CESQLSyntaxError) -> CESQLNode {
        let node = try logic()
        guard token == .end else { throw fault("unexpected text after the expression") }
        return node
    }

    // MARK: Chains

    private mutating func logic() throws(CESQLSyntaxError) -> CESQLNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw fault("nested too deeply") }
        let first = try comparison()
        var rest: [(operation: CESQLNode.Logic, operand: CESQLNode)] = []
        while let operation = logicOperation() {
            try advance()
            rest.append((operation, try comparison()))
        }
        return rest.isEmpty ? first : .logic(first, rest)
    }

    private mutating func comparison() throws(CESQLSyntaxError) -> CESQLNode {
        let first = try sum()
        var rest: [(operation: CESQLNode.Comparison, operand: CESQLNode)] = []
        while case .sign(let sign) = token, let operation = Self.comparison(sign) {
            try advance()
            rest.append((operation, try sum()))
        }
        return rest.isEmpty ? first : .comparison(first, rest)
    }

    private mutating func sum() throws(CESQLSyntaxError) -> CESQLNode {
        let first = try product()
        var rest: [(operation: CESQLNode.Arithmetic, operand: CESQLNode)] = []
        while let operation: CESQLNode.Arithmetic =
            token == .sign(.plus) ? .add : token == .sign(.minus) ? .subtract : nil
        {
            try advance()
            rest.append((operation, try product()))
        }
        return rest.isEmpty ? first : .arithmetic(first, rest)
    }

    private mutating func product() throws(CESQLSyntaxError) -> CESQLNode {
        let first = try condition()
        var rest: [(operation: CESQLNode.Arithmetic, operand: CESQLNode)] = []
        while case .sign(let sign) = token, let operation = Self.product(sign) {
            try advance()
            rest.append((operation, try condition()))
        }
        return rest.isEmpty ? first : .arithmetic(first, rest)
    }

    private func logicOperation() -> CESQLNode.Logic? {
        if isKeyword("and") { return .and }
        if isKeyword("or") { return .or }
        return isKeyword("xor") ? .xor : nil
    }

    private static func comparison(_ sign: CESQLToken.Sign) -> CESQLNode.Comparison? {
        switch sign {
        case .equal: .equal
        case .notEqual, .diamond: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }

    private static func product(_ sign: CESQLToken.Sign) -> CESQLNode.Arithmetic? {
        switch sign {
        case .star: .multiply
        case .slash: .divide
        case .percent: .remainder
        default: nil
        }
    }

    // MARK: LIKE and IN

    private mutating func condition() throws(CESQLSyntaxError) -> CESQLNode {
        var node = try unary()
        for _ in 0..<Self.depthMax {
            let isNegated = isKeyword("not")
            if isNegated { try advance() }
            if isKeyword("like") {
                try advance()
                guard case .string(let pattern) = token else { throw fault("LIKE takes a string") }
                try advance()
                node = .like(node, CESQLPattern(pattern), isNegated: isNegated)
            } else if isKeyword("in") {
                try advance()
                node = .isIn(node, try list(), isNegated: isNegated)
            } else if isNegated {
                throw fault("LIKE or IN is expected behind NOT")
            } else {
                return node
            }
        }
        throw fault("nested too deeply")
    }

    /// One expression or more between brackets.
    private mutating func list() throws(CESQLSyntaxError) -> [CESQLNode] {
        try expect(.open)
        var nodes = [try logic()]
        while token == .sign(.comma) {
            try advance()
            nodes.append(try logic())
        }
        try expect(.close)
        return nodes
    }

    // MARK: What stands alone

    private mutating func unary() throws(CESQLSyntaxError) -> CESQLNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw fault("nested too deeply") }
        if isKeyword("not") {
            try advance()
            return .not(try unary())
        }
        guard token == .sign(.minus) else { return try atom() }
        try advance()
        // The lowest number has no positive counterpart.
        if case .integer(let value) = token {
            try advance()
            return .literal(.integer(Int32(truncatingIfNeeded: -value)))
        }
        return .negative(try unary())
    }

    private mutating func atom() throws(CESQLSyntaxError) -> CESQLNode {
        switch token {
        case .integer(let value):
            guard let value = Int32(exactly: value) else { throw fault("a number beyond 32 bits") }
            try advance()
            return .literal(.integer(value))
        case .string(let text):
            try advance()
            return .literal(.string(text))
        case .sign(.open):
            try advance()
            let node = try logic()
            try expect(.close)
            return node
        case .word(let word): return try named(word)
        case .sign, .end: throw fault("an expression is expected")
        }
    }

    private mutating func named(_ word: String) throws(CESQLSyntaxError) -> CESQLNode {
        let name = word.lowercased()
        try advance()
        switch name {
        case "true": return .literal(.boolean(true))
        case "false": return .literal(.boolean(false))
        case "exists":
            guard case .word(let attribute) = token else { throw fault("EXISTS takes an attribute") }
            try advance()
            return .exists(try Self.attribute(attribute, offset))
        case "and", "or", "xor", "like", "in": throw fault("an expression is expected")
        default: break
        }
        guard token == .sign(.open) else { return .attribute(try Self.attribute(word, offset)) }
        return try call(name)
    }

    private mutating func call(_ name: String) throws(CESQLSyntaxError) -> CESQLNode {
        var arguments: [CESQLNode] = []
        try advance()
        if token == .sign(.close) {
            try advance()
        } else {
            arguments.append(try logic())
            while token == .sign(.comma) {
                try advance()
                arguments.append(try logic())
            }
            try expect(.close)
        }
        guard let function = CESQLFunction(name: name, argumentCount: arguments.count) else {
            unknownFunctions.append(name.uppercased())
            return .unknownCall
        }
        return .call(function, arguments)
    }

    private static func attribute(_ word: String, _ offset: Int) throws(CESQLSyntaxError) -> String {
        guard !word.utf8.contains(UInt8(ascii: "_")) else {
            throw CESQLSyntaxError(reason: "an attribute has letters and digits alone", offset: offset)
        }
        return word.lowercased()
    }

    // MARK: Tokens

    private func isKeyword(_ keyword: String) -> Bool {
        guard case .word(let word) = token else { return false }
        return word.lowercased() == keyword
    }

    private mutating func expect(_ sign: CESQLToken.Sign) throws(CESQLSyntaxError) {
        guard token == .sign(sign) else { throw fault("'\(sign.rawValue)' is expected") }
        try advance()
    }

    private mutating func advance() throws(CESQLSyntaxError) {
        offset = lexer.offset
        token = try lexer.next()
    }

    private func fault(_ reason: String) -> CESQLSyntaxError { CESQLSyntaxError(reason: reason, offset: offset) }
}
