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
        let hasFilter: Bool

        init(_ query: BoundQuery, _ plan: LogicalPlan) {
            membersRead = MembersRead.names(of: query)
            rowCountMax = query.limit.map { $0.saturatingSum(query.offset) }
            var (order, declaredOrder): ([OrderItem], [OrderItem]) = ([], [])
            var aggregates: [Aggregate]?
            var comparisons: [PathComparison]?
            if case .documents(let slot) = query.root {
                if query.isGrouped || query.isDistinct {
                    aggregates = IndexDemand.aggregates(of: query, slot)
                } else {
                    declaredOrder = IndexDemand.items(query.orderBy, slot)
                    for case .sort(let items) in plan.operators { order = IndexDemand.items(items, slot) }
                    comparisons = PathComparison.all(in: query.filter, documents: slot)
                }
            }
            (self.order, self.declaredOrder, self.aggregates) = (order, declaredOrder, aggregates)
            self.comparisons = comparisons
            givesFound = query.givesDocuments && query.orderBy.isEmpty && query.filter != nil
            givesOrdered = query.givesDocuments && !order.isEmpty
            hasFilter = query.filter != nil
        }
    }

    private let form: Form
    /// ``condition``, where it is not to be made of open parameters' values.
    private var knownCondition: PathCondition?
    /// The values of open parameters that the filter's comparisons are with.
    private var values: [Value]?

    /// What must hold of a document's paths; nil where nothing is known. Made for each who asks, for most that have an
    /// exact condition ask for nothing else.
    public var condition: PathCondition? {
        guard let values, let comparisons = form.comparisons else { return knownCondition }
        return PathConditionPlanner.all(comparisons.compactMap { $0.condition(values) })
    }

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
    /// The few paths that groups or distinct rows are made of; empty where they are made of anything else.
    public private(set) var valuePaths: [DocumentPath] = []
    /// Whether equal numbers may differ to the query there: `TOSTRING` tells 1 and 1.0 apart.
    public private(set) var tellsNumbersApart = false

    /// What rows are ordered by; empty where they are not, or not by paths of the document. What the filter holds to
    /// one value is left out, but for the first.
    public var order: [OrderItem] { form.order }
    /// The ORDER BY as it is written, which the service wants a composite index for; empty where it holds anything but
    /// paths of the document.
    public var declaredOrder: [OrderItem] { form.declaredOrder }
    /// The most rows that all pages together look at: OFFSET and LIMIT, or TOP; nil for no limit.
    public var rowCountMax: Int? { form.rowCountMax }
    /// Whether some documents may have no row.
    public var hasFilter: Bool { form.hasFilter }
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
    init(_ other: borrowing IndexDemand, asking filter: BoundExpression?, of query: BoundQuery) {
        form = other.form
        take(filter, of: query)
    }

    /// The same of a query whose open parameters have these values; nil where that takes a look at its filter.
    init?(_ other: borrowing IndexDemand, values: [Value]) {
        guard let comparisons = other.form.comparisons else { return nil }
        form = other.form
        self.values = values
        guard form.givesFound || form.givesOrdered else { return }
        var exact: [PathCondition] = []
        for comparison in comparisons {
            if let condition = comparison.exactCondition(values) { exact.append(condition) }
        }
        decide(exact, of: comparisons.count)
    }

    /// Works out what depends on the constants of the filter.
    private mutating func take(_ filter: BoundExpression?, of query: BoundQuery) {
        var planner = PathConditionPlanner()
        knownCondition = planner.condition(of: query, filter: filter)
        takeExact(filter, of: query)
    }

    private mutating func takeExact(_ filter: BoundExpression?, of query: BoundQuery) {
        // The rows of a query within this one are made of documents as if it were asked by itself. They come in the
        // order of values then, and a page that goes on counts them where their order is that of this query's rows.
        if case .derived(let inner, _) = query.root {
            if query.isDistinct || query.isGrouped, query.takesAnyOrder { takeExact(inner.filter, of: inner) }
            return
        }
        guard case .documents(let slot) = query.root else { return }
        if query.isGrouped || query.isDistinct {
            (valuePaths, tellsNumbersApart) = Self.valuePaths(of: query, filter: filter, slot)
        } else if !form.givesFound, !form.givesOrdered {
            return
        }
        let exactPlanner = ExactConditionPlanner(slot: slot)
        let terms = filter?.conjuncts ?? []
        decide(terms.compactMap { exactPlanner.condition($0) }, of: terms.count)
    }

    /// Takes down what of a filter is exact.
    /// - Parameter exact: the exact conditions of those of its terms that have one.
    private mutating func decide(_ exact: [PathCondition], of termCount: Int) {
        exactCondition = .all(PathCondition.meeting(exact))
        isFilterExact = exact.count == termCount
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
