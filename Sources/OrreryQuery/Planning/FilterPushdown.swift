/// Splits the filter at its ANDs and runs each condition right after the source that binds the last slot it reads, so
/// that a join does not expand documents that a condition on the document alone would drop.
enum FilterPushdown {
    /// A filter right behind the first source is where it should be.
    static func push(_ plan: LogicalPlan) -> LogicalPlan {
        guard let place = plan.operators.firstIndex(where: { if case .filter = $0 { true } else { false } }),
            case .filter(let condition) = plan.operators[place], place > 1
        else { return plan }
        let terms: [BoundExpression] = if case .logical(.and, let terms) = condition { terms } else { [condition] }
        var plan = plan
        plan.operators.remove(at: place)
        let sources = plan.operators[..<place]
        let bound = Set(sources.compactMap(\.boundSlot))
        var rebuilt: [LogicalOperator] = []
        var waiting = terms
        var seen: Set<Int> = []
        for step in sources {
            rebuilt.append(step)
            if let slot = step.boundSlot { seen.insert(slot) }
            let ready = waiting.filter { $0.slotsRead.intersection(bound).isSubset(of: seen) }
            waiting.removeAll { $0.slotsRead.intersection(bound).isSubset(of: seen) }
            if !ready.isEmpty { rebuilt.append(.filter(ready.count == 1 ? ready[0] : .logical(.and, ready))) }
        }
        plan.operators = rebuilt + plan.operators[place...]
        return plan
    }
}
