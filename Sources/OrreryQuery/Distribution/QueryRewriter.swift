/// Rewrites a query so that each partition yields parts that a client can merge, and says how to merge them.
/// It works on the syntax tree; the SDKs fix what the parts look like (query-language specification, section 5).
struct QueryRewriter {
    /// The hole in which SDKs put the condition that resumes an ORDER BY.
    static let orderByFilterPlaceholder = "{documentdb-formattableorderbyquery-filter}"

    let parsed: ParsedQuery
    let bound: BoundQuery
    let features: Set<QueryFeature>
    /// Whether the filter leaves a single partition key, so that nothing needs merging unless rows are combined.
    let isSinglePartition: Bool

    func rewrite() throws(QueryError) -> QueryInfo {
        var info = QueryInfo()
        info.hasSelectValue = if case .value = parsed.selection { true } else { false }
        // Without FROM there is one row, and no partition to merge.
        guard !parsed.sources.isEmpty else { return info }
        if let info = try distinctCount() { return info }
        guard bound.hasPlainRoot else {
            throw .planner("Subqueries in FROM that combine items are not supported across partitions.")
        }
        try addCounts(to: &info)
        if parsed.isDistinct {
            try require(.distinct)
            info.distinctType = isDistinctOrdered ? .ordered : .unordered
        }
        if !parsed.groupBy.isEmpty {
            try rewriteGroups(&info)
        } else if !bound.aggregates.isEmpty {
            try rewriteAggregates(&info)
        } else if !parsed.orderBy.isEmpty {
            try rewriteOrder(&info)
        } else if parsed.offset != nil {
            rewriteOffset(&info)
        }
        return info
    }

    func require(_ feature: QueryFeature) throws(QueryError) {
        guard features.contains(feature) else { throw missing(feature) }
    }

    func missing(_ feature: QueryFeature) -> QueryError {
        QueryError(
            .featureMissing,
            "Query contains 1 or more unsupported features. Upgrade your SDK to a version that does support the "
                + "requested features: \(feature.rawValue).")
    }

    private func addCounts(to info: inout QueryInfo) throws(QueryError) {
        if parsed.top != nil {
            try require(.top)
            info.top = bound.limit
        } else if parsed.offset != nil {
            let combinesRows = parsed.isDistinct || bound.isGrouped
            // A single partition skips and cuts by itself.
            if isSinglePartition && !combinesRows { return }
            try require(.offsetAndLimit)
            info.offset = bound.offset
            info.limit = bound.limit
        }
    }

    /// Distinct rows come in the order of their one column when that is what ORDER BY names.
    private var isDistinctOrdered: Bool {
        guard case .value(let expression) = parsed.selection, parsed.orderBy.count == 1,
            let item = parsed.orderBy.first
        else { return false }
        return QueryPrinter.text(of: expression) == QueryPrinter.text(of: item.expression)
    }

    // MARK: OFFSET LIMIT

    private func rewriteOffset(_ info: inout QueryInfo) {
        guard info.limit != nil else { return }
        var query = parsed
        if parsed.isDistinct {
            (query.offset, query.limit) = (nil, nil)
        } else {
            takeFromStart(&query)
        }
        info.rewrittenQuery = QueryPrinter.text(of: query)
    }

    /// Each partition yields the rows that may be skipped, too.
    private func takeFromStart(_ query: inout ParsedQuery) {
        query.offset = .number(0)
        query.limit = .number(bound.offset + (bound.limit ?? 0))
    }

    // MARK: ORDER BY

