import OrreryDocuments

extension QueryExecutor {
    /// A row of a sorted query before it is written: where it came from, and its key.
    struct SortedRow {
        let key: OrderKey
        let position: DocumentPosition
        /// Which of the document's rows it is.
        let rowIndex: Int
        /// The row itself, where it is at hand.
        var value: Value?
    }

    /// ORDER BY: every document is seen, but only the keys of the rows that this page may return are kept. Rows are
    /// then built from their documents, read a second time.
    mutating func sortedPage<Source: DocumentSource & ~Copyable>(
        over source: inout Source
    ) throws(QueryError) -> QueryPage {
        var state = try KeyedPaging(resuming: start, tokenBytesMax: options.continuationBytesMax)
        let kept = try keptRows(over: &source, state)
        let rows = kept.sorted()
        let toSkip = max(0, shared.plan.offset - state.skipped)
        guard !kept.hasDropped || rows.count > toSkip + state.sharedDoneCount else { throw Self.offsetTooLarge(limits) }
        var builder = newPage
        for row in rows.dropFirst(state.sharedDoneCount) {
            if state.skipped < shared.plan.offset {
                state.skip(row.key)
                continue
            }
            if state.emitted == shared.plan.limit { return builder.finish(metrics, continuation: nil) }
            guard try append(row, to: &builder, over: &source) else {
                return builder.finish(metrics, continuation: state.continuation.text(signing: signing))
            }
            state.emit(row.key)
        }
        let isAtEnd = !kept.hasDropped || state.emitted == shared.plan.limit
        return builder.finish(metrics, continuation: isAtEnd ? nil : state.continuation.text(signing: signing))
    }

    static func offsetTooLarge(_ limits: QueryLimits) -> QueryError {
        QueryError(
            .limitExceeded, "The query's OFFSET needs more memory than the limit of \(limits.memoryBytesMax) bytes.")
    }

    /// The least keys behind the place to go on: as many as the page can use, and one more to tell whether more follow.
    private mutating func keptRows<Source: DocumentSource & ~Copyable>(
        over source: inout Source, _ state: KeyedPaging
    ) throws(QueryError) -> BoundedHeap {
        var heap = BoundedHeap(
            countMax: rowsWanted(state, toPass: state.sharedDoneCount), bytesMax: limits.memoryBytesMax)
        let shared = shared
        var isFirst = true
        while true {
            evaluator.context.expansionCount = 0
            let position: DocumentPosition
            var resourceNumber: UInt64 = 0
            if case .documents(let slot) = shared.plan.root {
                guard let document = try nextDocument(over: &source, slot) else { break }
                (position, resourceNumber) = (document.position, document.resourceNumber)
            } else {
                guard let root = try nextRoot(over: &source, isFirst: isFirst) else { break }
                position = root
            }
            isFirst = false
            try checkBlockingTime()
            var rowIndex = 0
            _ = try evaluator.run(shared.plan.stages[...]) { evaluator throws(QueryError) in
                defer { rowIndex += 1 }
                if shared.plan.isValue, try evaluator.evaluate(shared.plan.projection).isUndefined { return .more }
                let key = try Self.key(shared.plan, &evaluator, resourceNumber, rowIndex)
                if !state.isDone(key) { heap.insert(SortedRow(key: key, position: position, rowIndex: rowIndex)) }
                return .more
            }
        }
        return heap
    }

    /// How many rows behind the place to go on a page can use, and one more.
    func rowsWanted(_ state: KeyedPaging, toPass: Int) -> Int {
        let wanted = min(options.rowCountMax ?? Int.max, shared.plan.limit.map { $0 - state.emitted } ?? Int.max)
        return max(0, shared.plan.offset - state.skipped).saturatingSum(toPass).saturatingSum(wanted).saturatingSum(1)
    }

    /// The ORDER BY values, then `_rid`, which runs the way the first key does, then what tells a document's rows
    /// apart. Not where the document stands: that changes when its partition is split.
    static func key(
        _ plan: PhysicalPlan, _ evaluator: inout Evaluator, _ resourceNumber: UInt64, _ rowIndex: Int
    ) throws(QueryError) -> OrderKey {
        var key = OrderKey()
        for item in plan.orderBy {
            key.append(try evaluator.evaluate(item.expression), isDescending: item.isDescending)
        }
        let descends = plan.orderBy.first?.isDescending == true
        key.append(tie: resourceNumber, isDescending: descends)
        key.append(tie: UInt64(rowIndex))
        return key
    }

    /// Adds a row to the page, or answers false where there is no room for it.
    mutating func append<Source: DocumentSource & ~Copyable>(
        _ row: SortedRow, to builder: inout PageBuilder, over source: inout Source
    ) throws(QueryError) -> Bool {
        if shared.plan.givesDocuments { return try builder.append(at: row.position, of: &source) }
        let value = if let kept = row.value { kept } else { try rowValue(row, over: &source) }
        return try value.map { value throws(QueryError) in try builder.append(value) } ?? false
    }

    /// Builds a row from its document; the evaluator may still hold that document from the row before.
    private mutating func rowValue<Source: DocumentSource & ~Copyable>(
        _ row: SortedRow, over source: inout Source
    ) throws(QueryError) -> Value? {
        if case .documents(let slot) = shared.plan.root {
            guard let document = try source.document(at: row.position) else { throw .sourceFailed }
            evaluator.slots[slot] = Value(document.document.root)
        }
        evaluator.context.expansionCount = 0
        var rowIndex = 0
        var result: Value?
        let shared = shared
        _ = try evaluator.run(shared.plan.stages[...]) { evaluator throws(QueryError) in
            defer { rowIndex += 1 }
            guard rowIndex == row.rowIndex else { return .more }
            result = try evaluator.evaluate(shared.plan.projection)
            return .enough
        }
        return result
    }
}

/// The rows with the least keys, up to a count and a number of bytes; the greatest on top, to be dropped first.
struct BoundedHeap {
    private var rows: [QueryExecutor.SortedRow] = []
    private let countMax: Int
    private let bytesMax: Int
    private var bytes = 0
    /// Whether rows with greater keys were left out.
    private(set) var hasDropped = false

    init(countMax: Int, bytesMax: Int) {
        self.countMax = countMax
        self.bytesMax = bytesMax
    }

    mutating func insert(_ row: QueryExecutor.SortedRow) {
        if rows.count >= countMax, let top = rows.first, top.key <= row.key {
            hasDropped = true
            return
        }
        rows.append(row)
        bytes += Self.size(of: row)
        siftUp(rows.count - 1)
        while rows.count > 1, rows.count > countMax || bytes > bytesMax { dropTop() }
    }

    /// The rows from the least key on.
    func sorted() -> [QueryExecutor.SortedRow] {
        rows.sorted { $0.key < $1.key }
    }

    private static func size(of row: QueryExecutor.SortedRow) -> Int { row.key.bytes.count + 80 }

    private mutating func dropTop() {
        hasDropped = true
        rows.swapAt(0, rows.count - 1)
        if let last = rows.popLast() { bytes -= Self.size(of: last) }
        siftDown()
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0, rows[(index - 1) / 2].key < rows[index].key {
            rows.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func siftDown() {
        var index = 0
        while true {
            var greatest = index
            for child in [2 * index + 1, 2 * index + 2] where child < rows.count && rows[greatest].key < rows[child].key
            {
                greatest = child
            }
            if greatest == index { return }
            rows.swapAt(index, greatest)
            index = greatest
        }
    }
}
