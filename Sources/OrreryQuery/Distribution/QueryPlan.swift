public import OrreryKeys

/// What a client needs to run a query over several partitions and merge the parts itself: the answer to a query plan
/// request (wire contract, section 10).
public struct QueryPlan: Sendable {
    /// What the client is to do with the rows; nil for a hybrid search, which has its own.
    public var queryInfo: QueryInfo?
    /// Set for `ORDER BY RANK` alone.
    public var hybridSearch: HybridSearchInfo?
    /// The partition keys that the filter leaves possible.
    public var keys: PartitionKeySet
    /// The same as ranges of effective partition keys, sorted, not overlapping and never empty.
    public var ranges: [QueryRange] = []
}

/// One range of effective partition keys to which the query goes.
public struct QueryRange: Sendable, Hashable {
    /// The first key; it belongs to the range.
    public let min: EffectivePartitionKey
    /// The end of the range: a point's own key, or the first key behind it.
    public let max: EffectivePartitionKey
    /// True for a point.
    public let isMaxInclusive: Bool
}

/// How a client merges the rows of the rewritten query.
public struct QueryInfo: Sendable {
    /// Whether repeated rows are to be dropped, and whether they come one behind the other.
    public enum DistinctType: String, Sendable {
        case none = "None", ordered = "Ordered", unordered = "Unordered"
    }

    /// What becomes of repeated rows.
    public var distinctType = DistinctType.none
    /// Rows to return, where TOP says so.
    public var top: Int?
    /// Merged rows to pass over first.
    public var offset: Int?
    /// Merged rows to return then.
    public var limit: Int?
    /// One for each ORDER BY item: whether it descends.
    public var orderByDescending: [Bool] = []
    /// The ORDER BY items as text.
    public var orderByExpressions: [String] = []
    /// The GROUP BY items as text.
    public var groupByExpressions: [String] = []
    /// The names of the select list's columns, where rows are grouped.
    public var groupByAliases: [String] = []
    /// The service's names of the aggregates of a `SELECT VALUE`.
    public var aggregates: [String] = []
    /// For each column of a grouped select list, the aggregate it holds or nil.
    public var aggregateByAlias: [(alias: String, aggregate: String?)] = []
    /// The text to send in the query's place; empty when the query is sent as it is.
    public var rewrittenQuery = ""
    /// Whether the query is a `SELECT VALUE`.
    public var hasSelectValue = false
    /// Whether the order (of a vector search) is known only once every row was seen.
    public var hasNonStreamingOrderBy = false
    /// The column that counts the distinct rows of the rewritten query; empty under `SELECT VALUE`.
    public var distinctCountAlias: String?
}

/// How a client carries out `ORDER BY RANK`.
public struct HybridSearchInfo: Sendable {
    /// Counts documents, words and hits; every partition answers it first.
    public var globalStatisticsQuery: String
    /// One query for each score, with holes for the statistics.
    public var components: [QueryInfo]
    /// What each score counts for; empty when all count the same.
    public var componentWeights: [Double]
    /// Fused rows to pass over, where OFFSET says so.
    public var skip: Int?
    /// Fused rows to return.
    public var take: Int
    /// Whether a component needs the statistics at all.
    public var requiresGlobalStatistics: Bool
}

/// The features that a client declares in `x-ms-cosmos-supported-query-features`.
public enum QueryFeature: String, Sendable, CaseIterable {
    case aggregate = "Aggregate", compositeAggregate = "CompositeAggregate", distinct = "Distinct"
    case groupBy = "GroupBy", multipleAggregates = "MultipleAggregates", multipleOrderBy = "MultipleOrderBy"
    case offsetAndLimit = "OffsetAndLimit", orderBy = "OrderBy", top = "Top", nonValueAggregate = "NonValueAggregate"
    case distinctCount = "DCount", nonStreamingOrderBy = "NonStreamingOrderBy"
    case listAndSetAggregate = "ListAndSetAggregate", countIf = "CountIf", hybridSearch = "HybridSearch"
    case weightedRankFusion = "WeightedRankFusion", hybridSearchSkipOrderByRewrite = "HybridSearchSkipOrderByRewrite"
    case generateEmbeddings = "GenerateEmbeddings"

    /// The features that a header lists, separated by commas; names not known are passed over.
    public static func features(inHeader text: String) -> Set<QueryFeature> {
        Set(
            text.split(separator: ",").compactMap { name in
                QueryFeature(rawValue: String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
            })
    }
}
