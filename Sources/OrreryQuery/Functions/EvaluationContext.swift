/// What functions may know beside their arguments. One context serves one query execution.
struct EvaluationContext: Sendable {
    let limits: QueryLimits
    /// 100 ns since 1970 at which the query began: what the `…Static` functions tell.
    let startTicks: Int64
    /// The clock of the `GetCurrent…` functions, in 100 ns since 1970.
    let clock: @Sendable () -> Int64
    var regularExpressions = RegularExpressionCache()
    /// Rows that joins and subqueries expanded the current document into.
    var expansionCount = 0

    init(limits: QueryLimits, clock: @escaping @Sendable () -> Int64) {
        self.limits = limits
        self.clock = clock
        startTicks = clock()
    }

    mutating func countExpansion() throws(QueryError) {
        expansionCount += 1
        guard expansionCount <= limits.expansionsPerDocumentMax else {
            throw QueryError(
                .limitExceeded, "The query expands one item into more than \(limits.expansionsPerDocumentMax) rows.")
        }
    }
}
