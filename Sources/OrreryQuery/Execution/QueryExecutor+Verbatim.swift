/// Documents that are rows as they stand: nobody needs more of them than their texts.
public protocol DocumentTextSource: ~Copyable {
    /// Goes to the first document at or after a position.
    mutating func seek(to position: DocumentPosition) throws(QueryError)

    /// Appends the next document's text, and tells where it stands; nil at the end.
    mutating func appendNextText(to rows: inout [UInt8]) throws(QueryError) -> DocumentPosition?
}

extension QueryExecutor {
    /// `SELECT *` of documents of which the index has decided the filter: they are not parsed, and their texts are
    /// copied once. Continuations are those of rows that are strung together.
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
        while true {
            builder.beginRow()
            guard let position = try source.appendNextText(to: &builder.rows) else {
                builder.dropRow()
                break
            }
            try countDocument(builder.rowByteCount)
            let isLate = !isFirst && elapsedAtLastLook() >= limits.pageMilliseconds
            isFirst = false
            if !isLate, state.skipped < shared.plan.offset {
                state.skipped += 1
                builder.dropRow()
                continue
            }
            if isLate { builder.dropRow() }
            guard !isLate, builder.endRow() else {
                state.place = .streaming(position, rowsDone: 0)
                return finished(&builder, continuation: state.text(signing: signing))
            }
            state.emitted += 1
            if state.emitted == shared.plan.limit { break }
        }
        return finished(&builder, continuation: nil)
    }

    private mutating func finished(_ builder: inout PageBuilder, continuation: String?) -> QueryPage {
        // What came has passed the filter.
        for stage in shared.plan.stages.indices { evaluator.probeCounts[stage] = metrics.retrievedDocumentCount }
        return builder.finish(metrics, continuation: continuation)
    }
}
