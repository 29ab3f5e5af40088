// OrreryQuery: Cosmos DB's query language. Text becomes a syntax tree (Parsed…), a bound query (Bound…), a logical plan
// (Logical…), a physical plan (Physical…) and rows; for clients that merge partitions themselves it becomes a query
// plan and rewritten text. It knows JSON documents and partition keys, and nothing of storage, HTTP or what a container
// is: documents come from a `DocumentSource`.

public import OrreryDocuments
public import OrreryKeys
internal import Synchronization

/// A query that was understood: parsed, bound to its parameters, and ready to be planned or run. It is immutable and
/// may run many times, over any source.
public struct Query: Sendable {
    let parsed: ParsedQuery
    let bound: BoundQuery
    let limits: QueryLimits
    private let slotCount: Int
    private let text: [UInt8]
    /// The parameters in one form, for what is bound to them.
    private let parameterBytes: [UInt8]
    private let unsupportedCalls: [(name: String, location: SourceRange)]
    /// Where the plan is kept for the next query of this text; nil for a query that no cache knows.
    private let cached: QueryCache.Entry?

    /// Parses a SELECT statement and binds it.
    /// - Parameter computedProperties: what the container computes of its items.
    public init(
        _ text: [UInt8], parameters: QueryParameters = QueryParameters(),
        computedProperties: [ComputedProperty] = [], limits: QueryLimits = QueryLimits()
    ) throws(QueryError) {
        try self.init(Parser.parse(text, limits: limits), text, parameters, limits, computedProperties)
    }

    /// Parses a SELECT statement and binds it.
    public init(
        _ text: String, parameters: QueryParameters = QueryParameters(), limits: QueryLimits = QueryLimits()
    ) throws(QueryError) {
        try self.init(Array(text.utf8), parameters: parameters, limits: limits)
    }

    /// Parses a condition as a patch carries it: `from c where c.stock > 0`; see `matches`.
    public init(condition text: [UInt8], limits: QueryLimits = QueryLimits()) throws(QueryError) {
        try self.init(Parser.parseCondition(text, limits: limits), text, QueryParameters(), limits)
    }

    init(
        _ entry: QueryCache.Entry, _ text: [UInt8], _ parameters: QueryParameters, _ limits: QueryLimits,
        _ computedProperties: [ComputedProperty]
    ) throws(QueryError) {
        try self.init(entry.parsed, text, parameters, limits, computedProperties, entry)
    }

    private init(
        _ parsed: ParsedQuery, _ text: [UInt8], _ parameters: QueryParameters, _ limits: QueryLimits,
        _ computedProperties: [ComputedProperty] = [], _ cached: QueryCache.Entry? = nil
    ) throws(QueryError) {
        var binder = Binder(parameters: parameters, limits: limits, computedProperties: computedProperties)
        self.parsed = parsed
        self.cached = cached
        bound = try binder.bind(statement: parsed)
        self.limits = limits
        self.text = text
        parameterBytes = parameters.canonicalBytes
        slotCount = binder.slotCount
        unsupportedCalls = binder.unsupportedCalls
    }

    // MARK: What the query needs

    /// Whether a client (or a server that was asked to) must combine the rows of partitions: ORDER BY, TOP, OFFSET
    /// LIMIT, DISTINCT, aggregates and GROUP BY. Rows of any other query can simply be strung together.
    public var needsMerge: Bool {
        if case .none = bound.root { return false }
        return !bound.isStreaming || bound.limit != nil || bound.offset > 0 || !bound.hasPlainRoot
    }

    /// Whether rows come in the order in which the documents do. A continuation then names a document; others name the
    /// value that the last row was sorted or gathered by.
    public var streams: Bool { bound.isStreaming }

    /// Whether the query looks at items at all: one without FROM yields its row once, whatever the partitions.
    public var readsItems: Bool { bound.readsItems }

    /// The partition keys whose items the filter can be true for.
    public func partitionKeys(under definition: PartitionKeyDefinition) -> PartitionKeySet {
        partitionKeys(paths: definition.segments, isHierarchical: definition.kind == .multiHash)
    }

    func partitionKeys(paths: [[[UInt8]]], isHierarchical: Bool) -> PartitionKeySet {
        var planner = PartitionKeyPlanner(paths: paths)
        return planner.keySet(of: ConstantFolding(limits: limits).fold(bound), isHierarchical: isHierarchical)
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
        let most = Int(Int32.max)
        if let top = parsed.top, bound.limit ?? 0 > most { throw .badCount(.topBound, at: top.location) }
        if let limit = parsed.limit, bound.limit ?? 0 > most { throw .badCount(.limitBound, at: limit.location) }
        if let offset = parsed.offset, bound.offset > most { throw .badCount(.offsetBound, at: offset.location) }
    }

    // MARK: Running

    /// bound query → logical plan → optimized plan → physical plan.
    func physicalPlan(passes: [Optimizer.Pass] = Optimizer.Pass.allCases) throws(QueryError) -> PhysicalPlan {
        try plans(passes: passes).physical
    }

    /// All that is made before the query runs, or what was made for the last query of this text if it had the same
    /// parameters.
    func cachedPlan() throws(QueryError) -> CachedPlan {
        guard let cached else { return try newPlan() }
        let known = cached.plan.withLock { $0 }
        if known.parameters == parameterBytes, let plan = known.plan { return plan }
        let plan = try newPlan()
        // A plan is kept once its parameters have come twice: those that never come again are not worth it.
        let isKept = known.parameters == parameterBytes && parameterBytes.count <= QueryCache.parameterBytesMax
        cached.plan.withLock { $0 = (parameterBytes, isKept ? plan : nil) }
        return plan
    }

    func newPlan() throws(QueryError) -> CachedPlan {
        let (logical, physical) = try plans()
        return CachedPlan(
            logical: logical, physical: physical,
            demand: IndexDemand(ConstantFolding(limits: limits).fold(bound), logical))
    }

    func plans(
        passes: [Optimizer.Pass] = Optimizer.Pass.allCases
    ) throws(QueryError) -> (logical: LogicalPlan, physical: PhysicalPlan) {
        if let call = unsupportedCalls.first { throw .unsupported(call.name, at: call.location) }
        guard !parsed.isRanked else { throw .unsupported("ORDER BY RANK") }
        let logical = Optimizer(passes: passes, limits: limits).optimize(LogicalPlan(bound))
        return (logical, try PhysicalPlanner(limits: limits, passes: passes).plan(logical))
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
        let signing = signing(options)
        return try QueryExecutor(
            plan, slotCount: slotCount, limits: options.isBrief ? limits.brief : limits, options: options,
            signing: signing)
    }

    /// What a page's continuation says, if it has one.
    func start(_ options: QueryPageOptions) throws(QueryError) -> Continuation? {
        guard let text = options.continuation else { return nil }
        return try Continuation(text: text, signing: signing(options))
    }

    private func signing(_ options: QueryPageOptions) -> ContinuationSigning {
        ContinuationSigning(sign: options.sign, text: text, parameters: parameterBytes, scope: options.scope)
    }

    /// Whether the query yields a row for one document: the condition of a patch.
    public func matches(_ document: JSONDocument) throws(QueryError) -> Bool {
        var source = DocumentList([document])
        var options = QueryPageOptions(sign: { _ in [] })
        options.rowCountMax = 1
        return try page(over: &source, options: options).rowCount > 0
    }
}
