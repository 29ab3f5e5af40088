public import OrreryDocuments
import OrreryKeys

extension QueryPlan {
    /// Writes the answer's body (query-language specification, section 5).
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("partitionedQueryExecutionInfoVersion")
        writer.number(2)
        // A hybrid search has one too: the Python SDK takes a missing distinct type for a wish to drop repeated rows.
        writer.name("queryInfo")
        (queryInfo ?? QueryInfo()).write(to: &writer)
        writer.name("queryRanges")
        writer.beginArray()
        for range in ranges {
            writer.beginObject()
            writer.name("min")
            writer.string(range.min.hex)
            writer.name("max")
            writer.string(range.max.hex)
            writer.name("isMinInclusive")
            writer.boolean(true)
            writer.name("isMaxInclusive")
            writer.boolean(range.isMaxInclusive)
            writer.endObject()
        }
        writer.endArray()
        if let hybridSearch {
            writer.name("hybridSearchQueryInfo")
            hybridSearch.write(to: &writer)
        }
        writer.endObject()
    }
}

extension QueryInfo {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("distinctType")
        writer.string(distinctType.rawValue)
        writer.member("top", top)
        writer.member("offset", offset)
        writer.member("limit", limit)
        writer.member("orderBy", orderByDescending.map { $0 ? "Descending" : "Ascending" })
        writer.member("orderByExpressions", orderByExpressions)
        writer.member("groupByExpressions", groupByExpressions)
        writer.member("groupByAliases", groupByAliases)
        writer.member("aggregates", aggregates)
        writer.name("groupByAliasToAggregateType")
        writer.beginObject()
        for (alias, aggregate) in aggregateByAlias {
            writer.name(alias)
            if let aggregate { writer.string(aggregate) } else { writer.null() }
        }
        writer.endObject()
        writer.name("rewrittenQuery")
        writer.string(rewrittenQuery)
        writer.name("hasSelectValue")
        writer.boolean(hasSelectValue)
        writer.name("dCountInfo")
        if let distinctCountAlias {
            writer.beginObject()
            writer.name("dCountAlias")
            writer.string(distinctCountAlias)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.name("hasNonStreamingOrderBy")
        writer.boolean(hasNonStreamingOrderBy)
        writer.endObject()
    }
}

extension HybridSearchInfo {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("globalStatisticsQuery")
        writer.string(globalStatisticsQuery)
        writer.name("componentQueryInfos")
        writer.beginArray()
        for component in components { component.write(to: &writer) }
        writer.endArray()
        writer.name("componentWithoutPayloadQueryInfos")
        writer.beginArray()
        writer.endArray()
        writer.name("projectionQueryInfo")
        writer.null()
        writer.name("componentWeights")
        writer.beginArray()
        for weight in componentWeights { writer.number(weight) }
        writer.endArray()
        writer.member("skip", skip)
        writer.member("take", take)
        writer.name("requiresGlobalStatistics")
        writer.boolean(requiresGlobalStatistics)
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ memberName: String, _ value: Int?) {
        name(memberName)
        if let value { number(value) } else { null() }
    }

    fileprivate mutating func member(_ memberName: String, _ values: [String]) {
        name(memberName)
        beginArray()
        for value in values { string(value) }
        endArray()
    }
}
