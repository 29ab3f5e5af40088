import OrreryPatterns

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
    /// Milliseconds since the page began; zero where nothing is timed.
    private let elapsedMilliseconds: @Sendable () -> Int64
    private var workBytes = 0
    /// For all matches of regular expressions together; begun with the first.
    private var matchBudget: MatchBudget?

    /// Bytes of work between two looks at the clock.
    private static let workBytesMax = 1024 * 1024

    init(
        limits: QueryLimits, clock: @escaping @Sendable () -> Int64,
        elapsedMilliseconds: @escaping @Sendable () -> Int64 = { 0 }
    ) {
        self.limits = limits
        self.clock = clock
        self.elapsedMilliseconds = elapsedMilliseconds
        startTicks = clock()
    }

    /// Counts bytes that an operation is about to walk through. A page ends between documents, but a long query over a
    /// large document can take minutes before that; here it is refused.
    @inline(__always)
    mutating func spend(_ bytes: Int) throws(QueryError) {
        workBytes = workBytes.saturatingSum(bytes)
        if workBytes > EvaluationContext.workBytesMax { try lookAtClock() }
    }

    private mutating func lookAtClock() throws(QueryError) {
        workBytes = 0
        guard elapsedMilliseconds() < limits.blockingMilliseconds else { throw .tooSlow(limits) }
    }

    /// The compiled pattern; nil when it is malformed. To compile one may take some milliseconds.
    mutating func regularExpression(
        _ pattern: String, modifiers: String
    ) throws(QueryError) -> RegularExpression? {
        if let known = regularExpressions.known(pattern, modifiers) { return known }
        try lookAtClock()
        return regularExpressions.compile(pattern, modifiers)
    }

    /// Looks for a match. It is given up when the page's time is over: other than anything else, one match by itself
    /// may take for ages.
    mutating func matching<Result>(
        _ body: (inout MatchBudget) throws(RegularExpressionError) -> Result
    ) throws(QueryError) -> Result {
        let (elapsed, most) = (elapsedMilliseconds, limits.blockingMilliseconds)
        var budget = matchBudget ?? MatchBudget(milliseconds: most) { elapsed() >= most }
        defer { matchBudget = budget }
        do throws(RegularExpressionError) {
            return try body(&budget)
        } catch {
            throw QueryError(.limitExceeded, "A regular expression took more steps, memory or time than is allowed.")
        }
    }

    mutating func countExpansion() throws(QueryError) {
        expansionCount += 1
        guard expansionCount <= limits.expansionsPerDocumentMax else {
            throw QueryError(
                .limitExceeded, "The query expands one item into more than \(limits.expansionsPerDocumentMax) rows.")
        }
    }
}

extension QueryError {
    static func tooSlow(_ limits: QueryLimits) -> QueryError {
        QueryError(.limitExceeded, "The query took longer than \(limits.blockingMilliseconds) milliseconds.")
    }
}
