public import OrreryDocuments
internal import Synchronization

/// What must be true of a document, as patches and filters carry it: `from c where c.stock > 0`. It is planned once and
/// may be asked of any number of documents.
public struct DocumentCondition: Sendable {
    private let query: Query
    private let plan: SharedPlan
    private let patterns = KnownPatterns()

    /// Parses a condition and plans it.
    /// - Parameter limits: what one answer may cost. What then becomes of a document is for the caller to say: there
    ///   is no default.
    public init(_ text: [UInt8], limits: QueryLimits) throws(QueryError) {
        query = try Query(condition: text, limits: limits)
        plan = SharedPlan(try query.physicalPlan())
    }

    /// Whether it is true of a document. The time that it may take is the thread's processor time.
    /// - Throws: where that cannot be said, for want of time above all.
    public func matches(_ document: JSONDocument) throws(QueryError) -> Bool {
        try matches(document, elapsedMilliseconds: SystemClock.processorTime())
    }

    func matches(
        _ document: JSONDocument, elapsedMilliseconds: @escaping @Sendable () -> Int64
    ) throws(QueryError) -> Bool {
        var source = DocumentList([document])
        let services = QueryServices(sign: { _ in [] }, monotonicMilliseconds: elapsedMilliseconds)
        var options = QueryPageOptions(services: services)
        options.rowCountMax = 1
        var executor = try query.executor(plan, options: options)
        executor.evaluator.context.regularExpressions = patterns.first
        defer { patterns.take(executor.evaluator.context.regularExpressions) }
        return try executor.page(over: &source).rowCount > 0
    }
}

/// The patterns that a condition compiled for the first documents, for those to come: its own are the same for all.
private final class KnownPatterns: Sendable {
    private let patterns = Mutex(RegularExpressionCache())
    /// More are not kept: patterns may stand in documents, too, and be others in each.
    private static let countMax = 8

    var first: RegularExpressionCache { patterns.withLock { $0 } }

    func take(_ compiled: RegularExpressionCache) {
        patterns.withLock { known in
            if compiled.count <= Self.countMax, known.count < compiled.count { known = compiled }
        }
    }
}
