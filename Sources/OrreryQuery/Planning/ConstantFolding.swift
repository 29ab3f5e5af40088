/// Evaluates what holds only constants. A part whose evaluation fails is left for execution to report, and one that
/// is large, or that takes long, is left to be computed where it is used: queries are planned on threads that others
/// wait for. One object folds once: a query's template, its values or its plan. Time and bytes count for all of that,
/// from the first value on.
final class ConstantFolding {
    private let limits: QueryLimits
    private let startClock: () -> @Sendable () -> Int64
    private var foldedBytes = 0
    /// Whether a limit was passed, and the rest is left as it is.
    private var isOver = false

    private static let foldedBytesMax = 1024 * 1024

    /// Made for the first value: most queries have nothing to fold, and need not ask for the time.
    private lazy var evaluator = Evaluator(
        slotCount: 0,
        context: EvaluationContext(limits: limits.brief, clock: { 0 }, elapsedMilliseconds: startClock()))

    /// - Parameter startClock: begins what is held against the limits of a brief page, in milliseconds.
    init(limits: QueryLimits, startClock: @escaping () -> @Sendable () -> Int64 = SystemClock.processorTime) {
        self.limits = limits
        self.startClock = startClock
    }

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
        guard areConstant, !isOver, folded.isRepeatable, let value = value(of: folded) else { return folded }
        return .constant(value)
    }

    private func value(of expression: BoundExpression) -> Value? {
        do throws(QueryError) {
            let compiled = try PhysicalPlanner(limits: limits, passes: []).compile(expression)
            let value = try evaluator.evaluate(compiled)
            let bytes = foldedBytes.saturatingSum(value.weightBytes)
            guard bytes <= Self.foldedBytesMax else { return nil }
            foldedBytes = bytes
            return value
        } catch {
            isOver = isOver || error.code == .limitExceeded
            return nil
        }
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
