import Glibc
import OrreryDocuments

/// Writes a syntax tree back as text. Every operator is put in parentheses, so the text parses to the same tree, and
/// words, quotes and numbers are spelt as the service spells them in rewritten queries.
struct QueryPrinter {
    private var text = ""

    static func text(of query: ParsedQuery) -> String {
        var printer = QueryPrinter()
        printer.write(query)
        return printer.text
    }

    static func text(of expression: ParsedExpression) -> String {
        var printer = QueryPrinter()
        printer.write(expression)
        return printer.text
    }

    // MARK: Clauses

    private mutating func write(_ query: ParsedQuery) {
        text += "SELECT "
        if query.isDistinct { text += "DISTINCT " }
        if let top = query.top { text += "TOP \(Self.text(of: top)) " }
        write(query.selection)
        for (index, source) in query.sources.enumerated() {
            text += index == 0 ? "\nFROM " : "\nJOIN "
            write(source)
        }
        if let filter = query.filter {
            text += "\nWHERE "
            write(filter)
        }
        if !query.groupBy.isEmpty {
            text += "\nGROUP BY "
            write(list: query.groupBy)
        }
        if !query.orderBy.isEmpty {
            text += query.isRanked ? "\nORDER BY RANK " : "\nORDER BY "
            for (index, item) in query.orderBy.enumerated() {
                if index > 0 { text += ", " }
                write(item.expression)
                if let isDescending = item.isDescending { text += isDescending ? " DESC" : " ASC" }
            }
        }
        if let offset = query.offset, let limit = query.limit {
            text += "\nOFFSET \(Self.text(of: offset)) LIMIT \(Self.text(of: limit))"
        }
    }

    private static func text(of count: ParsedCount) -> String {
        switch count.kind {
        case .literal(let value): String(value)
        case .parameter(let name): name
        }
    }

    private mutating func write(_ selection: ParsedSelection) {
        switch selection {
        case .star: text += "*"
        case .value(let expression):
            text += "VALUE "
            write(expression)
        case .list(let items):
            for (index, item) in items.enumerated() {
                if index > 0 { text += ", " }
                write(item.expression)
                if let alias = item.alias { text += " AS \(alias)" }
            }
        }
    }

    private mutating func write(_ source: ParsedSource) {
        if source.isIteration, let alias = source.alias { text += "\(alias) IN " }
        switch source.collection {
        case .path(let root, let steps):
            text += root
            for step in steps {
                switch step {
                case .name(let name): text += ".\(name)"
                case .quotedName(let name): text += "[\(Self.quoted(name))]"
                case .index(let index): text += "[\(index)]"
                }
            }
        case .subquery(let query): write(parenthesised: query)
        }
        if !source.isIteration, let alias = source.alias { text += " AS \(alias)" }
    }

    private mutating func write(parenthesised query: ParsedQuery) {
        text += "("
        write(query)
        text += ")"
    }

    // MARK: Expressions

    private mutating func write(list expressions: [ParsedExpression]) {
        for (index, expression) in expressions.enumerated() {
            if index > 0 { text += ", " }
            write(expression)
        }
    }

    private mutating func write(_ left: ParsedExpression, _ operation: String, _ right: ParsedExpression) {
        text += "("
        write(left)
        text += " \(operation) "
        write(right)
        text += ")"
    }

    private mutating func write(_ expression: ParsedExpression) {
        switch expression.kind {
        case .literal(let literal): write(literal)
        case .parameter(let name), .identifier(let name): text += name
        case .member(let base, let name):
            write(base)
            text += ".\(name)"
        case .index(let base, let index):
            write(base)
            text += "["
            write(index)
            text += "]"
        case .unary(let operation, let operand):
            text += "(\(operation.rawValue)"
            // Two minus signs on end would begin a comment.
            if operation == .not || operand.isNegativeNumber { text += " " }
            write(operand)
            text += ")"
        case .binary(let operation, let left, let right): write(left, operation.rawValue, right)
        case .logical(let operation, let terms): write(operation, terms)
        case .coalesce(let left, let right): write(left, "??", right)
        case .array(let elements):
            text += "["
            write(list: elements)
            text += "]"
        case .object(let properties): write(properties)
        case .call(let call): write(call)
        case .subquery(let kind, let query):
            text += kind.rawValue
            write(parenthesised: query)
        case .placeholder(let hole): text += "(\(hole))"
        case .conditional, .membership, .like, .between, .let: writeSpecial(expression.kind)
        }
    }

