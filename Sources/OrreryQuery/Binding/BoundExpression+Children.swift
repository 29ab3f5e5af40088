extension BoundExpression {
    /// The same expression with each direct child replaced; subqueries are left as they are.
    func mapChildren<Failure: Error>(
        _ transform: (BoundExpression) throws(Failure) -> BoundExpression
    ) throws(Failure) -> BoundExpression {
        switch self {
        case .constant, .parameter, .slot, .aggregate, .groupKey, .subquery: self
        case .member(let base, let name): .member(try transform(base), name: name)
        case .index(let base, let index): .index(try transform(base), try transform(index))
        case .unary(let operation, let operand): .unary(operation, try transform(operand))
        case .binary(let operation, let left, let right): .binary(operation, try transform(left), try transform(right))
        case .logical(let operation, let terms): .logical(operation, try Self.map(terms, transform))
        case .coalesce(let left, let right): .coalesce(try transform(left), try transform(right))
        case .conditional(let a, let b, let c): .conditional(try transform(a), try transform(b), try transform(c))
        case .membership(let needle, let list, let isNegated):
            .membership(try transform(needle), list: try Self.map(list, transform), isNegated: isNegated)
        case .like(let text, let pattern, let escape, let isNegated):
            .like(try transform(text), pattern: try transform(pattern), escape: escape, isNegated: isNegated)
        case .between(let a, let b, let c, let isNegated):
            .between(try transform(a), try transform(b), try transform(c), isNegated: isNegated)
        case .array(let elements): .array(try Self.map(elements, transform))
        case .object(let properties):
            .object(try Self.map(properties, transform))
        case .call(let function, let arguments): .call(function, try Self.map(arguments, transform))
        case .userDefinedCall(let name, let arguments): .userDefinedCall(name, try Self.map(arguments, transform))
        case .let(let slot, let value, let body):
            .let(slot: slot, value: try transform(value), body: try transform(body))
        }
    }

    /// The same expression with the values of parameters that were left open.
    func replacingParameters(_ values: [Value]) -> BoundExpression {
        if case .parameter(let index) = self { return .constant(values[index]) }
        return mapChildren { $0.replacingParameters(values) }
    }

    /// Whether a part of it holds parameters that were left open and reads nothing.
    var comparesParametersAlone: Bool {
        if case .parameter = self { return false }
        if slotsRead.isEmpty { return hasParameters }
        var isFound = false
        _ = mapChildren { child in
            isFound = isFound || child.comparesParametersAlone
            return child
        }
        return isFound
    }

    private var hasParameters: Bool {
        if case .parameter = self { return true }
        var isFound = false
        _ = mapChildren { child in
            isFound = isFound || child.hasParameters
            return child
        }
        return isFound
    }

    private static func map<Failure: Error>(
        _ expressions: [BoundExpression], _ transform: (BoundExpression) throws(Failure) -> BoundExpression
    ) throws(Failure) -> [BoundExpression] {
        try expressions.map { expression throws(Failure) in try transform(expression) }
    }

    private static func map<Failure: Error>(
        _ properties: [BoundProperty], _ transform: (BoundExpression) throws(Failure) -> BoundExpression
    ) throws(Failure) -> [BoundProperty] {
        try properties.map { property throws(Failure) in
            BoundProperty(name: property.name, value: try transform(property.value))
        }
    }

    /// Every slot the expression reads, those that its subqueries read from outside themselves included.
    var slotsRead: Set<Int> {
        var slots: Set<Int> = []
        collectSlots(&slots)
        return slots
    }

    private func collectSlots(_ slots: inout Set<Int>) {
        switch self {
        case .slot(let slot): slots.insert(slot)
        case .subquery(_, let query): slots.formUnion(query.outerSlotsRead)
        case .let(let slot, let value, let body):
            var inner = body.slotsRead
            inner.remove(slot)
            slots.formUnion(inner)
            value.collectSlots(&slots)
        default:
            _ = mapChildren { child in
                child.collectSlots(&slots)
                return child
            }
        }
    }
}

extension BoundQuery {
    /// The slots of enclosing queries that this one reads.
    var outerSlotsRead: Set<Int> {
        var read: Set<Int> = []
        _ = mapExpressions { expression in
            read.formUnion(expression.slotsRead)
            return expression
        }
        if case .derived(let query, _) = root { read.formUnion(query.outerSlotsRead) }
        for source in sources {
            if case .subquery(let query, _) = source.kind { read.formUnion(query.outerSlotsRead) }
        }
        return read.subtracting(slots)
    }

    /// The same query with each of its own expressions replaced; queries in FROM are left as they are.
    func mapExpressions<Failure: Error>(
        _ transform: (BoundExpression) throws(Failure) -> BoundExpression
    ) throws(Failure) -> BoundQuery {
        var query = self
        query.sources = try sources.map { source throws(Failure) in
            switch source.kind {
            case .iteration(let expression):
                BoundSource(kind: .iteration(try transform(expression)), slot: source.slot)
            case .single(let expression): BoundSource(kind: .single(try transform(expression)), slot: source.slot)
            case .subquery: source
            }
        }
        if let filter { query.filter = try transform(filter) }
        query.groupKeys = try groupKeys.map { key throws(Failure) in try transform(key) }
        query.aggregates = try aggregates.map { aggregate throws(Failure) in
            BoundAggregate(kind: aggregate.kind, argument: try transform(aggregate.argument))
        }
        query.projection = try transform(projection)
        query.orderBy = try orderBy.map { item throws(Failure) in
            BoundOrderItem(expression: try transform(item.expression), isDescending: item.isDescending)
        }
        return query
    }
}
