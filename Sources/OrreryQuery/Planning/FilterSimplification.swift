/// Conditions are kept only for being true, which allows more than rewriting values would: a term of an AND that is
/// always true can go, and an AND with a term that is never true yields nothing.
enum FilterSimplification {
    static func simplify(_ plan: LogicalPlan) -> LogicalPlan {
        var plan = plan
        plan.operators = plan.operators.compactMap { step in
            guard case .filter(let condition) = step else { return step }
            switch simplifyCondition(condition) {
            case .constant(let value): return value.isTrue ? nil : .nothing
            case let simplified: return .filter(simplified)
            }
        }
        return plan
    }

    private static func simplifyCondition(_ condition: BoundExpression) -> BoundExpression {
        guard case .logical(let operation, let terms) = condition else { return condition }
        var kept: [BoundExpression] = []
        for term in terms {
            let simplified = simplifyCondition(term)
            if case .constant(let value) = simplified {
                if value.isTrue != (operation == .and) { return .constant(.boolean(operation == .or)) }
                continue
            }
            if case .logical(operation, let inner) = simplified { kept += inner } else { kept.append(simplified) }
        }
        if kept.isEmpty { return .constant(.boolean(operation == .and)) }
        return kept.count == 1 ? kept[0] : .logical(operation, kept)
    }
}
