public import OrreryDocuments

/// What must be true of a document, as patches and filters carry it: `from c where c.stock > 0`. It is planned once and
/// may be asked of any number of documents.
public struct DocumentCondition: Sendable {
    private let query: Query
    private let plan: SharedPlan

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
        return try query.page(over: &source, plan: plan, options: options).rowCount > 0
    }
}
