/// Plans are read by people and compared by tests; the same text also tells whether two expressions are the same,
/// which is how a GROUP BY expression is found again in the select list.
extension BoundExpression: CustomStringConvertible {
    var description: String {
        switch self {
        case .constant(let value): value.description
        case .parameter(let index): "@\(index)"
        case .slot(let slot): "#\(slot)"
        case .member(let base, let name): "\(base)[\(Value.string(name).description)]"
        case .index(let base, let index): "\(base)[\(index)]"
        case .unary(let operation, let operand):
            operation == .not ? "(NOT \(operand))" : "(\(operation.rawValue)\(operand))"
        case .binary(let operation, let left, let right): "(\(left) \(operation.rawValue) \(right))"
        case .logical(let operation, let terms):
            "(" + terms.map(\.description).joined(separator: " \(operation.rawValue) ") + ")"
        case .coalesce(let left, let right): "(\(left) ?? \(right))"
        case .conditional(let condition, let first, let second): "(\(condition) ? \(first) : \(second))"
        case .membership(let needle, let list, let isNegated):
            "(\(needle) \(isNegated ? "NOT " : "")IN (\(Self.list(list))))"
        case .like(let text, let pattern, let escape, let isNegated):
            "(\(text) \(isNegated ? "NOT " : "")LIKE \(pattern)"
                + (escape.map { " ESCAPE \(Value.string($0).description)" } ?? "") + ")"
        case .between(let value, let lower, let upper, let isNegated):
            "(\(value) \(isNegated ? "NOT " : "")BETWEEN \(lower) AND \(upper))"
        case .array(let elements): "[\(Self.list(elements))]"
        case .object(let properties):
            "{" + properties.map { "\(Value.string($0.name).description): \($0.value)" }.joined(separator: ", ") + "}"
        case .call(let function, let arguments): "\(function.name)(\(Self.list(arguments)))"
        case .userDefinedCall(let name, let arguments): "udf.\(name)(\(Self.list(arguments)))"
        case .subquery(let kind, let query): "\(kind.rawValue)(\(query))"
        case .let(let slot, let value, let body): "(LET #\(slot) = \(value) IN \(body))"
        case .aggregate(let index): "aggregate \(index)"
        case .groupKey(let index): "key \(index)"
        }
    }

    private static func list(_ expressions: [BoundExpression]) -> String {
        expressions.map(\.description).joined(separator: ", ")
    }
}

extension BoundQuery: CustomStringConvertible {
    /// One line that holds everything of the query.
    var description: String {
        LogicalPlan(self).operators.map(\.description).joined(separator: "; ")
    }
}
