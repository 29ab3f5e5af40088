import OrreryDocuments

/// Documents that come in the order of a query: one group after the other, the groups in order, and within a group in
/// any order.
public protocol OrderedDocumentSource: DocumentSource, ~Copyable {
    /// Goes to the next group, whose documents ``next()`` then gives; false at the end.
    mutating func nextGroup() throws(QueryError) -> Bool

    /// The value of the order's one path that all documents of the group have, where they are rows as they stand: then
    /// ``appendNextText(to:)`` gives them, and they are not parsed. Nil where the order or the rows need more of them.
    var groupPlace: OrderPlace? { get }

    /// Appends the text of the group's next document, in the order of their numbers, which runs the way the path's
    /// does; answers its number, or nil at the group's end.
    mutating func appendNextText(to rows: inout [UInt8]) throws(QueryError) -> UInt64?
}

extension QueryExecutor {
    /// ORDER BY over documents that come in its order: rows are returned as groups come, and no more groups are read
    /// than the page needs. Continuations are those of ``sortedPage(over:)``.
    mutating func orderedPage<Source: OrderedDocumentSource & ~Copyable>(
        over source: inout Source
    ) throws(QueryError) -> QueryPage {
        var state = try KeyedPaging(resuming: start, tokenBytesMax: options.continuationBytesMax)
        let before = state.passedCount
        var toPass = state.sharedDoneCount
        var builder = newPage
        while try source.nextGroup() {
            if state.passedCount > before, elapsedAtLastLook() >= limits.pageMilliseconds {
                return builder.finish(metrics, continuation: state.continuation.text(signing: signing))
            }
            if let place = source.groupPlace {
                guard let end = try appendTexts(at: place, over: &source, &state, toPass: &toPass, to: &builder) else {
                    continue
                }
                let continuation = end == .query ? nil : state.continuation.text(signing: signing)
                return builder.finish(metrics, continuation: continuation)
            }
            let kept = try groupRows(over: &source, state, toPass: toPass)
            for row in kept.sorted() {
                if toPass > 0 {
                    toPass -= 1
                    continue
                }
                if state.skipped < shared.plan.offset {
                    state.skip(row.key)
                    continue
                }
                guard try append(row, to: &builder, over: &source) else {
                    return builder.finish(metrics, continuation: state.continuation.text(signing: signing))
                }
                state.emit(row.key)
                if state.emitted == shared.plan.limit { return builder.finish(metrics, continuation: nil) }
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
        guard case .documents(let slot) = shared.plan.root else { return heap }
        let shared = shared
        var keptBytes = 0
        while let document = try nextDocument(over: &source, slot) {
            try checkBlockingTime()
            keptBytes += document.document.text.count
            let keepsValue = !shared.plan.givesDocuments && keptBytes <= Self.keptDocumentBytesMax
            var rowIndex = 0
            _ = try evaluator.run(shared.plan.stages[...]) { evaluator throws(QueryError) in
                defer { rowIndex += 1 }
                var value: Value?
                if keepsValue || shared.plan.isValue {
                    let computed = try evaluator.evaluate(shared.plan.projection)
                    if shared.plan.isValue, computed.isUndefined { return .more }
                    if keepsValue { value = computed }
                }
                let key = try Self.key(shared.plan, &evaluator, document.resourceNumber, rowIndex)
                if !state.isDone(key) {
                    heap.insert(SortedRow(key: key, position: document.position, rowIndex: rowIndex, value: value))
                }
                return .more
            }
        }
        return heap
    }

    /// What ended with a row.
    private enum End { case page, query }

    /// Copies the rows of a group that is rows as it stands: they come in the order of their keys, which differ in the
    /// documents' numbers only. Nil where the group ended before the page did.
    private mutating func appendTexts<Source: OrderedDocumentSource & ~Copyable>(
        at place: OrderPlace, over source: inout Source, _ state: inout KeyedPaging, toPass: inout Int,
        to builder: inout PageBuilder
    ) throws(QueryError) -> End? {
        let descends = shared.plan.orderBy.first?.isDescending == true
        while true {
            builder.beginRow()
            guard let number = try source.appendNextText(to: &builder.rows) else {
                builder.dropRow()
                return nil
            }
            try countDocument(builder.rowByteCount)
            try checkBlockingTime()
            let key = KeyedPaging.TextKey(place: place, number: number, isDescending: descends)
            if state.isDone(key) {
                builder.dropRow()
            } else if toPass > 0 {
                toPass -= 1
                builder.dropRow()
            } else if state.skipped < shared.plan.offset {
                state.skip(key)
                builder.dropRow()
            } else {
                guard builder.endRow() else { return .page }
                state.emit(key)
                if state.emitted == shared.plan.limit { return .query }
            }
        }
    }
}
