/// A key that a filter holds to one constant orders nothing, nor does a key that comes again.
///
/// The first key stays: it also says in which direction ties run.
enum SortPruning {
    static func prune(_ plan: LogicalPlan) -> LogicalPlan {
        guard plan.operators.contains(where: { if case .sort = $0 { true } else { false } }) else { return plan }
        var fixed: Set<String> = []
        for case .filter(let condition) in plan.operators { collect(condition, &fixed) }
        var plan = plan
        plan.operators = plan.operators.map { step in
            guard case .sort(let items) = step else { return step }
            var seen: Set<String> = []
            return .sort(
                items.enumerated().compactMap { index, item in
                    let text = item.expression.description
                    let isNew = seen.insert(text).inserted
                    return index == 0 || isNew && !fixed.contains(text) ? item : nil
                })
        }
        return plan
    }

    private static func collect(_ condition: BoundExpression, _ fixed: inout Set<String>) {
        switch condition {
        case .logical(.and, let terms):
            for term in terms { collect(term, &fixed) }
        case .binary(.equal, let left, .constant), .binary(.equal, let left, .parameter):
            fixed.insert(left.description)
        case .binary(.equal, .constant, let right), .binary(.equal, .parameter, let right):
            fixed.insert(right.description)
        default: break
        }
    }
}
