import OrreryDocuments
import OrreryKeys
import Synchronization

/// A query text that was read, bound and planned once for all parameters that it comes with.
///
/// Parameters that the filter compares something with are left open: what a plan looks like does not depend on them,
/// only what is asked of the index, which is worked out for each query. The values of all others (TOP, patterns,
/// arguments of functions, …) are bound with the text, and with other values of theirs there is another template.
final class QueryTemplate: Sendable {
    let parsed: ParsedQuery
    /// With ``BoundExpression/parameter(_:)`` for those that are open.
    let bound: BoundQuery
    /// See ``Query``. Kept, for a look at ``bound`` counts the references to all its parts.
    let needsMerge: Bool
    let streams: Bool
    let readsItems: Bool
    let limits: QueryLimits
    let slotCount: Int
    private let comparesParametersAlone: Bool
    let unsupportedCalls: [(name: String, location: SourceRange)]
    /// The names of the open parameters in UTF-8.
    private let openNames: [[UInt8]]
    /// The values of all others, in one form.
    let closedBytes: [UInt8]
    private let foldedQuery = Mutex<FoldedQuery?>(nil)
    private let plan = Mutex<CachedPlan?>(nil)
    private let keys = Mutex<KnownKeys?>(nil)

    /// - Parameter leavesOpen: whether parameters are left open at all.
    init(
        _ parsed: ParsedQuery, _ parameters: QueryParameters, _ limits: QueryLimits,
        _ computedProperties: [ComputedProperty], leavesOpen: Bool
    ) throws(QueryError) {
        var binder = Binder(parameters: parameters, limits: limits, computedProperties: computedProperties)
        binder.leavesParametersOpen = leavesOpen
        self.parsed = parsed
        self.limits = limits
        let bound = try binder.bind(statement: parsed)
        self.bound = bound
        streams = bound.isStreaming
        readsItems = bound.readsItems
        needsMerge = bound.needsMerge
        comparesParametersAlone = bound.filter?.comparesParametersAlone == true
        slotCount = binder.slotCount
        unsupportedCalls = binder.unsupportedCalls
        openNames = binder.openParameters.map { Array($0.utf8) }
        closedBytes = parameters.canonicalBytes(except: openNames)
    }

    /// The values of the open parameters; nil where one is missing, or where the template is not for the others.
    func values(of parameters: QueryParameters) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(openNames.count)
        for name in openNames {
            guard let value = parameters[name] else { return nil }
            values.append(value)
        }
        // The usual case: all are open.
        if parameters.count == openNames.count { return closedBytes.isEmpty ? values : nil }
        return parameters.canonicalBytes(except: openNames) == closedBytes ? values : nil
    }

    /// The query with the values of the open parameters in it.
    func bound(with values: [Value]) -> BoundQuery {
        var query = bound
        if !values.isEmpty { query.filter = bound.filter?.replacingParameters(values) }
        return query
    }

    private final class FoldedQuery: Sendable {
        let query: BoundQuery

        init(_ query: BoundQuery) {
            self.query = query
        }
    }

    /// ``bound`` with its constants folded, which is done once.
    var folded: BoundQuery { knownFolded.query }

    private var knownFolded: FoldedQuery {
        if let known = foldedQuery.withLock({ $0 }) { return known }
        let made = FoldedQuery(ConstantFolding(limits: limits).fold(bound))
        foldedQuery.withLock { $0 = made }
        return made
    }

    /// The filter of ``folded`` with the values of the open parameters in it, folded again.
    func foldedFilter(with values: [Value]) -> BoundExpression? {
        let filter = knownFolded.query.filter?.replacingParameters(values)
        // Open parameters are what something is compared with: where that is no constant, nothing more can be folded.
        return comparesParametersAlone ? filter.map { ConstantFolding(limits: limits).fold($0) } : filter
    }

    /// The plan for all values of the open parameters, made once.
    func sharedPlan() throws(QueryError) -> CachedPlan {
        if let plan = plan.withLock({ $0 }) { return plan }
        let made = try newPlan(for: bound, folded: folded)
        plan.withLock { $0 = made }
        return made
    }

    /// A plan for one query.
    /// - Parameters:
    ///   - query: ``bound``, or what ``bound(with:)`` made of it.
    ///   - folded: the same, its constants folded.
    func newPlan(for query: BoundQuery, folded: BoundQuery) throws(QueryError) -> CachedPlan {
        let (logical, physical) = try plans(of: query)
        return CachedPlan(logical: logical, physical: physical, demand: IndexDemand(folded, logical))
    }

    /// Bound query → logical plan → optimized plan → physical plan.
    func plans(
        of query: BoundQuery, passes: [Optimizer.Pass] = Optimizer.Pass.allCases
    ) throws(QueryError) -> (logical: LogicalPlan, physical: PhysicalPlan) {
        if let call = unsupportedCalls.first { throw .unsupported(call.name, at: call.location) }
        guard !parsed.isRanked else { throw .unsupported("ORDER BY RANK") }
        let logical = Optimizer(passes: passes, limits: limits).optimize(LogicalPlan(query))
        return (logical, try PhysicalPlanner(limits: limits, passes: passes).plan(logical))
    }

    // MARK: Partition keys

    private final class KnownKeys: Sendable {
        let definition: PartitionKeyDefinition
        /// Nil where the keys depend on open parameters.
        let set: PartitionKeySet?

        init(_ definition: PartitionKeyDefinition, _ set: PartitionKeySet?) {
            self.definition = definition
            self.set = set
        }
    }

    /// The keys that the filter can be true for, whatever the open parameters are; nil where they depend on these.
    func partitionKeys(under definition: PartitionKeyDefinition) -> PartitionKeySet? {
        if let known = keys.withLock({ $0 }), known.definition == definition { return known.set }
        var planner = PartitionKeyPlanner(paths: definition.segments)
        let found = planner.keySet(of: folded, isHierarchical: definition.kind == .multiHash)
        // A comparison of parameters alone may come to nothing at all.
        let isForAll = !planner.dependsOnParameters && !comparesParametersAlone
        let set = isForAll ? found : nil
        let known = KnownKeys(definition, set)
        keys.withLock { $0 = known }
        return set
    }
}

extension BoundQuery {
    /// See ``Query/needsMerge``.
    fileprivate var needsMerge: Bool {
        if case .none = root { return false }
        return !isStreaming || limit != nil || offset > 0 || !hasPlainRoot
    }
}

/// What is made of a bound query before it runs.
final class CachedPlan: Sendable {
    let logical: LogicalPlan
    let physical: SharedPlan
    let demand: IndexDemand

    init(logical: LogicalPlan, physical: PhysicalPlan, demand: IndexDemand) {
        self.logical = logical
        self.physical = SharedPlan(physical)
        self.demand = demand
    }
}
