public import OrreryDocuments

/// A query with its plan made: what is done once for a page, whatever the page is read from.
public final class PreparedQuery: Sendable {
    public let query: Query
    private let made: CachedPlan
    /// What an index can tell of its documents.
    public let demand: IndexDemand
    /// The plan that is run: with probes where rows are counted.
    let shared: SharedPlan
    /// Whether rows are counted on their way.
    public let isExplained: Bool

    init(_ query: Query, _ made: CachedPlan, _ demand: IndexDemand, isExplained: Bool) {
        self.query = query
        self.made = made
        self.demand = demand
        self.isExplained = isExplained
        shared = isExplained ? SharedPlan(made.physical.plan.probed) : made.physical
    }

    var plan: PhysicalPlan { shared.plan }
    var logical: LogicalPlan { made.logical }

    /// See ``Query/streams``.
    public var streams: Bool { query.streams }
    /// See ``Query/readsItems``.
    public var readsItems: Bool { query.readsItems }

    /// Runs one page over the documents of a scope. Aggregates always come whole, whatever the page's limits.
    public func page<Source: DocumentSource & ~Copyable>(
        over source: inout Source, options: QueryPageOptions
    ) throws(QueryError) -> QueryPage {
        try query.page(over: &source, plan: shared, options: options)
    }

    /// Runs one page over documents that come in the query's order.
    public func page<Source: OrderedDocumentSource & ~Copyable>(
        ordered source: inout Source, options: QueryPageOptions
    ) throws(QueryError) -> QueryPage {
        var executor = try query.executor(shared, options: options)
        return try executor.timedPage { (executor) throws(QueryError) in try executor.orderedPage(over: &source) }
    }

    /// Runs one page of a query that ``IndexDemand/isVerbatim`` over the documents that satisfy its exact condition.
    public func page<Source: DocumentTextSource & ~Copyable>(
        verbatim source: inout Source, options: QueryPageOptions
    ) throws(QueryError) -> QueryPage {
        var executor = try query.executor(shared, options: options)
        return try executor.timedPage { (executor) throws(QueryError) in try executor.verbatimPage(over: &source) }
    }

    /// What an index found for one of ``IndexDemand/aggregates``.
    public enum AggregateResult: Sendable {
        case count(Int)
        /// The least or the greatest value.
        case value(JSONNode)
        /// There is no value, or one is an array or object.
        case nothing
    }

    /// The answer of a query whose ``IndexDemand/aggregates`` have these results.
    public func page(
        aggregates: [AggregateResult], options: QueryPageOptions
    ) throws(QueryError) -> QueryPage {
        var executor = try query.executor(shared, options: options)
        return try executor.timedPage { (executor) throws(QueryError) in try executor.aggregatedPage(aggregates) }
    }

    /// Where the rows behind a continuation begin, in the order of ``IndexDemand/order``: the values of the last row
    /// returned, and its document's number where that is known. Nil at the start.
    public func resumePlace(
        _ options: QueryPageOptions
    ) throws(QueryError) -> (places: [OrderPlace], resourceNumber: UInt64?)? {
        guard case .key(let key, let isCut, _)? = try query.start(options)?.place else {
            return nil
        }
        let (places, number) = key.places(isDescending: plan.orderBy.map(\.isDescending))
        return (places, isCut ? nil : number)
    }

    /// The document that a continuation of rows strung together goes on at; nil at the start, and for any other query.
    public func resumePosition(_ options: QueryPageOptions) throws(QueryError) -> DocumentPosition? {
        guard case .streaming(let position, _)? = try query.start(options)?.place else {
            return nil
        }
        return position
    }
}

extension Query {
    /// Makes the plan.
    /// - Parameters:
    ///   - isExplained: whether rows are counted on their way, for ``PreparedQuery/steps(of:)``.
    ///   - isLong: whether the plan is made anew though it may be known. Several threads that run one plan count the
    ///     references to its parts in the same places, which costs more over many documents than to make it.
    public func prepared(isExplained: Bool = false, isLong: Bool = false) throws(QueryError) -> PreparedQuery {
        if isLong || isExplained {
            let plan = try newPlan()
            return PreparedQuery(self, plan, plan.demand, isExplained: isExplained)
        }
        let plan = try sharedPlan()
        return PreparedQuery(self, plan, demand(of: plan), isExplained: false)
    }
}
