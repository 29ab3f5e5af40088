import OrreryDocuments

/// Documents that come in the order of a query: one group after the other, the groups in order, and within a group in
/// any order.
public protocol OrderedDocumentSource: DocumentSource, ~Copyable {
    /// Goes to the next group, whose documents ``next()`` then gives; false at the end.
    mutating func nextGroup() throws(QueryError) -> Bool

    /// The value of the order's one path that all documents of the group have, where they are rows as they stand: then
    /// ``nextText()`` gives them, and they are not parsed. Nil where the order or the rows need more of them.
    var groupPlace: OrderPlace? { get }

    /// The group's next document as a row; nil at its end.
    mutating func nextText() throws(QueryError) -> DocumentText?
}

/// A document of which nobody needs more than its text.
public struct DocumentText: Sendable {
    let text: [UInt8]
    let position: DocumentPosition
    let resourceNumber: UInt64

    /// See ``SourceDocument``.
    public init(text: [UInt8], position: DocumentPosition, resourceNumber: UInt64) {
        self.text = text
        self.position = position
        self.resourceNumber = resourceNumber
    }
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

    /// Adds a row to the page, or answers false where there is no room for it.
    private mutating func append<Source: OrderedDocumentSource & ~Copyable>(
        _ row: SortedRow, to builder: inout PageBuilder, over source: inout Source
    ) throws(QueryError) -> Bool {
        if let text = row.text { return builder.append(text[...]) }
        let value = if let kept = row.value { kept } else { try rowValue(row, over: &source) }
        return try value.map { value throws(QueryError) in try builder.append(value) } ?? false
    }

    /// Bytes of documents whose rows are kept as they are found; rows of more documents are built again.
    private static var keptDocumentBytesMax: Int { 4 << 20 }

    /// The least rows of a group behind the place to go on: as many as the page can use.
    private mutating func groupRows<Source: OrderedDocumentSource & ~Copyable>(
        over source: inout Source, _ state: KeyedPaging, toPass: Int
    ) throws(QueryError) -> BoundedHeap {
        var heap = BoundedHeap(countMax: rowsWanted(state, toPass: toPass), bytesMax: limits.memoryBytesMax)
        guard case .documents(let slot) = shared.plan.root else { return heap }
        if let place = source.groupPlace {
            try addTexts(at: place, over: &source, state, to: &heap)
            return heap
        }
        let shared = shared
        var keptBytes = 0
        while let document = try nextDocument(over: &source, slot) {
            try checkBlockingTime()
            keptBytes += document.document.text.count
            let keepsValue = keptBytes <= Self.keptDocumentBytesMax
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

    /// Adds the rows of a group that is rows as it stands. Their keys differ in the documents' numbers only.
    private mutating func addTexts<Source: OrderedDocumentSource & ~Copyable>(
        at place: OrderPlace, over source: inout Source, _ state: KeyedPaging, to heap: inout BoundedHeap
    ) throws(QueryError) {
        let descends = shared.plan.orderBy.first?.isDescending == true
        var start = OrderKey()
        start.append(place, isDescending: descends)
        var keptBytes = 0
        while let next = try source.nextText() {
            try countDocument(next.text.count)
            try checkBlockingTime()
            keptBytes += next.text.count
            var key = start
            key.append(tie: next.resourceNumber, isDescending: descends)
            key.append(tie: 0)
            if state.isDone(key) { continue }
            let text = keptBytes <= Self.keptDocumentBytesMax ? next.text : nil
            heap.insert(SortedRow(key: key, position: next.position, rowIndex: 0, text: text))
        }
    }
}