    private func rewriteOrder(_ info: inout QueryInfo) throws(QueryError) {
        try require(.orderBy)
        if parsed.orderBy.count > 1 { try require(.multipleOrderBy) }
        let isVectorSearch = parsed.orderBy.contains { $0.expression.isCall(of: "VectorDistance") }
        if isVectorSearch {
            try require(.nonStreamingOrderBy)
            guard bound.limit != nil else {
                throw .planner("A vector search needs TOP or LIMIT to run across partitions.")
            }
        }
        info.hasNonStreamingOrderBy = isVectorSearch
        // Without a policy that says otherwise vectors are compared by cosine similarity: the nearest come first.
        info.orderByDescending = parsed.orderBy.map { item in
            item.isDescending ?? item.expression.isCall(of: "VectorDistance")
        }
        info.orderByExpressions = parsed.orderBy.map { QueryPrinter.text(of: $0.expression) }

        var query = parsed
        query.isDistinct = false
        if parsed.isDistinct {
            (query.top, query.offset, query.limit) = (nil, nil, nil)
        } else if info.limit != nil {
            takeFromStart(&query)
        }
        query.selection = .list([
            ParsedSelectItem(expression: .path(rootAlias, "_rid"), alias: nil),
            ParsedSelectItem(expression: .items(parsed.orderBy.map(\.expression)), alias: "orderByItems"),
            ParsedSelectItem(expression: payload, alias: "payload"),
        ])
        query.filter = resumableFilter()
        info.rewrittenQuery = QueryPrinter.text(of: query)
    }

    func resumableFilter() -> ParsedExpression {
        let hole = ParsedExpression(.placeholder(QueryRewriter.orderByFilterPlaceholder))
        let filter = parsed.filter.map { ParsedExpression(.logical(.and, [$0, hole])) } ?? hole
        guard case .value(let expression) = parsed.selection else { return filter }
        return ParsedExpression(.logical(.and, [filter, .call("IS_DEFINED", [expression])]))
    }

    var rootAlias: String {
        guard let source = parsed.sources.first else { return "" }
        if let alias = source.alias { return alias }
        guard case .path(let root, let steps) = source.collection else { return "" }
        return steps.last?.name ?? root
    }

    /// What the client hands on as the row.
    var payload: ParsedExpression {
        switch parsed.selection {
        case .star: ParsedExpression(.identifier(rootAlias))
        case .value(let expression): expression
        case .list(let items):
            ParsedExpression(
                .object(
                    zip(OutputName.names(of: items), items).map { name, item in
                        ParsedProperty(name: name, value: item.expression)
                    }))
        }
    }
}

extension BoundQuery {
    /// Whether FROM leads to the container's items.
    var readsItems: Bool {
        switch root {
        case .none: false
        case .documents: true
        case .derived(let query, _): query.readsItems
        }
    }

    /// Whether the rows of FROM can be taken partition by partition.
    var hasPlainRoot: Bool {
        switch root {
        case .none, .documents: true
        case .derived(let query, _): query.isStreaming && query.limit == nil && query.hasPlainRoot
        }
    }
}

extension ParsedCount {
    static func number(_ value: Int) -> ParsedCount {
        ParsedCount(kind: .literal(value), location: SourceRange(start: 0, end: 0))
    }
}

extension ParsedExpression {
    static func path(_ root: String, _ name: String) -> ParsedExpression {
        ParsedExpression(.member(ParsedExpression(.identifier(root)), name: name))
    }

    static func object(_ properties: KeyValuePairs<String, ParsedExpression>) -> ParsedExpression {
        ParsedExpression(.object(properties.map { ParsedProperty(name: $0.key, value: $0.value) }))
    }

    /// `[{"item": a}, {"item": b}]`
    static func items(_ expressions: [ParsedExpression]) -> ParsedExpression {
        ParsedExpression(.array(expressions.map { .object(["item": $0]) }))
    }

    static func call(_ name: String, _ arguments: [ParsedExpression]) -> ParsedExpression {
        ParsedExpression(
            .call(
                ParsedCall(
                    name: name, arguments: arguments, isUserDefined: false,
                    nameLocation: SourceRange(start: 0, end: 0))))
    }

    /// Whether the expression is a call of this function.
    func isCall(of name: String) -> Bool {
        guard case .call(let call) = kind, !call.isUserDefined else { return false }
        return FunctionTable.function(named: call.name)?.name == name
    }
}
