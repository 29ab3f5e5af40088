/// Evaluates what holds only constants. A part whose evaluation fails is left for execution to report, and one that
/// is large is left to be computed where it is used.
struct ConstantFolding {
    let limits: QueryLimits

    private static let foldedBytesMax = 1024 * 1024

    func fold(_ plan: LogicalPlan) -> LogicalPlan {
        var plan = plan
        plan.operators = plan.operators.map { $0.mapExpressions(fold) }
        return plan
    }

    func fold(_ query: BoundQuery) -> BoundQuery {
        var folded = query.mapExpressions(fold)
        if case .derived(let derived, let slot) = folded.root { folded.root = .derived(fold(derived), slot: slot) }
        return folded
    }

    func fold(_ expression: BoundExpression) -> BoundExpression {
        switch expression {
        case .constant, .parameter, .slot, .aggregate, .groupKey: return expression
        case .subquery(let kind, let query): return .subquery(kind, fold(query))
        default: break
        }
        var areConstant = true
        let folded = expression.mapChildren { child in
            let folded = fold(child)
            areConstant = areConstant && folded.isConstant
            return folded
        }
        guard areConstant, folded.isRepeatable else { return folded }
        let context = EvaluationContext(limits: limits, clock: { 0 })
        var evaluator = Evaluator(slotCount: 0, context: context)
        let planner = PhysicalPlanner(limits: limits, passes: [])
        guard let compiled = try? planner.compile(folded), let value = try? evaluator.evaluate(compiled),
            value.weightBytes <= Self.foldedBytesMax
        else { return folded }
        return .constant(value)
    }
}

extension BoundExpression {
    fileprivate var isConstant: Bool {
        if case .constant = self { return true }
        return false
    }

    /// Whether the operation always yields the same for the same children.
    fileprivate var isRepeatable: Bool {
        switch self {
        case .constant, .parameter, .slot, .aggregate, .groupKey, .subquery, .let, .userDefinedCall: return false
        case .call(let function, _):
            if case .unsupported = function.evaluation { return false }
            return function.isDeterministic
        default: return true
        }
    }
}
