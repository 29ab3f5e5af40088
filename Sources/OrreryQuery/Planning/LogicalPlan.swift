/// What a query does, step by step: each operator takes the rows of the one before it.
struct LogicalPlan: Sendable {
    var operators: [LogicalOperator]
    /// See `BoundQuery.isValue`.
    let isValue: Bool

    init(_ query: BoundQuery) {
        isValue = query.isValue
        operators = []
        switch query.root {
        case .none: operators.append(.single)
        case .documents(let slot): operators.append(.scan(slot: slot))
        case .derived(let derived, let slot): operators.append(.derived(derived, slot: slot))
        }
        for source in query.sources {
            switch source.kind {
            case .iteration(let expression): operators.append(.iterate(expression, slot: source.slot))
            case .single(let expression): operators.append(.bind(expression, slot: source.slot))
            case .subquery(let inner, let opensArrays):
                operators.append(.apply(inner, slot: source.slot, opensArrays: opensArrays))
            }
        }
        if let filter = query.filter { operators.append(.filter(filter)) }
        if query.isGrouped { operators.append(.group(keys: query.groupKeys, aggregates: query.aggregates)) }
        if !query.orderBy.isEmpty { operators.append(.sort(query.orderBy)) }
        operators.append(.project(query.projection))
        if query.isDistinct { operators.append(.distinct) }
        if query.offset > 0 || query.limit != nil { operators.append(.slice(offset: query.offset, limit: query.limit)) }
    }
}

enum LogicalOperator: Sendable {
    /// One empty row.
    case single
    /// Every document of the scope.
    case scan(slot: Int)
    /// Every row of another query over the scope.
    case derived(BoundQuery, slot: Int)
    /// One row for each element of an array.
    case iterate(BoundExpression, slot: Int)
    /// One row where the value is defined.
    case bind(BoundExpression, slot: Int)
    /// One row for each row of a query that depends on the row.
    case apply(BoundQuery, slot: Int, opensArrays: Bool)
    /// The rows for which the condition is true.
    case filter(BoundExpression)
    /// No row at all.
    case nothing
    /// One row for each distinct list of keys, or one for all rows when there are no keys.
    case group(keys: [BoundExpression], aggregates: [BoundAggregate])
    case sort([BoundOrderItem])
    case project(BoundExpression)
    case distinct
    case slice(offset: Int, limit: Int?)
}

extension LogicalOperator {
    var boundSlot: Int? {
        switch self {
        case .scan(let slot), .derived(_, let slot), .iterate(_, let slot), .bind(_, let slot), .apply(_, let slot, _):
            slot
        default: nil
        }
    }

    /// The operator with each of its own expressions replaced.
    func mapExpressions<Failure: Error>(
        _ transform: (BoundExpression) throws(Failure) -> BoundExpression
    ) throws(Failure) -> LogicalOperator {
        switch self {
        case .single, .scan, .derived, .apply, .nothing, .distinct, .slice: return self
        case .iterate(let expression, let slot): return .iterate(try transform(expression), slot: slot)
        case .bind(let expression, let slot): return .bind(try transform(expression), slot: slot)
        case .filter(let condition): return .filter(try transform(condition))
        case .project(let expression): return .project(try transform(expression))
        case .group(let keys, let aggregates):
            return .group(
                keys: try keys.map { key throws(Failure) in try transform(key) },
                aggregates: try aggregates.map { aggregate throws(Failure) in
                    BoundAggregate(kind: aggregate.kind, argument: try transform(aggregate.argument))
                })
        case .sort(let items):
            return .sort(
                try items.map { item throws(Failure) in
                    BoundOrderItem(expression: try transform(item.expression), isDescending: item.isDescending)
                })
        }
    }
}