    private mutating func writeSpecial(_ kind: ParsedExpression.Kind) {
        text += "("
        switch kind {
        case .conditional(let condition, let first, let second):
            write(condition)
            text += " ? "
            write(first)
            text += " : "
            write(second)
        case .membership(let needle, let list, let isNegated):
            write(needle)
            text += isNegated ? " NOT IN (" : " IN ("
            write(list: list)
            text += ")"
        case .like(let value, let pattern, let escape, let isNegated):
            write(value)
            text += isNegated ? " NOT LIKE " : " LIKE "
            write(pattern)
            if let escape { text += " ESCAPE \(Self.quoted(escape))" }
        case .between(let value, let lower, let upper, let isNegated):
            write(value)
            text += isNegated ? " NOT BETWEEN " : " BETWEEN "
            write(lower)
            text += " AND "
            write(upper)
        case .let(let name, let value, let body):
            text += "LET \(name) = "
            write(value)
            text += " IN "
            write(body)
        default: break
        }
        text += ")"
    }

    /// Up to this many terms a chain prints as the left-deep tree that the service keeps, and a longer one flat, so
    /// that its parentheses do not pass the limit of nesting.
    static let nestedTermCountMax = 8

    private mutating func write(_ operation: BooleanOperator, _ terms: [ParsedExpression]) {
        let isNested = terms.count <= Self.nestedTermCountMax
        text += isNested ? String(repeating: "(", count: max(0, terms.count - 1)) : "("
        for (index, term) in terms.enumerated() {
            if index > 0 { text += " \(operation.rawValue) " }
            write(term)
            if isNested ? index > 0 : index == terms.count - 1 { text += ")" }
        }
    }

    private mutating func write(_ properties: [ParsedProperty]) {
        text += "{"
        for (index, property) in properties.enumerated() {
            if index > 0 { text += ", " }
            text += "\(Self.quoted(property.name)): "
            write(property.value)
        }
        text += "}"
    }

    private mutating func write(_ call: ParsedCall) {
        if call.isUserDefined {
            text += "udf.\(call.name)"
        } else {
            text += FunctionTable.function(named: call.name)?.name ?? call.name
        }
        text += "("
        write(list: call.arguments)
        text += ")"
    }

    // MARK: Literals

    private mutating func write(_ literal: ParsedLiteral) {
        switch literal {
        case .undefined: text += "undefined"
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .number(let number): text += number.int64.map { String($0) } ?? Self.text(of: number.double)
        case .string(let value): text += Self.quoted(value)
        }
    }

    static func quoted(_ string: String) -> String {
        var writer = JSONWriter()
        writer.string(string)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Fifteen significant digits where they read back as the same number, else seventeen.
    private static func text(of number: Double) -> String {
        let short = formatted(number, "%.15g")
        return Double(short) == number ? short : formatted(number, "%.17g")
    }

    private static func formatted(_ number: Double, _ format: String) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        // Sixty-four bytes hold every number at seventeen digits, so nothing is cut off.
        let count = unsafe withVaList([number]) { arguments in
            unsafe vsnprintf(&buffer, 64, format, arguments)
        }
        return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension ParsedExpression {
    fileprivate var isNegativeNumber: Bool {
        guard case .literal(.number(let number)) = kind else { return false }
        return number.double.sign == .minus
    }
}
