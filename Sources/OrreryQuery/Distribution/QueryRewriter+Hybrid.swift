extension QueryRewriter {
    private static let documentCountHole = "{documentdb-formattablehybridsearchquery-totaldocumentcount}"

    /// Rows that each component query yields at the least, and how many times the rows wanted.
    private static let componentRowsMin = 60
    private static let componentRowsFactor = 2

    /// The plan of `ORDER BY RANK FullTextScore(…)` or `RANK RRF(…)`: a query for statistics over all partitions, and
    /// for each score a query whose holes the client fills with those statistics.
    func hybridSearch() throws(QueryError) -> HybridSearchInfo {
        try require(.hybridSearch)
        guard let limit = bound.limit else {
            throw .planner("ORDER BY RANK needs TOP or OFFSET LIMIT.")
        }
        let (scores, weights) = try scores()
        if !weights.isEmpty { try require(.weightedRankFusion) }
        let fullText = scores.filter { $0.isCall(of: "FullTextScore") }
        var components: [QueryInfo] = []
        var fullTextIndex = 0
        for score in scores {
            if score.isCall(of: "FullTextScore") {
                components.append(component(try filled(score, fullTextIndex), isDescending: true))
                fullTextIndex += 1
            } else {
                components.append(component(score, isDescending: true))
            }
        }
        return HybridSearchInfo(
            globalStatisticsQuery: try statisticsQuery(fullText), components: components, componentWeights: weights,
            skip: parsed.offset == nil ? nil : bound.offset, take: limit, requiresGlobalStatistics: !fullText.isEmpty)
    }

    /// The scores that RANK names, and RRF's weights.
    private func scores() throws(QueryError) -> ([ParsedExpression], [Double]) {
        guard parsed.orderBy.count == 1, let item = parsed.orderBy.first, case .call(let call) = item.expression.kind
        else { throw .unmappedOrderBy }
        guard item.expression.isCall(of: "RRF") else { return ([item.expression], []) }
        var scores = call.arguments
        var weights: [Double] = []
        if case .array(let elements)? = scores.last?.kind {
            scores.removeLast()
            for element in elements {
                guard case .literal(.number(let number)) = element.kind else { throw .unmappedOrderBy }
                weights.append(number.double)
            }
        }
        return (scores, weights)
    }

    /// `_FullTextScore(path, ["term"], {count}, {words}, {hits})`
    private func filled(_ score: ParsedExpression, _ index: Int) throws(QueryError) -> ParsedExpression {
        guard case .call(let call) = score.kind, let path = call.arguments.first else { throw .unmappedOrderBy }
        let holes = [
            Self.documentCountHole, "{documentdb-formattablehybridsearchquery-totalwordcount-\(index)}",
            "{documentdb-formattablehybridsearchquery-hitcountsarray-\(index)}",
        ]
        let terms = ParsedExpression(.array(Array(call.arguments.dropFirst())))
        return .call("_FullTextScore", [path, terms] + holes.map { ParsedExpression(.identifier($0)) })
    }

    private func component(_ score: ParsedExpression, isDescending: Bool) -> QueryInfo {
        var info = QueryInfo()
        info.orderByDescending = [isDescending]
        info.orderByExpressions = [QueryPrinter.text(of: score)]
        info.hasNonStreamingOrderBy = true
        var query = parsed
        query.isRanked = false
        query.selection = .list([
            ParsedSelectItem(expression: .path(rootAlias, "_rid"), alias: nil),
            ParsedSelectItem(expression: .items([score]), alias: "orderByItems"),
            ParsedSelectItem(
                expression: .object([
                    "payload": payload,
                    "componentScores": ParsedExpression(
                        .array([
                            ParsedExpression(.coalesce(score, ParsedExpression(.literal(.number(.integer(-1))))))
                        ])),
                ]), alias: "payload"),
        ])
        query.filter = resumableFilter()
        query.orderBy = [ParsedOrderItem(expression: score, isDescending: isDescending)]
        // The service counts these rows in 32 bits, and its clients expect what comes of that.
        let wanted = max(bound.offset + (bound.limit ?? 0), Self.componentRowsMin) * Self.componentRowsFactor
        let rows = Int(UInt32(truncatingIfNeeded: wanted))
        if parsed.offset == nil {
            info.top = rows
            query.top = .number(rows)
        } else {
            info.offset = 0
            info.limit = rows
            (query.offset, query.limit) = (.number(0), .number(rows))
        }
        info.rewrittenQuery = QueryPrinter.text(of: query)
        return info
    }

    private func statisticsQuery(_ scores: [ParsedExpression]) throws(QueryError) -> String {
        var statistics: [ParsedExpression] = []
        for score in scores {
            guard case .call(let call) = score.kind, let path = call.arguments.first else { throw .unmappedOrderBy }
            let hits = call.arguments.dropFirst().map { term in
                ParsedExpression.call("COUNTIF", [.call("FullTextContains", [path, term])])
            }
            statistics.append(
                .object([
                    "totalWordCount": .call("SUM", [.call("_FullTextWordCount", [path])]),
                    "hitCounts": ParsedExpression(.array(hits)),
                ]))
        }
        var query = ParsedQuery(
            selection: .list([
                ParsedSelectItem(
                    expression: .call("COUNT", [ParsedExpression(.literal(.number(.integer(1))))]),
                    alias: "documentCount"),
                ParsedSelectItem(expression: ParsedExpression(.array(statistics)), alias: "fullTextStatistics"),
            ]))
        query.sources = parsed.sources
        query.filter = parsed.filter
        return QueryPrinter.text(of: query)
    }
}

extension ParsedNumber {
    static func integer(_ value: Int64) -> ParsedNumber {
        ParsedNumber(double: Double(value), int64: value)
    }
}
