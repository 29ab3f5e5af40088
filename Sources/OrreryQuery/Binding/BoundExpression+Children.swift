extension BoundExpression {
    /// The direct children, in the order of the text; not those of subqueries.
    var children: [BoundExpression] {
        switch self {
        case .constant, .parameter, .slot, .aggregate, .groupKey, .subquery: []
        case .member(let base, _): [base]
        case .unary(_, let operand): [operand]
        case .index(let left, let right), .binary(_, let left, let right), .coalesce(let left, let right): [left, right]
        case .like(let text, let pattern, _, _): [text, pattern]
        case .let(_, let value, let body): [value, body]
        case .conditional(let a, let b, let c), .between(let a, let b, let c, _): [a, b, c]
        case .membership(let needle, let list, _): [needle] + list
        case .logical(_, let terms): terms
        case .array(let elements): elements
        case .object(let properties): properties.map(\.value)
        case .call(_, let arguments), .userDefinedCall(_, let arguments): arguments
        }
    }

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
        return slotsRead.isEmpty ? hasParameters : children.contains(where: \.comparesParametersAlone)
    }

    private var hasParameters: Bool {
        if case .parameter = self { return true }
        return children.contains(where: \.hasParameters)
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
            for child in children { child.collectSlots(&slots) }
        }
    }
}

extension BoundQuery {
    /// The slots of enclosing queries that this one reads.
    var outerSlotsRead: Set<Int> {
        var read: Set<Int> = []
        for expression in expressions { read.formUnion(expression.slotsRead) }
        if case .derived(let query, _) = root { read.formUnion(query.outerSlotsRead) }
        for source in sources {
            if case .subquery(let query, _) = source.kind { read.formUnion(query.outerSlotsRead) }
        }
        return read.subtracting(slots)
    }

    /// The query's own expressions; not those of queries in FROM.
    var expressions: [BoundExpression] {
        let sources = sources.compactMap { source in
            switch source.kind {
            case .iteration(let expression), .single(let expression): expression
            case .subquery: nil
            }
        }
        return sources + (filter.map { [$0] } ?? []) + groupKeys + aggregates.map(\.argument) + [projection]
            + orderBy.map(\.expression)
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
