/// A comparison of one path of the documents with a constant or with a parameter that was left open.
///
/// Most filters are made of nothing else. What the index is asked for them is then made of the parameters' values
/// directly, for each query of a text; the filter itself is not rewritten.
struct PathComparison: Sendable {
    private enum Operand: Sendable {
        case constant(Value)
        case parameter(Int)

        init?(_ expression: BoundExpression) {
            switch expression {
            case .constant(let value): self = .constant(value)
            case .parameter(let index): self = .parameter(index)
            default: return nil
            }
        }

        func value(_ values: [Value]) -> Value {
            switch self {
            case .constant(let value): value
            case .parameter(let index): values[index]
            }
        }
    }

    private let path: DocumentPath
    private let comparison: BinaryOperator
    private let operand: Operand

    /// The comparisons that a filter consists of, under one AND; nil where it has anything else in it.
    static func all(in filter: BoundExpression?, documents slot: Int) -> [PathComparison]? {
        guard let filter else { return nil }
        let terms = if case .logical(.and, let terms) = filter { terms } else { [filter] }
        let comparisons = terms.compactMap { PathComparison($0, documents: slot) }
        return comparisons.count == terms.count ? comparisons : nil
    }

    private init?(_ expression: BoundExpression, documents slot: Int) {
        guard case .binary(let comparison, let left, let right) = expression else { return nil }
        let (path, operand): (DocumentPath?, Operand?)
        if let found = Operand(right) {
            (path, operand) = (left.plainPath(documents: slot), found)
            self.comparison = comparison
        } else {
            (path, operand) = (right.plainPath(documents: slot), Operand(left))
            self.comparison = comparison.mirrored
        }
        guard let path, !path.steps.isEmpty, let operand else { return nil }
        (self.path, self.operand) = (path, operand)
    }

    /// What an index can look up for it.
    func condition(_ values: [Value]) -> PathCondition? {
        PathConditionPlanner.when(path, comparison, operand.value(values))
    }

    /// The same where that holds of exactly the documents for which the comparison is true.
    func exactCondition(_ values: [Value]) -> PathCondition? {
        ExactConditionPlanner.when(path, comparison, operand.value(values))
    }
}
