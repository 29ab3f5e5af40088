/// Resolves names: identifiers to slots, parameters to values, calls to functions; and refuses what has no meaning.
/// FROM is in `Binder+Sources.swift`, expressions in `Binder+Expressions.swift`, grouping in `Binder+Grouping.swift`.
struct Binder {
    let parameters: QueryParameters
    let limits: QueryLimits
    /// What the container computes; empty while one of these is bound, for they cannot build on each other.
    var computedProperties: [ComputedProperty]
    /// The slot that holds the items themselves.
    var documentSlot: Int?
    private(set) var slotCount = 0
    var joinCount = 0
    var userDefinedFunctionCount = 0
    /// The aggregates of the select list being bound; nil where aggregates may not stand.
    var aggregates: [BoundAggregate]?
    /// Whether the expression being bound stands inside an aggregate's argument.
    var isInsideAggregate = false
    var aggregateLocation: SourceRange?
    /// Whether parameters that the filter compares with are left open; else their values are bound as all others are.
    var leavesParametersOpen = false
    /// Whether what is being bound stands in the filter of the statement itself.
    private(set) var isInOuterFilter = false
    /// The parameters that were left open.
    private(set) var openParameters: [String] = []
    /// Functions that parse but are not carried out, found on the way.
    var unsupportedCalls: [(name: String, location: SourceRange)] = []

    init(parameters: QueryParameters, limits: QueryLimits, computedProperties: [ComputedProperty] = []) {
        self.parameters = parameters
        self.computedProperties = computedProperties
        self.limits = limits
    }

    /// Binds what the filter compares something with: a parameter there may be left open, for no plan depends on it but
    /// by what the index is asked.
    mutating func bind(operand: ParsedExpression, _ scope: Scope) throws(QueryError) -> BoundExpression {
        guard isInOuterFilter, case .parameter(let name) = operand.kind, parameters[name] != nil else {
            return try bind(operand, scope)
        }
        if let index = openParameters.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) {
            return .parameter(index)
        }
        openParameters.append(name)
        return .parameter(openParameters.count - 1)
    }

    /// Runs `body` where no parameter is left open.
    mutating func closingParameters<Result>(
        _ body: (inout Binder) throws(QueryError) -> Result
    ) throws(QueryError) -> Result {
        let enclosing = isInOuterFilter
        isInOuterFilter = false
        defer { isInOuterFilter = enclosing }
        return try body(&self)
    }

    mutating func newSlot() -> Int {
        slotCount += 1
        return slotCount - 1
    }

    /// Binds a whole statement.
    mutating func bind(statement: ParsedQuery) throws(QueryError) -> BoundQuery {
        try bind(statement, in: Scope(), isRoot: true, isSubquery: false)
    }

    /// - Parameters:
    ///   - isRoot: whether an unknown first name in FROM means the container.
    ///   - isSubquery: whether the query stands inside another.
    mutating func bind(
        _ parsed: ParsedQuery, in outer: Scope, isRoot: Bool, isSubquery: Bool
    ) throws(QueryError) -> BoundQuery {
        var scope = outer
        // Aggregates of this query are not those of the one around it.
        let enclosing = (aggregates, isInsideAggregate)
        aggregates = nil
        isInsideAggregate = false
        defer { (aggregates, isInsideAggregate) = enclosing }

        var query = BoundQuery(root: .none, projection: .constant(.undefined), isValue: false)
        try bindSources(parsed.sources, of: &query, scope: &scope, isRoot: isRoot)
        if let filter = parsed.filter {
            isInOuterFilter = !isSubquery && leavesParametersOpen
            query.filter = try bind(filter, scope)
            isInOuterFilter = false
        }
        for key in parsed.groupBy { query.groupKeys.append(try bind(key, scope)) }

        aggregates = []
        try bindSelection(parsed, of: &query, scope)
        query.aggregates = aggregates ?? []
        aggregates = nil
        if query.isGrouped { try group(&query, parsed, scope) }

        query.isDistinct = parsed.isDistinct
        try bindOrder(parsed, of: &query, scope, isSubquery: isSubquery)
        try bindCounts(parsed, of: &query)
        return query
    }

    // MARK: SELECT

    private mutating func bindSelection(
        _ parsed: ParsedQuery, of query: inout BoundQuery, _ scope: Scope
    ) throws(QueryError) {
        switch parsed.selection {
        case .star(let location):
            guard parsed.groupBy.isEmpty else {
                throw QueryError(.starWithGroupBy, "'SELECT *' is not allowed with GROUP BY.", at: location)
            }
            guard parsed.sources.count == 1, let slot = query.slots.last else {
                let message = "'SELECT *' is only valid with a single input set."
                throw QueryError(.invalidQuery, message, at: location)
            }
            query.projection = .slot(slot)
            query.isValue = true
        case .value(let expression):
            query.projection = try bind(expression, scope)
            query.isValue = true
        case .list(let items):
            var properties: [BoundProperty] = []
            for (name, item) in zip(OutputName.names(of: items), items) {
                properties.append(BoundProperty(name: name, value: try bind(item.expression, scope)))
            }
            query.projection = .object(distinctProperties(properties))
            query.isValue = false
        }
    }

    /// Of a name that comes twice the last value holds, in the place of the first.
    func distinctProperties(_ properties: [BoundProperty]) -> [BoundProperty] {
        var places: [[UInt8]: Int] = [:]
        var kept: [BoundProperty] = []
        for property in properties {
            let key = Array(property.name.utf8)
            if let place = places[key] {
                kept[place] = property
            } else {
                places[key] = kept.count
                kept.append(property)
            }
        }
        return kept
    }

    // MARK: ORDER BY, TOP, OFFSET and LIMIT

    private mutating func bindOrder(
        _ parsed: ParsedQuery, of query: inout BoundQuery, _ scope: Scope, isSubquery: Bool
    ) throws(QueryError) {
        guard let first = parsed.orderBy.first else { return }
        guard !isSubquery else {
            throw QueryError(.invalidQuery, "'ORDER BY' is not supported in subqueries.", at: first.expression.location)
        }
        guard query.groupKeys.isEmpty else {
            throw QueryError(
                .invalidQuery, "'ORDER BY' is not supported together with GROUP BY.", at: first.expression.location)
        }
        for item in parsed.orderBy {
            guard parsed.isRanked || item.expression.isOrderable else { throw .unmappedOrderBy }
            query.orderBy.append(
                BoundOrderItem(
                    expression: try bind(item.expression, scope), isDescending: item.isDescending ?? parsed.isRanked))
        }
        // One row comes of an aggregate, which leaves nothing to order.
        if query.isGrouped { query.orderBy = [] }
    }

    private func bindCounts(_ parsed: ParsedQuery, of query: inout BoundQuery) throws(QueryError) {
        if let top = parsed.top {
            guard parsed.offset == nil else {
                throw QueryError(.invalidQuery, "'TOP' and 'OFFSET LIMIT' cannot be used together.", at: top.location)
            }
            query.limit = try value(of: top, .topBound)
        }
        if let offset = parsed.offset, let limit = parsed.limit {
            query.offset = try value(of: offset, .offsetBound)
            query.limit = try value(of: limit, .limitBound)
        }
    }

    private func value(of count: ParsedCount, _ code: QueryError.Code) throws(QueryError) -> Int {
        switch count.kind {
        case .literal(let value): return value
        case .parameter(let name):
            guard let value = parameters[name] else { throw .unknownParameter(name, at: count.location) }
            guard let number = value.int64, (0...Int64(UInt32.max)).contains(number) else {
                throw .badCount(code, at: count.location)
            }
            return Int(number)
        }
    }
}

