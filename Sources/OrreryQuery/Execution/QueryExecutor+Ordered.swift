import OrreryDocuments

/// Documents that come in the order of a query: one group after the other, the groups in order, and within a group in
/// any order.
public protocol OrderedDocumentSource: DocumentSource, ~Copyable {
    /// Goes to the next group, whose documents ``next()`` then gives; false at the end.
    mutating func nextGroup() throws(QueryError) -> Bool
}

extension QueryExecutor {
    /// ORDER BY over documents that come in its order: rows are returned as groups come, and no more groups are read
    /// than the page needs. Continuations are those of ``sortedPage(over:)``.
    mutating func orderedPage<Source: OrderedDocumentSource & ~Copyable>(
        over source: inout Source
    ) throws(QueryError) -> QueryPage {
        var state = try KeyedPaging(resuming: start, options: options)
        let before = state.passedCount
        var toPass = state.sharedDoneCount
        var builder = newPage
        while try source.nextGroup() {
            if elapsedMilliseconds >= limits.pageMilliseconds, state.passedCount > before {
                return builder.finish(metrics, continuation: state.continuation.text(signing: signing))
            }
            let kept = try groupRows(over: &source, state, toPass: toPass)
            for row in kept.sorted() {
                if toPass > 0 {
                    toPass -= 1
                    continue
                }
                if state.skipped < plan.offset {
                    state.skip(row.key)
                    continue
                }
                let value = if let kept = row.value { kept } else { try rowValue(row, over: &source) }
                guard let value, try builder.append(value) else {
                    return builder.finish(metrics, continuation: state.continuation.text(signing: signing))
                }
                state.emit(row.key)
                if state.emitted == plan.limit { return builder.finish(metrics, continuation: nil) }
            }
            if kept.hasDropped {
                guard state.passedCount > before else { throw Self.offsetTooLarge(limits) }
                return builder.finish(metrics, continuation: state.continuation.text(signing: signing))
            }
        }
        return builder.finish(metrics, continuation: nil)
    }

    /// Bytes of documents whose rows are kept as they are found; rows of more documents are built again.
    private static var keptDocumentBytesMax: Int { 4 << 20 }

    /// The least rows of a group behind the place to go on: as many as the page can use.
    private mutating func groupRows<Source: OrderedDocumentSource & ~Copyable>(
        over source: inout Source, _ state: KeyedPaging, toPass: Int
    ) throws(QueryError) -> BoundedHeap {
        var heap = BoundedHeap(countMax: rowsWanted(state, toPass: toPass), bytesMax: limits.memoryBytesMax)
        guard case .documents(let slot) = plan.root else { return heap }
        let plan = plan
        var keptBytes = 0
        while let document = try nextDocument(over: &source, slot) {
            try checkBlockingTime()
            keptBytes += document.document.text.count
            let keepsValue = keptBytes <= Self.keptDocumentBytesMax
            var rowIndex = 0
            _ = try evaluator.run(plan.stages[...]) { evaluator throws(QueryError) in
                defer { rowIndex += 1 }
                var value: Value?
                if keepsValue || plan.isValue {
                    let computed = try evaluator.evaluate(plan.projection)
                    if plan.isValue, computed.isUndefined { return .more }
                    if keepsValue { value = computed }
                }
                let key = try Self.key(plan, &evaluator, document.resourceNumber, rowIndex)
                if !state.isDone(key) {
                    heap.insert(SortedRow(key: key, position: document.position, rowIndex: rowIndex, value: value))
                }
                return .more
            }
        }
        return heap
    }
}
