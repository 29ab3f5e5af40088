extension QueryRewriter {
    /// `SELECT VALUE [{"item": COUNT(1)}]`, or with columns `SELECT {"$1": {"item": COUNT(1)}} AS payload`.
    func rewriteAggregates(_ info: inout QueryInfo) throws(QueryError) {
        var query = parsed
        (query.top, query.offset, query.limit) = (nil, nil, nil)
        query.isDistinct = false
        switch parsed.selection {
        case .star: return
        case .value(let expression):
            let aggregate = try bareAggregate(expression)
            try requireFeatures(for: [aggregate.kind])
            info.aggregates = [aggregate.kind.rawValue]
            query.selection = .value(ParsedExpression(.array([aggregate.partial])))
        case .list(let items):
            let columns = try columns(of: items)
            let kinds = columns.compactMap(\.aggregate)
            try requireFeatures(for: kinds)
            if features.contains(.nonValueAggregate) {
                addColumns(columns, to: &info)
            } else {
                // A client without columns of aggregates refuses the query itself, by this list.
                info.aggregates = kinds.map(\.rawValue)
            }
            query.selection = .list([ParsedSelectItem(expression: payload(of: columns), alias: "payload")])
        }
        info.rewrittenQuery = QueryPrinter.text(of: query)
    }

    /// `SELECT [{"item": key}] AS groupByItems, … AS payload … GROUP BY key`
    func rewriteGroups(_ info: inout QueryInfo) throws(QueryError) {
        try require(.groupBy)
        var query = parsed
        (query.top, query.offset, query.limit) = (nil, nil, nil)
        query.isDistinct = false
        info.groupByExpressions = parsed.groupBy.map { QueryPrinter.text(of: $0) }
        let payload: ParsedExpression
        switch parsed.selection {
        case .star: return
        case .value(let expression):
            if let aggregate = try aggregate(expression) {
                info.aggregates = [aggregate.kind.rawValue]
                payload = ParsedExpression(.array([aggregate.partial]))
            } else {
                payload = expression
            }
        case .list(let items):
            let columns = try columns(of: items)
            addColumns(columns, to: &info)
            payload = self.payload(of: columns)
        }
        query.selection = .list([
            ParsedSelectItem(expression: .items(parsed.groupBy), alias: "groupByItems"),
            ParsedSelectItem(expression: payload, alias: "payload"),
        ])
        info.rewrittenQuery = QueryPrinter.text(of: query)
    }

    /// `SELECT COUNT(1) FROM (SELECT DISTINCT …)`: the client counts the distinct rows of the inner query.
    func distinctCount() throws(QueryError) -> QueryInfo? {
        guard case .derived(let derived, _) = bound.root, derived.isDistinct, derived.hasPlainRoot,
            derived.limit == nil, bound.aggregates.count == 1, bound.aggregates[0].kind == .count,
            case .constant(let counted) = bound.aggregates[0].argument, !counted.isUndefined,
            bound.sources.isEmpty, bound.filter == nil, bound.groupKeys.isEmpty,
            case .subquery(let inner)? = parsed.sources.first?.collection
        else { return nil }
        try require(.distinctCount)
        var info = QueryInfo()
        info.distinctType = .unordered
        info.rewrittenQuery = QueryPrinter.text(of: inner)
        switch parsed.selection {
        case .value(let expression):
            _ = try bareAggregate(expression)
            info.distinctCountAlias = ""
            info.hasSelectValue = true
        case .list(let items):
            guard items.count == 1 else { return nil }
            info.distinctCountAlias = OutputName.names(of: items)[0]
        case .star: return nil
        }
        return info
    }

    // MARK: Columns

    private struct Column {
        let alias: String
        let aggregate: AggregateKind?
        let value: ParsedExpression
    }

    private func columns(of items: [ParsedSelectItem]) throws(QueryError) -> [Column] {
        var columns: [Column] = []
        for (alias, item) in zip(OutputName.names(of: items), items) {
            if let aggregate = try aggregate(item.expression) {
                columns.append(Column(alias: alias, aggregate: aggregate.kind, value: aggregate.partial))
            } else {
                columns.append(Column(alias: alias, aggregate: nil, value: item.expression))
            }
        }
        return columns
    }

    private func addColumns(_ columns: [Column], to info: inout QueryInfo) {
        info.groupByAliases = columns.map(\.alias)
        info.aggregateByAlias = columns.map { ($0.alias, $0.aggregate?.rawValue) }
    }

    private func payload(of columns: [Column]) -> ParsedExpression {
        ParsedExpression(.object(columns.map { ParsedProperty(name: $0.alias, value: $0.value) }))
    }

    // MARK: Aggregates

    /// The aggregate that an expression is; nil when it holds none. One inside another expression cannot be merged.
    private func aggregate(
        _ expression: ParsedExpression
    ) throws(QueryError) -> (kind: AggregateKind, partial: ParsedExpression)? {
        if case .call(let call) = expression.kind, !call.isUserDefined,
            case .aggregate(let kind)? = FunctionTable.function(named: call.name)?.evaluation
        {
            return (kind, Self.partial(of: kind, call.arguments[0]))
        }
        guard !expression.holdsAggregate else {
            throw .planner("Compositions of aggregates and other expressions are not allowed.")
        }
        return nil
    }

    private func bareAggregate(
        _ expression: ParsedExpression
    ) throws(QueryError) -> (kind: AggregateKind, partial: ParsedExpression) {
        guard let aggregate = try aggregate(expression) else {
            throw .planner("Compositions of aggregates and other expressions are not allowed.")
        }
        return aggregate
    }

    private static func partial(of kind: AggregateKind, _ argument: ParsedExpression) -> ParsedExpression {
        let call = ParsedExpression.call(kind.functionName, [argument])
        let count = ParsedExpression.call("COUNT", [argument])
        switch kind {
        case .average: return .object(["item": .object(["sum": .call("SUM", [argument]), "count": count])])
        case .min: return .object(["item": call, "item2": .object(["min": call, "count": count])])
        case .max: return .object(["item": call, "item2": .object(["max": call, "count": count])])
        case .count, .countIf, .makeList, .makeSet, .sum: return .object(["item": call])
        }
    }

    // MARK: Features

    private func requireFeatures(for kinds: [AggregateKind]) throws(QueryError) {
        try require(.aggregate)
        if kinds.count > 1 { try require(.multipleAggregates) }
        for kind in kinds {
            if kind == .countIf { try require(.countIf) }
            if kind == .makeList || kind == .makeSet { try require(.listAndSetAggregate) }
        }
    }
}

extension ParsedExpression {
    /// Whether an aggregate function stands anywhere in the expression, subqueries left out.
    var holdsAggregate: Bool {
        if case .call(let call) = kind, !call.isUserDefined,
            case .aggregate = FunctionTable.function(named: call.name)?.evaluation
        {
            return true
        }
        return children.contains { $0.holdsAggregate }
    }
}
