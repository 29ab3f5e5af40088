// OrreryQuery: Cosmos DB's query language. Text becomes a syntax tree (Parsed…), a bound query (Bound…), a logical plan
// (Logical…), a physical plan (Physical…) and rows; for clients that merge partitions themselves it becomes a query
// plan and rewritten text. It knows JSON documents and partition keys, and nothing of storage, HTTP or what a container
// is: documents come from a `DocumentSource`.

import OrreryDocuments
public import OrreryKeys

/// A query that was understood: parsed, bound to its parameters, and ready to be planned or run. It is immutable and
/// may run many times, over any source. A class, for it is handed from one to the other.
public final class Query: Sendable {
    private let template: QueryTemplate
    /// The values of the parameters that the template leaves open.
    private let values: [Value]
    private let text: [UInt8]
    private let parameters: QueryParameters

    var parsed: ParsedQuery { template.parsed }
    var limits: QueryLimits { template.limits }
    /// The query with all its parameters.
    var bound: BoundQuery { template.bound(with: values) }
    /// The same with its constants folded.
    var folded: BoundQuery {
        var query = template.folded
        if !values.isEmpty { query.filter = template.foldedFilter(with: values) }
        return query
    }

    /// Parses a SELECT statement and binds it.
    /// - Parameter computedProperties: what the container computes of its items.
    public convenience init(
        _ text: [UInt8], parameters: QueryParameters = QueryParameters(),
        computedProperties: [ComputedProperty] = [], limits: QueryLimits = QueryLimits()
    ) throws(QueryError) {
        try self.init(Parser.parse(text, limits: limits), text, parameters, limits, computedProperties)
    }

    /// Parses a SELECT statement and binds it.
    public convenience init(
        _ text: String, parameters: QueryParameters = QueryParameters(), limits: QueryLimits = QueryLimits()
    ) throws(QueryError) {
        try self.init(Array(text.utf8), parameters: parameters, limits: limits)
    }

    /// Parses a condition: see ``DocumentCondition``.
    convenience init(condition text: [UInt8], limits: QueryLimits) throws(QueryError) {
        try self.init(Parser.parseCondition(text, limits: limits), text, QueryParameters(), limits)
    }

    init(_ template: QueryTemplate, values: [Value], _ text: [UInt8], _ parameters: QueryParameters) {
        self.template = template
        self.values = values
        self.text = text
        self.parameters = parameters
    }

    private convenience init(
        _ parsed: ParsedQuery, _ text: [UInt8], _ parameters: QueryParameters, _ limits: QueryLimits,
        _ computedProperties: [ComputedProperty] = []
    ) throws(QueryError) {
        self.init(
            try QueryTemplate(parsed, parameters, limits, computedProperties, leavesOpen: false), values: [], text,
            parameters)
    }

    // MARK: What the query needs

    /// Whether a client (or a server that was asked to) must combine the rows of partitions: ORDER BY, TOP, OFFSET
    /// LIMIT, DISTINCT, aggregates and GROUP BY. Rows of any other query can simply be strung together.
    public var needsMerge: Bool { template.needsMerge }

    /// Whether rows come in the order in which the documents do. A continuation then names a document; others name the
    /// value that the last row was sorted or gathered by.
    public var streams: Bool { template.streams }

    /// Whether the query looks at items at all: one without FROM yields its row once, whatever the partitions.
    public var readsItems: Bool { template.readsItems }

    /// The partition keys whose items the filter can be true for.
    public func partitionKeys(under definition: PartitionKeyDefinition) -> PartitionKeySet {
        template.partitionKeys(under: definition)
            ?? partitionKeys(paths: definition.segments, isHierarchical: definition.kind == .multiHash)
    }

    func partitionKeys(paths: [[[UInt8]]], isHierarchical: Bool) -> PartitionKeySet {
        var planner = PartitionKeyPlanner(paths: paths)
        return planner.keySet(of: folded, isHierarchical: isHierarchical)
    }

    // MARK: Planning for a client

