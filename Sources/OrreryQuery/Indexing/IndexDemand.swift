/// What a query asks of its documents that an index can tell: which of them, and in which order.
public struct IndexDemand: Sendable {
    /// One of the properties that rows are ordered by.
    public struct OrderItem: Sendable, Hashable {
        /// Properties only.
        public let path: DocumentPath
        public let isDescending: Bool

        public init(path: DocumentPath, isDescending: Bool) {
            self.path = path
            self.isDescending = isDescending
        }
    }

    /// What does not depend on the constants of the filter. A class, for demands are handed from one to the other.
    private final class Form: Sendable {
        let order: [OrderItem]
        let declaredOrder: [OrderItem]
        let rowCountMax: Int?
        let membersRead: [[UInt8]]?
        let aggregates: [Aggregate]?
        /// What the filter consists of, where documents are rows and it consists of comparisons alone.
        let comparisons: [PathComparison]?
        /// Whether rows are the documents themselves, as a filter finds them or in an order of paths.
        let givesFound: Bool
        let givesOrdered: Bool

        init(_ query: BoundQuery, _ plan: LogicalPlan) {
            membersRead = MembersRead.names(of: query)
            rowCountMax = query.limit.map { $0.saturatingSum(query.offset) }
            var (order, declaredOrder): ([OrderItem], [OrderItem]) = ([], [])
            var aggregates: [Aggregate]?
            var comparisons: [PathComparison]?
            var givesDocuments = false
            if case .documents(let slot) = query.root {
                if query.isGrouped || query.isDistinct {
                    aggregates = IndexDemand.aggregates(of: query, slot)
                } else {
                    declaredOrder = IndexDemand.items(query.orderBy, slot)
                    for case .sort(let items) in plan.operators { order = IndexDemand.items(items, slot) }
                    comparisons = PathComparison.all(in: query.filter, documents: slot)
                    if case .slot(slot) = query.projection { givesDocuments = query.sources.isEmpty }
                }
            }
            (self.order, self.declaredOrder, self.aggregates) = (order, declaredOrder, aggregates)
            self.comparisons = comparisons
            givesFound = givesDocuments && query.orderBy.isEmpty && query.filter != nil
            givesOrdered = givesDocuments && !order.isEmpty
        }
    }

    private let form: Form
    /// What must hold of a document's paths; nil where nothing is known.
    public private(set) var condition: PathCondition?
    /// The part of the filter that an index decides by itself: it holds of exactly the documents for which that part is
    /// true. Without a filter it is an empty AND.
    public private(set) var exactCondition = PathCondition.all([])
    /// Whether ``exactCondition`` is the whole filter.
    public private(set) var isFilterExact = false
    /// Whether rows are the documents themselves, one after the other, and the filter is exact: `SELECT * FROM c WHERE
    /// c.a = 1`.
    public private(set) var isVerbatim = false
    /// Whether rows are the documents themselves in an order of paths, and the filter is exact.
    public private(set) var isOrderVerbatim = false
    /// The one path that groups or distinct rows are made of; nil where there is no such path.
    public private(set) var valuePath: DocumentPath?

    /// What rows are ordered by; empty where they are not, or not by paths of the document. What the filter holds to
    /// one value is left out, but for the first.
    public var order: [OrderItem] { form.order }
    /// The ORDER BY as it is written, which the service wants a composite index for; empty where it holds anything but
    /// paths of the document.
    public var declaredOrder: [OrderItem] { form.declaredOrder }
    /// The most rows that all pages together look at: OFFSET and LIMIT, or TOP; nil for no limit.
    public var rowCountMax: Int? { form.rowCountMax }
    /// The top-level members that are read of documents, in UTF-8; nil where documents are read as a whole.
    public var membersRead: [[UInt8]]? { form.membersRead }
    /// See ``Aggregate``; nil where an index cannot answer them.
    public var aggregates: [Aggregate]? { form.aggregates }

    /// - Parameter query: the query, its constants folded.
    init(_ query: BoundQuery, _ plan: LogicalPlan) {
        form = Form(query, plan)
        take(query.filter, of: query)
    }

    /// The same of a query with other constants in its filter, and of the same form in all else.
    init(_ other: IndexDemand, asking filter: BoundExpression?, of query: BoundQuery) {
        form = other.form
        take(filter, of: query)
    }

    /// The same of a query whose open parameters have these values; nil where that takes a look at its filter.
    init?(_ other: IndexDemand, values: [Value]) {
        guard let comparisons = other.form.comparisons else { return nil }
        form = other.form
        condition = PathConditionPlanner.all(comparisons.compactMap { $0.condition(values) })
        if form.givesFound || form.givesOrdered {
            decide(comparisons.map { $0.exactCondition(values) })
        }
    }

    /// Works out what depends on the constants of the filter.
    private mutating func take(_ filter: BoundExpression?, of query: BoundQuery) {
        var planner = PathConditionPlanner()
        condition = planner.condition(of: query, filter: filter)
        guard case .documents(let slot) = query.root else { return }
        if query.isGrouped || query.isDistinct {
            valuePath = Self.valuePath(of: query, filter: filter, slot)
        } else if !form.givesFound, !form.givesOrdered {
            return
        }
        let exactPlanner = ExactConditionPlanner(slot: slot)
        decide((filter?.conjuncts ?? []).map { exactPlanner.condition($0) })
    }

    /// Takes down what of a filter is exact.
    /// - Parameter terms: the exact conditions of its terms; nil for those that have none.
    private mutating func decide(_ terms: [PathCondition?]) {
        let exact = terms.compactMap(\.self)
        exactCondition = .all(exact)
        isFilterExact = exact.count == terms.count
        isVerbatim = form.givesFound && isFilterExact
        isOrderVerbatim = form.givesOrdered && isFilterExact
    }

    private static func items(_ items: [BoundOrderItem], _ slot: Int) -> [OrderItem] {
        let found = items.compactMap { item in
            item.expression.plainPath(documents: slot).map { OrderItem(path: $0, isDescending: item.isDescending) }
        }
        return found.count == items.count && found.allSatisfy { !$0.path.steps.isEmpty } ? found : []
    }
}

extension BoundExpression {
    /// The path of property names that this reads from the document in a slot.
    func plainPath(documents slot: Int) -> DocumentPath? {
        switch self {
        case .slot(slot): DocumentPath()
        case .member(let base, let name): base.plainPath(documents: slot)?.appending(.property(Array(name.utf8)))
        case .index(let base, .constant(let index)):
            index.kind == .string
                ? base.plainPath(documents: slot)?.appending(.property(Array((index.string ?? "").utf8))) : nil
        default: nil
        }
    }
}

extension QueryError {
    /// The service's refusal of an ORDER BY of several properties for which the container has no composite index.
    public static let noCompositeIndex = QueryError.planner(
        "The order by query does not have a corresponding composite index that it can be served from.")
}
