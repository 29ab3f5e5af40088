import OrreryDocuments

/// Runs one page of a physical plan over a source. How rows leave the plan decides the way: streaming here, sorted in
/// `QueryExecutor+Sorted.swift`, gathered in `QueryExecutor+Gathered.swift`.
struct QueryExecutor {
    /// What closures hold, that change the evaluator meanwhile.
    let shared: SharedPlan
    let limits: QueryLimits
    let options: QueryPageOptions
    /// Signs the page's continuation, should it have one.
    private let query: Query
    let start: Continuation?
    let startMilliseconds: Int64
    var evaluator: Evaluator
    var metrics = QueryMetrics()
    private var lastLook: (documentCount: Int, elapsedMilliseconds: Int64) = (0, 0)

    init(
        _ shared: SharedPlan, of query: Query, slotCount: Int, parameters: [Value], limits: QueryLimits,
        options: QueryPageOptions, start: Continuation?
    ) {
        self.shared = shared
        self.limits = limits
        self.options = options
        self.query = query
        self.start = start
        startMilliseconds = options.services.monotonicMilliseconds()
        let (services, began) = (options.services, startMilliseconds)
        let context = EvaluationContext(
            limits: limits, clock: services.wallClockTicks,
            elapsedMilliseconds: { services.monotonicMilliseconds() - began })
        evaluator = Evaluator(slotCount: slotCount, parameters: parameters, context: context)
    }

    mutating func page<Source: DocumentSource & ~Copyable>(over source: inout Source) throws(QueryError) -> QueryPage {
        try timedPage { (executor) throws(QueryError) in
            switch executor.shared.plan.delivery {
            case .streaming: try executor.streamingPage(over: &source)
            case .sorted: try executor.sortedPage(over: &source)
            case .gathered: try executor.gatheredPage(over: &source)
            }
        }
    }

    /// Adds the time it took; a query that wants no row gets none.
    mutating func timedPage(
        _ body: (inout QueryExecutor) throws(QueryError) -> QueryPage
    ) throws(QueryError) -> QueryPage {
        var page = shared.plan.limit == 0 ? QueryPage(rows: options.rowsHead) : try body(&self)
        page.metrics.executionMilliseconds = elapsedMilliseconds
        page.probeCounts = evaluator.probeCounts
        return page
    }

    var elapsedMilliseconds: Int64 { options.services.monotonicMilliseconds() - startMilliseconds }

    var signing: ContinuationSigning { query.signing(options) }

    var newPage: PageBuilder {
        PageBuilder(rowCountMax: options.rowCountMax, bytesMax: limits.pageBytesMax, head: options.rowsHead)
    }

    // MARK: Streaming

    private mutating func streamingPage<Source: DocumentSource & ~Copyable>(
        over source: inout Source
    ) throws(QueryError) -> QueryPage {
        var state = Continuation(place: .streaming(.start, rowsDone: 0), emitted: 0, skipped: 0)
        if let start {
            guard case .streaming(let position, _) = start.place else { throw Continuation.invalid }
            state = start
            if case .documents = shared.plan.root { try source.seek(to: position) }
        }
        guard case .streaming(let resumePosition, let resumeRows) = state.place else { throw Continuation.invalid }
        var builder = newPage
        var isFirst = true
        while let position = try nextRoot(over: &source, isFirst: isFirst) {
            if !isFirst, elapsedMilliseconds >= limits.pageMilliseconds {
                state.place = .streaming(position, rowsDone: 0)
                return builder.finish(metrics, continuation: state.text(signing: signing))
            }
            isFirst = false
            let rowsDone = position == resumePosition ? resumeRows : 0
            let ended = try streamRows(at: position, rowsDone, &state, &builder) { builder throws(QueryError) in
                try builder.append(at: position, of: &source)
            }
            if let ended {
                return builder.finish(metrics, continuation: ended ? nil : state.text(signing: signing))
            }
        }
        return builder.finish(metrics, continuation: nil)
    }

    /// Returns one document's rows. Nil asks for the next document; else the page ends, and with true the query.
    /// - Parameter appendDocument: adds the document itself, for rows that are documents.
    private mutating func streamRows(
        at position: DocumentPosition, _ rowsDone: Int, _ state: inout Continuation, _ builder: inout PageBuilder,
        appendDocument: (inout PageBuilder) throws(QueryError) -> Bool
    ) throws(QueryError) -> Bool? {
        var rowIndex = 0
        var ended: Bool?
        let shared = shared
        let givesDocuments = shared.plan.givesDocuments
        _ = try evaluator.run(shared.plan.stages[...]) { evaluator throws(QueryError) in
            let value = try evaluator.evaluate(shared.plan.projection)
            if value.isUndefined { return .more }
            defer { rowIndex += 1 }
            if rowIndex < rowsDone { return .more }
            if state.skipped < shared.plan.offset {
                state.skipped += 1
                return .more
            }
            guard try givesDocuments ? appendDocument(&builder) : builder.append(value) else {
                state.place = .streaming(position, rowsDone: rowIndex)
                ended = false
                return .enough
            }
            state.emitted += 1
            if state.emitted == shared.plan.limit {
                ended = true
                return .enough
            }
            return .more
        }
        return ended
    }

