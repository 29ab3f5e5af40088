/// Turns a bound query into a physical plan: logical plan, optimizer passes, then expression by expression.
struct PhysicalPlanner {
    let limits: QueryLimits
    let passes: [Optimizer.Pass]

    /// The pipeline of this stage: bound query → logical plan → optimized plan → physical plan.
    func plan(_ query: BoundQuery) throws(QueryError) -> PhysicalPlan {
        try plan(Optimizer(passes: passes, limits: limits).optimize(LogicalPlan(query)))
    }

    /// Optimized plan → physical plan.
    func plan(_ logical: LogicalPlan) throws(QueryError) -> PhysicalPlan {
        var plan = PhysicalPlan()
        plan.isValue = logical.isValue
        for step in logical.operators {
            switch step {
            case .single: plan.root = .single
            case .scan(let slot): plan.root = .documents(slot: slot)
            case .derived(let query, let slot): try addDerived(query, slot, to: &plan)
            case .iterate(let expression, let slot): plan.stages.append(.iterate(try compile(expression), slot: slot))
            case .bind(let expression, let slot): plan.stages.append(.bind(try compile(expression), slot: slot))
            case .apply(let query, let slot, let opensArrays):
                plan.stages.append(.apply(try self.plan(query), slot: slot, opensArrays: opensArrays))
            case .filter(let condition): plan.stages.append(.filter(try compile(condition)))
            case .nothing: plan.stages.append(.nothing)
            case .group(let keys, let aggregates):
                plan.isGrouped = true
                plan.groupKeys = try compile(all: keys)
                for aggregate in aggregates {
                    plan.aggregates.append(
                        PhysicalPlan.Aggregate(kind: aggregate.kind, argument: try compile(aggregate.argument)))
                }
            case .sort(let items):
                for item in items {
                    plan.orderBy.append(
                        PhysicalPlan.OrderItem(
                            expression: try compile(item.expression), isDescending: item.isDescending))
                }
            case .project(let expression): plan.projection = try compile(expression)
            case .distinct: plan.isDistinct = true
            case .slice(let offset, let limit): (plan.offset, plan.limit) = (offset, limit)
            }
        }
        return plan
    }

    /// A query in FROM that keeps nothing from row to row runs inside the outer pipeline; any other is run first.
    private func addDerived(_ query: BoundQuery, _ slot: Int, to plan: inout PhysicalPlan) throws(QueryError) {
        let inner = try self.plan(query)
        guard inner.delivery == .streaming, inner.limit == nil, inner.offset == 0 else {
            plan.root = .derived(inner)
            plan.stages.append(.derivedRows(slot: slot))
            return
        }
        plan.root = inner.root
        plan.stages += inner.stages
        plan.stages.append(.bind(inner.projection, slot: slot))
    }

    // MARK: Expressions

    private func compile(all expressions: [BoundExpression]) throws(QueryError) -> [PhysicalExpression] {
        var compiled: [PhysicalExpression] = []
        compiled.reserveCapacity(expressions.count)
        for expression in expressions { compiled.append(try compile(expression)) }
        return compiled
    }

    func compile(_ expression: BoundExpression) throws(QueryError) -> PhysicalExpression {
        switch expression {
        case .constant(let value): return .constant(value)
        case .parameter(let index): return .parameter(index)
        case .slot(let slot): return .slot(slot)
        case .member(let base, let name): return extend(try compile(base), by: .name(name))
        case .index(let base, let index): return try compileIndex(base, index)
        case .unary(.not, let operand): return .not(try compile(operand))
        case .unary(let operation, let operand): return .arithmetic(operation, try compile(operand))
        case .binary(let operation, let left, let right):
            let (left, right) = (try compile(left), try compile(right))
            return operation.isComparison ? .compare(operation, left, right) : .compute(operation, left, right)
        case .logical(.and, let terms): return .and(try compile(all: terms))
        case .logical(.or, let terms): return .or(try compile(all: terms))
        case .coalesce(let left, let right): return .coalesce(try compile(left), try compile(right))
        case .conditional(let condition, let first, let second):
            return .conditional(try compile(condition), try compile(first), try compile(second))
        case .membership(let needle, let list, let isNegated):
            return try compileMembership(needle, list, isNegated: isNegated)
        case .like(let text, let pattern, let escape, let isNegated):
            return try compileLike(text, pattern, escape, isNegated: isNegated)
        case .between(let value, let lower, let upper, let isNegated):
            return .between(try compile(value), try compile(lower), try compile(upper), isNegated: isNegated)
        case .array(let elements): return .array(try compile(all: elements))
        case .object(let properties):
            var compiled: [PhysicalProperty] = []
            for property in properties {
                compiled.append(PhysicalProperty(name: property.name, value: try compile(property.value)))
            }
            return .object(compiled)
        case .call(let function, let arguments): return .call(function, try compile(all: arguments))
        case .userDefinedCall(let name, _): throw .unsupported("The user defined function '\(name)'")
        case .subquery(let kind, let query): return .subquery(kind, try plan(query))
        case .let(let slot, let value, let body): return .let(slot: slot, try compile(value), try compile(body))
        case .aggregate(let index): return .aggregate(index)
        case .groupKey(let index): return .groupKey(index)
        }
    }

    private func extend(_ base: PhysicalExpression, by step: PathStep) -> PhysicalExpression {
        switch base {
        case .slot(let slot): .path(slot: slot, [step])
        case .path(let slot, let steps): .path(slot: slot, steps + [step])
        default: .step(base, step)
        }
    }

    private func compileIndex(_ base: BoundExpression, _ index: BoundExpression) throws(QueryError)
        -> PhysicalExpression
    {
        let base = try compile(base)
        guard case .constant(let value) = index else { return .subscripted(base, try compile(index)) }
        if value.kind == .string { return extend(base, by: .name(value.string ?? "")) }
        guard let position = value.int64.flatMap({ Int(exactly: $0) }) else { return .constant(.undefined) }
        return extend(base, by: .index(position))
    }

    private func compileMembership(
        _ needle: BoundExpression, _ list: [BoundExpression], isNegated: Bool
    ) throws(QueryError) -> PhysicalExpression {
        let needle = try compile(needle)
        var keys: Set<OrderKey> = []
        for element in list {
            guard case .constant(let value) = element else {
                return .memberOfList(needle, try compile(all: list), isNegated: isNegated)
            }
            // Undefined equals nothing, nor does NaN.
            if !value.isUndefined, value.double?.isNaN != true { keys.insert(OrderKey(value)) }
        }
        return .memberOfSet(needle, ConstantSet(keys: keys), isNegated: isNegated)
    }

    private func compileLike(
        _ text: BoundExpression, _ pattern: BoundExpression, _ escape: String?, isNegated: Bool
    ) throws(QueryError) -> PhysicalExpression {
        var mark: Unicode.Scalar?
        if let escape {
            guard escape.unicodeScalars.count == 1 else {
                throw QueryError(.invalidQuery, "The ESCAPE of a LIKE must be a single character.")
            }
            mark = escape.unicodeScalars.first
        }
        let text = try compile(text)
        if case .constant(let value) = pattern, let string = value.string {
            return .like(text, LikePattern(string, escape: mark), isNegated: isNegated)
        }
        return .likeComputed(text, try compile(pattern), escape: mark, isNegated: isNegated)
    }
}

extension BinaryOperator {
    var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }
}
