extension QueryExecutor {
    /// Groups and distinct rows: every document is seen, then rows are returned. What fits one page comes in the order
    /// in which each was first met; what does not comes in the order of its keys, so that a later page can go on
    /// behind the last key whatever was written in between.
    mutating func gatheredPage<Source: DocumentSource & ~Copyable>(
        over source: inout Source
    ) throws(QueryError) -> QueryPage {
        var rows = try gather(over: &source)
        if start == nil {
            if !shared.plan.orderBy.isEmpty { rows.sort { $0.sortKey < $1.sortKey } }
            if let page = try wholePage(rows) { return page }
        }
        rows.sort { $0.sortKey < $1.sortKey }
        var state = try KeyedPaging(resuming: start, tokenBytesMax: options.continuationBytesMax)
        var builder = newPage
        for row in rows.dropFirst(state.resumeIndex(rows.map(\.sortKey))) {
            if state.skipped < shared.plan.offset {
                state.skip(row.sortKey)
                continue
            }
            if state.emitted == shared.plan.limit { return builder.finish(metrics, continuation: nil) }
            guard try builder.append(row.value) else {
                return builder.finish(metrics, continuation: state.continuation.text(signing: signing))
            }
            state.emit(row.sortKey)
        }
        return builder.finish(metrics, continuation: nil)
    }

    private func wholePage(_ rows: [GroupTable.Row]) throws(QueryError) -> QueryPage? {
        var builder = newPage
        for row in rows.dropFirst(shared.plan.offset).prefix(shared.plan.limit ?? Int.max) {
            guard try builder.append(row.value) else { return nil }
        }
        return builder.finish(metrics, continuation: nil)
    }

    private mutating func gather<Source: DocumentSource & ~Copyable>(
        over source: inout Source
    ) throws(QueryError) -> [GroupTable.Row] {
        var table = GroupTable(shared.plan, limits: limits)
        if shared.plan.looksAtNoDocument, let count = try source.count() {
            if shared.plan.aggregates.allSatisfy(\.kind.takesRepeated) {
                if count > 0 { try table.add(&evaluator, times: count) }
            } else {
                for _ in 0..<count { try table.add(&evaluator) }
            }
            return try table.rows(&evaluator)
        }
        var isFirst = true
        while true {
            var times = 1
            if case .documents(let slot) = shared.plan.root {
                guard let document = try nextDocument(over: &source, slot) else { break }
                times = document.count
            } else if try nextRoot(over: &source, isFirst: isFirst) == nil {
                break
            }
            isFirst = false
            try checkBlockingTime()
            _ = try evaluator.run(shared.plan.stages[...]) { evaluator throws(QueryError) in
                try table.add(&evaluator, times: times)
                return .more
            }
        }
        return try table.rows(&evaluator)
    }

    /// One page of a query whose aggregates were found without it.
    mutating func aggregatedPage(_ results: [PreparedQuery.AggregateResult]) throws(QueryError) -> QueryPage {
        var table = GroupTable(shared.plan, limits: limits)
        table.add(
            results: results.map { result in
                switch result {
                case .count(let count): .integer(Int64(count))
                case .value(let node): Value(node)
                case .nothing: .undefined
                }
            })
        var builder = newPage
        for row in try table.rows(&evaluator) { _ = try builder.append(row.value) }
        return builder.finish(metrics, continuation: nil)
    }
}
