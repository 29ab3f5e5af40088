public import OrreryKeys

/// What a client needs to run a query over several partitions and merge the parts itself: the answer to a query plan
/// request (wire contract, section 10).
public struct QueryPlan: Sendable {
    /// What the client is to do with the rows; nil for a hybrid search, which has its own.
    public var queryInfo: QueryInfo?
    public var hybridSearch: HybridSearchInfo?
    /// The partition keys that the filter leaves possible.
    public var keys: PartitionKeySet
    /// The same as ranges of effective partition keys, sorted, not overlapping and never empty.
    public var ranges: [QueryRange] = []
}

/// One range of effective partition keys to which the query goes.
public struct QueryRange: Sendable, Hashable {
    public let min: EffectivePartitionKey
    public let max: EffectivePartitionKey
    public let isMaxInclusive: Bool
}

/// How a client merges the rows of the rewritten query.
public struct QueryInfo: Sendable {
    public enum DistinctType: String, Sendable {
        case none = "None", ordered = "Ordered", unordered = "Unordered"
    }

    public var distinctType = DistinctType.none
    public var top: Int?
    public var offset: Int?
    public var limit: Int?
    /// One for each ORDER BY item: whether it descends.
    public var orderByDescending: [Bool] = []
    public var orderByExpressions: [String] = []
    public var groupByExpressions: [String] = []
    public var groupByAliases: [String] = []
    /// The service's names of the aggregates of a `SELECT VALUE`.
    public var aggregates: [String] = []
    /// For each column of a grouped select list, the aggregate it holds or nil.
    public var aggregateByAlias: [(alias: String, aggregate: String?)] = []
    /// The text to send in the query's place; empty when the query is sent as it is.
    public var rewrittenQuery = ""
    public var hasSelectValue = false
    /// Whether the order (of a vector search) is known only once every row was seen.
    public var hasNonStreamingOrderBy = false
    /// The column that counts the distinct rows of the rewritten query; empty under `SELECT VALUE`.
    public var distinctCountAlias: String?
}

/// How a client carries out `ORDER BY RANK`.
public struct HybridSearchInfo: Sendable {
    public var globalStatisticsQuery: String
    public var components: [QueryInfo]
    public var componentWeights: [Double]
    public var skip: Int?
    public var take: Int
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