    // MARK: Roots

    /// Binds the next document, or the one row of a plan without documents, and tells where it stands.
    mutating func nextRoot<Source: DocumentSource & ~Copyable>(
        over source: inout Source, isFirst: Bool
    ) throws(QueryError) -> DocumentPosition? {
        evaluator.context.expansionCount = 0
        switch shared.plan.root {
        case .documents(let slot):
            return try nextDocument(over: &source, slot)?.position
        case .single:
            return isFirst ? .start : nil
        case .derived(let inner):
            guard isFirst else { return nil }
            evaluator.derivedRows = try collect(inner, over: &source)
            return .start
        }
    }

    mutating func nextDocument<Source: DocumentSource & ~Copyable>(
        over source: inout Source, _ slot: Int
    ) throws(QueryError) -> SourceDocument? {
        guard let next = try source.next() else { return nil }
        try countDocument(next.byteCount)
        evaluator.slots[slot] = Value(next.document.root)
        evaluator.context.expansionCount = 0
        return next
    }

    /// Counts a document that was read, and ends a brief page that comes to read many.
    mutating func countDocument(_ byteCount: Int) throws(QueryError) {
        metrics.retrievedDocumentCount += 1
        metrics.retrievedDocumentBytes += byteCount
        guard options.isBrief else { return }
        guard metrics.retrievedDocumentCount <= limits.documentsPerPageMax,
            metrics.retrievedDocumentBytes <= limits.documentBytesPerPageMax
        else { throw .notBrief }
        try checkBlockingTime()
    }

    /// Documents between two looks at the clock, which takes as long as to read a small one from the log. What takes
    /// long over one document looks by itself (``EvaluationContext/spend(_:)``).
    private static var documentsPerLook: Int { 16 }

    /// How long the page had taken at the last look at the clock, which was at most so many documents ago.
    mutating func elapsedAtLastLook() -> Int64 {
        if metrics.retrievedDocumentCount - lastLook.documentCount >= Self.documentsPerLook {
            lastLook = (metrics.retrievedDocumentCount, elapsedMilliseconds)
        }
        return lastLook.elapsedMilliseconds
    }

    /// Refuses a query that has to see every document and takes too long over it.
    mutating func checkBlockingTime() throws(QueryError) {
        guard elapsedAtLastLook() < limits.blockingMilliseconds else { throw .tooSlow(limits) }
    }

    /// All rows of a query in FROM, within the memory cap.
    private mutating func collect<Source: DocumentSource & ~Copyable>(
        _ inner: PhysicalPlan, over source: inout Source
    ) throws(QueryError) -> [Value] {
        if inner.limit == 0 { return [] }
        var table = GroupTable(inner, limits: limits)
        var values: [Value] = []
        var bytes = 0
        // How many documents the one at hand stands for.
        var times = 1
        let limits = limits
        let take: (inout Evaluator) throws(QueryError) -> Evaluator.Demand = { evaluator throws(QueryError) in
            if inner.delivery == .gathered {
                try table.add(&evaluator, times: times)
                return .more
            }
            let value = try evaluator.evaluate(inner.projection)
            if value.isUndefined { return .more }
            bytes = bytes.saturatingSum(value.weightBytes.saturatingSum(64))
            guard bytes <= limits.memoryBytesMax else { throw Value.tooLarge(limits) }
            values.append(value.detached)
            return values.count == inner.limit.map { $0.saturatingSum(inner.offset) } ? .enough : .more
        }
        switch inner.root {
        case .single: _ = try evaluator.run(inner.stages[...], take)
        case .derived(let deeper):
            evaluator.derivedRows = try collect(deeper, over: &source)
            _ = try evaluator.run(inner.stages[...], take)
        case .documents(let slot):
            while let document = try nextDocument(over: &source, slot) {
                try checkBlockingTime()
                times = document.count
                if case .enough = try evaluator.run(inner.stages[...], take) { break }
            }
        }
        if inner.delivery == .gathered { values = try table.rows(&evaluator).map(\.value) }
        return Array(values.dropFirst(inner.offset).prefix(inner.limit ?? Int.max))
    }
}