extension QueryError {
    static let unmappedOrderBy = QueryError(
        .unsupportedOrderBy,
        "Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.")

    /// The refusal of the number after TOP, OFFSET or LIMIT, by the clause's code.
    static func badCount(_ code: Code, at location: SourceRange) -> QueryError {
        let message =
            switch code {
            case .topBound: "The count value provided for a TOP clause must be an integer."
            case .offsetBound: "The OFFSET count value exceeds the maximum allowed value."
            default: "The LIMIT count value exceeds the maximum allowed value."
            }
        return QueryError(code, message, at: location)
    }

    static func unknownParameter(_ name: String, at location: SourceRange) -> QueryError {
        QueryError(.unresolvedIdentifier, "The query parameter '\(name)' was not given a value.", at: location)
    }
}

extension ParsedExpression {
    /// Whether ORDER BY takes the expression: a path, or a function that scores items.
    fileprivate var isOrderable: Bool {
        switch kind {
        case .identifier: true
        case .member(let base, _): base.isPath
        case .index(let base, let index): base.isPath && index.isFixedIndex
        case .call(let call):
            ["vectordistance", "fulltextscore", "rrf", "_fulltextscore"].contains(call.name.lowercased())
        default: false
        }
    }

    /// Whether the expression is a chain of names and fixed indexes from a FROM alias.
    var isPath: Bool {
        switch kind {
        case .identifier: true
        case .member(let base, _): base.isPath
        case .index(let base, let index): base.isPath && index.isFixedIndex
        default: false
        }
    }

    private var isFixedIndex: Bool {
        switch kind {
        case .literal, .parameter: true
        default: false
        }
    }
}
