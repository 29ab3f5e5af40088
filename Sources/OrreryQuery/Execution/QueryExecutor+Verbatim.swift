/// Documents that are rows as they stand: nobody needs more of them than their texts.
public protocol DocumentTextSource: ~Copyable {
    /// Goes to the first document at or after a position.
    mutating func seek(to position: DocumentPosition) throws(QueryError)

    /// The next document's text, and where it stands; nil at the end.
    mutating func nextText() throws(QueryError) -> (text: [UInt8], position: DocumentPosition)?
}

extension QueryExecutor {
    /// `SELECT *` of documents of which the index has decided the filter: they are not parsed. Continuations are those
    /// of rows that are strung together.
    mutating func verbatimPage<Source: DocumentTextSource & ~Copyable>(
        over source: inout Source
    ) throws(QueryError) -> QueryPage {
        var state = Continuation(place: .streaming(.start, rowsDone: 0), emitted: 0, skipped: 0)
        if let start {
            guard case .streaming(let position, _) = start.place else { throw Continuation.invalid }
            state = start
            try source.seek(to: position)
        }
        var builder = newPage
        var isFirst = true
        while let (text, position) = try source.nextText() {
            try countDocument(text.count)
            let isLate = !isFirst && elapsedMilliseconds >= limits.pageMilliseconds
            isFirst = false
            if !isLate, state.skipped < plan.offset {
                state.skipped += 1
                continue
            }
            guard !isLate, builder.append(text[...]) else {
                state.place = .streaming(position, rowsDone: 0)
                return finished(&builder, continuation: state.text(signing: signing))
            }
            state.emitted += 1
            if state.emitted == plan.limit { break }
        }
        return finished(&builder, continuation: nil)
    }

    private mutating func finished(_ builder: inout PageBuilder, continuation: String?) -> QueryPage {
        // What came has passed the filter.
        for stage in plan.stages.indices { evaluator.probeCounts[stage] = metrics.retrievedDocumentCount }
        return builder.finish(metrics, continuation: continuation)
    }
}
