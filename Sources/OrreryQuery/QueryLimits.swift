/// What one query may cost. Each limit has a default and ends in a clear 400 when it is passed, so that no text,
/// however hostile, can exhaust the stack, the memory or a worker.
public struct QueryLimits: Sendable {
    /// Bytes of query text (512 KB in the service).
    public var textBytesMax = 512 * 1024
    /// How deep expressions and subqueries may nest. Parser, binder, optimizer and evaluator recurse at most this deep.
    public var nestingDepthMax = 128
    /// JOIN clauses in one query, subqueries included.
    public var joinCountMax = 10
    /// Calls of user defined functions in one query.
    public var userDefinedFunctionCountMax = 10
    /// Bytes that one computed value (a concatenation, an array built by a subquery …) may stand for.
    public var valueBytesMax = 16 * 1024 * 1024
    /// Bytes that ORDER BY keys, groups and distinct rows may hold in memory together.
    public var memoryBytesMax = 64 * 1024 * 1024
    /// Rows that joins and subqueries may expand one document into.
    public var expansionsPerDocumentMax = 20_000_000
    /// Bytes of rows in one page (4 MB in the service); a single longer row is still returned.
    public var pageBytesMax = 4 * 1024 * 1024
    /// How long one page of a streaming query may take before it ends early with a continuation.
    public var pageMilliseconds = 5_000
    /// How long a query that must see every document before its first row may take before it is refused.
    public var blockingMilliseconds = 60_000

    /// Documents that one page may read, and their bytes.
    public var documentsPerPageMax = Int.max
    public var documentBytesPerPageMax = Int.max

    /// Bytes of a text times bytes of the regular expression that is looked for in it. One step of a match may compare
    /// each character of the one with all of the other, eight of these in a nanosecond: that is a quarter of the time
    /// that there is at most, for the clock is looked at between steps.
    var matchedBytesMax: Int {
        let (product, overflow) = blockingMilliseconds.multipliedReportingOverflow(by: 2 << 20)
        return overflow ? .max : product
    }

    /// The defaults.
    public init() {}

    /// The same limits, but for a page that is run on a thread that others wait for: see ``QueryPageOptions/isBrief``.
    var brief: QueryLimits {
        var limits = self
        limits.documentsPerPageMax = Self.briefDocumentsMax
        limits.documentBytesPerPageMax = 1 << 20
        limits.expansionsPerDocumentMax = min(2_000, expansionsPerDocumentMax)
        limits.blockingMilliseconds = min(2, blockingMilliseconds)
        return limits
    }

    /// Those of a patch's condition. It is asked on a committer, which others wait for, and cannot be asked again
    /// elsewhere: what takes longer is refused.
    public static var condition: QueryLimits {
        var limits = QueryLimits()
        limits.expansionsPerDocumentMax = 200_000
        limits.blockingMilliseconds = 20
        return limits
    }

    /// Those of a filter of changes or events. It is asked on a thread where the next ones wait, and nobody waits for
    /// an answer: the time is generous, and whoever asks says what becomes of what takes longer.
    public static var filter: QueryLimits {
        var limits = QueryLimits()
        limits.blockingMilliseconds = 1_000
        return limits
    }

    /// The most documents that a brief page reads.
    public static let briefDocumentsMax = 256
}
