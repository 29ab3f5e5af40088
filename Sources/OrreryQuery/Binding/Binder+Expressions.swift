extension Binder {
    mutating func bind(_ expression: ParsedExpression, _ scope: Scope) throws(QueryError) -> BoundExpression {
        switch expression.kind {
        case .literal(let literal): return .constant(Value(literal))
        case .parameter(let name):
            guard let value = parameters[name] else { throw .unknownParameter(name, at: expression.location) }
            return .constant(value)
        case .identifier(let name): return try bindIdentifier(name, expression.location, scope)
        case .member(let base, let name): return try bindMember(base, name, scope)
        case .index(let base, let index): return try bindIndex(base, index, scope)
        case .unary(let operation, let operand): return .unary(operation, try bind(operand, scope))
        case .binary(let operation, let left, let right):
            return operation.isComparison
                ? .binary(operation, try bind(operand: left, scope), try bind(operand: right, scope))
                : .binary(operation, try bind(left, scope), try bind(right, scope))
        case .logical(let operation, let terms): return .logical(operation, try bind(all: terms, scope))
        case .coalesce(let left, let right): return .coalesce(try bind(left, scope), try bind(right, scope))
        case .conditional(let condition, let first, let second):
            return .conditional(try bind(condition, scope), try bind(first, scope), try bind(second, scope))
        case .membership(let needle, let list, let isNegated):
            return try bindMembership(needle, list, isNegated: isNegated, scope)
        case .like(let text, let pattern, let escape, let isNegated):
            return .like(
                try bind(text, scope), pattern: try bind(pattern, scope), escape: escape, isNegated: isNegated)
        case .between(let value, let lower, let upper, let isNegated):
            return .between(
                try bind(value, scope), try bind(operand: lower, scope), try bind(operand: upper, scope),
                isNegated: isNegated)
        case .array(let elements): return .array(try bind(all: elements, scope))
        case .object(let properties): return try bindObject(properties, scope)
        case .call(let call): return try bindCall(call, expression.location, scope)
        case .subquery(let kind, let query): return try bindSubquery(kind, query, expression.location, scope)
        case .let(let name, let value, let body):
            let bound = try bind(value, scope)
            let slot = newSlot()
            var inner = scope
            inner.define(name, slot: slot)
            return .let(slot: slot, value: bound, body: try bind(body, inner))
        case .placeholder(let text): return try bindPlaceholder(text, expression.location)
        }
    }

    /// Short lists of parameters are left open; of long ones the plan makes a set.
    private mutating func bindMembership(
        _ needle: ParsedExpression, _ list: [ParsedExpression], isNegated: Bool, _ scope: Scope
    ) throws(QueryError) -> BoundExpression {
        let needle = try bind(needle, scope)
        guard list.count <= Self.openListMax else {
            return .membership(needle, list: try bind(all: list, scope), isNegated: isNegated)
        }
        var bound: [BoundExpression] = []
        for element in list { bound.append(try bind(operand: element, scope)) }
        return .membership(needle, list: bound, isNegated: isNegated)
    }

    private static var openListMax: Int { 8 }

    private mutating func bind(all expressions: [ParsedExpression], _ scope: Scope) throws(QueryError)
        -> [BoundExpression]
    {
        var bound: [BoundExpression] = []
        bound.reserveCapacity(expressions.count)
        for expression in expressions { bound.append(try bind(expression, scope)) }
        return bound
    }

    private func bindIdentifier(
        _ name: String, _ location: SourceRange, _ scope: Scope
    ) throws(QueryError) -> BoundExpression {
        if let slot = scope.slot(named: name) { return .slot(slot) }
        switch name {
        case "NaN": return .constant(.number(.nan))
        case "Infinity": return .constant(.number(.infinity))
        default: throw .unresolved(name, at: location)
        }
    }

    private mutating func bindMember(
        _ base: ParsedExpression, _ name: String, _ scope: Scope
    ) throws(QueryError) -> BoundExpression {
        try member(name, of: try bind(base, scope))
    }

    /// A member of a value; of an item itself it may be one that the container computes.
    private mutating func member(_ name: String, of base: BoundExpression) throws(QueryError) -> BoundExpression {
        guard case .slot(let slot) = base, slot == documentSlot,
            let computed = computedProperties.first(where: { $0.name.utf8.elementsEqual(name.utf8) })
        else { return .member(base, name: name) }
        let enclosing = computedProperties
        computedProperties = []
        defer { computedProperties = enclosing }
        var scope = Scope()
        scope.define(computed.alias, slot: slot)
        return try bind(computed.expression, scope)
    }

    private mutating func bindIndex(
        _ base: ParsedExpression, _ index: ParsedExpression, _ scope: Scope
    ) throws(QueryError) -> BoundExpression {
        let (base, index) = (try bind(base, scope), try bind(index, scope))
        if case .constant(let value) = index, value.kind == .string { return try member(value.string ?? "", of: base) }
        return .index(base, index)
    }

    private mutating func bindObject(
        _ properties: [ParsedProperty], _ scope: Scope
    ) throws(QueryError) -> BoundExpression {
        var bound: [BoundProperty] = []
        for property in properties {
            bound.append(BoundProperty(name: property.name, value: try bind(property.value, scope)))
        }
        return .object(distinctProperties(bound))
    }

    /// The SDKs put a resume condition or `true` in the ORDER BY hole of a rewritten query; left as it is, it means
    /// `true`. The others belong to hybrid search.
    private func bindPlaceholder(_ text: String, _ location: SourceRange) throws(QueryError) -> BoundExpression {
        guard text.utf8.elementsEqual(QueryRewriter.orderByFilterPlaceholder.utf8) else {
            throw .unsupported("Hybrid search", at: location)
        }
        return .constant(.boolean(true))
    }

    private mutating func bindSubquery(
        _ kind: SubqueryKind, _ query: ParsedQuery, _ location: SourceRange, _ scope: Scope
    ) throws(QueryError) -> BoundExpression {
        guard !isInsideAggregate else { throw .nestedAggregate(at: location) }
        return try closingParameters { (binder) throws(QueryError) in
            .subquery(kind, try binder.bind(query, in: scope, isRoot: false, isSubquery: true))
        }
    }

    // MARK: Calls

    private mutating func bindCall(
        _ call: ParsedCall, _ location: SourceRange, _ scope: Scope
    ) throws(QueryError) -> BoundExpression {
        if call.isUserDefined {
            userDefinedFunctionCount += 1
            guard userDefinedFunctionCount <= limits.userDefinedFunctionCountMax else {
                throw QueryError(
                    .limitExceeded,
                    "The query exceeds the maximum of \(limits.userDefinedFunctionCountMax) user defined functions.",
                    at: location)
            }
            unsupportedCalls.append(("The user defined function '\(call.name)'", call.nameLocation))
            return .userDefinedCall(call.name, try bind(all: call.arguments, scope))
        }
        guard let function = FunctionTable.function(named: call.name) else {
            throw QueryError(
                .unknownFunction, "'\(call.name)' is not a recognized built-in function name.", at: call.nameLocation)
        }
        try checkArgumentCount(call, function, location)
        if case .aggregate(let kind) = function.evaluation {
            return try bindAggregate(kind, call.arguments[0], location, scope)
        }
        if case .unsupported = function.evaluation {
            unsupportedCalls.append(("The function '\(function.name)'", call.nameLocation))
        }
        return .call(function, try bind(all: call.arguments, scope))
    }

    private func checkArgumentCount(
        _ call: ParsedCall, _ function: FunctionDefinition, _ location: SourceRange
    ) throws(QueryError) {
        let count = call.arguments.count
        let minimum = function.argumentCountMin
        if count >= minimum, count <= function.argumentCountMax ?? count { return }
        let wanted =
            if let maximum = function.argumentCountMax {
                maximum == minimum ? "\(minimum) argument(s)" : "\(minimum) to \(maximum) argument(s)"
            } else {
                "at least \(minimum) argument(s)"
            }
        throw QueryError(.argumentCount, "The \(function.name) function requires \(wanted).", at: location)
    }

    private mutating func bindAggregate(
        _ kind: AggregateKind, _ argument: ParsedExpression, _ location: SourceRange, _ scope: Scope
    ) throws(QueryError) -> BoundExpression {
        guard !isInsideAggregate else { throw .nestedAggregate(at: outermost(location)) }
        guard aggregates != nil else {
            throw QueryError(
                .invalidQuery, "Aggregate functions are only allowed in the SELECT clause.", at: location)
        }
        isInsideAggregate = true
        aggregateLocation = location
        defer {
            isInsideAggregate = false
            aggregateLocation = nil
        }
        let bound = BoundAggregate(kind: kind, argument: try bind(argument, scope))
        aggregates?.append(bound)
        return .aggregate((aggregates?.count ?? 1) - 1)
    }

    /// The service reports the aggregate that holds the other.
    private func outermost(_ location: SourceRange) -> SourceRange {
        aggregateLocation ?? location
    }
}

extension QueryError {
    static func nestedAggregate(at location: SourceRange) -> QueryError {
        QueryError(
            .nestedAggregate,
            "Cannot perform an aggregate function on an expression containing an aggregate or a subquery.",
            at: location)
    }
}

extension Value {
    init(_ literal: ParsedLiteral) {
        switch literal {
        case .undefined: self = .undefined
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .number(let number): self = number.int64.map(Value.integer) ?? .number(number.double)
        case .string(let value): self = .string(value)
        }
    }
}