    /// The plan for a client that merges partitions itself and declares what it can merge.
    public func plan(
        under definition: PartitionKeyDefinition, features: Set<QueryFeature>
    ) throws(QueryError) -> QueryPlan {
        let keys = partitionKeys(under: definition)
        var plan = try self.plan(keys: keys, pathCount: definition.paths.count, features: features)
        plan.ranges = keys.ranges(under: definition)
        return plan
    }

    func plan(keys: PartitionKeySet, pathCount: Int, features: Set<QueryFeature>) throws(QueryError) -> QueryPlan {
        try checkCounts()
        let (parsed, bound) = (parsed, bound)
        let isSinglePartition = keys.singleKey(pathCount: pathCount) != nil
        let rewriter = QueryRewriter(
            parsed: parsed, bound: bound, features: features, isSinglePartition: isSinglePartition)
        if parsed.isRanked { return QueryPlan(hybridSearch: try rewriter.hybridSearch(), keys: keys) }
        let info = try rewriter.rewrite()
        // Rewriting makes the text longer and nests it deeper; what the client would be refused later is refused now.
        if !info.rewrittenQuery.isEmpty { _ = try Parser.parse(Array(info.rewrittenQuery.utf8), limits: limits) }
        return QueryPlan(queryInfo: info, keys: keys)
    }

    /// Clients hold these counts in 31 bits; only the rewritten text may name more.
    private func checkCounts() throws(QueryError) {
        let (parsed, bound) = (parsed, template.bound)
        let most = Int(Int32.max)
        if let top = parsed.top, bound.limit ?? 0 > most { throw .badCount(.topBound, at: top.location) }
        if let limit = parsed.limit, bound.limit ?? 0 > most { throw .badCount(.limitBound, at: limit.location) }
        if let offset = parsed.offset, bound.offset > most { throw .badCount(.offsetBound, at: offset.location) }
    }

    // MARK: Running

    /// bound query → logical plan → optimized plan → physical plan.
    func physicalPlan(passes: [Optimizer.Pass] = Optimizer.Pass.allCases) throws(QueryError) -> PhysicalPlan {
        try template.plans(of: bound, passes: passes).physical
    }

    /// The plan that queries of this text share.
    func sharedPlan() throws(QueryError) -> CachedPlan { try template.sharedPlan() }

    /// A plan of this query alone, with its parameters in it.
    func newPlan() throws(QueryError) -> CachedPlan { try template.newPlan(for: bound, folded: folded) }

    /// What the index is asked for, of a plan that queries share.
    func demand(of plan: CachedPlan) -> IndexDemand {
        if values.isEmpty { return plan.demand }
        return IndexDemand(plan.demand, values: values)
            ?? IndexDemand(plan.demand, asking: template.foldedFilter(with: values), of: template.bound)
    }

    /// Runs one page over the documents of a scope. Aggregates always come whole, whatever the page's limits.
    public func page<Source: DocumentSource & ~Copyable>(
        over source: inout Source, options: QueryPageOptions
    ) throws(QueryError) -> QueryPage {
        try page(over: &source, plan: SharedPlan(try physicalPlan()), options: options)
    }

    func page<Source: DocumentSource & ~Copyable>(
        over source: inout Source, plan: SharedPlan, options: QueryPageOptions
    ) throws(QueryError) -> QueryPage {
        var executor = try executor(plan, options: options)
        return try executor.page(over: &source)
    }

    func executor(_ plan: SharedPlan, options: QueryPageOptions) throws(QueryError) -> QueryExecutor {
        QueryExecutor(
            plan, of: self, slotCount: template.slotCount, parameters: values,
            limits: options.isBrief ? limits.brief : limits, options: options, start: try start(options))
    }

    /// What a page's continuation says, if it has one.
    func start(_ options: QueryPageOptions) throws(QueryError) -> Continuation? {
        guard let text = options.continuation else { return nil }
        return try Continuation(text: text, signing: signing(options))
    }

    func signing(_ options: QueryPageOptions) -> ContinuationSigning {
        ContinuationSigning(sign: options.services.sign, text: text, parameters: parameters, scope: options.scope)
    }
}
