/// How one page of a query is to be run.
public struct QueryPageOptions: Sendable {
    /// Rows in the page; nil leaves it to the byte and time limits.
    public var rowCountMax: Int?
    /// Where to go on; nil starts.
    public var continuation: String?
    /// The longest continuation that the client takes, in bytes (`x-ms-documentdb-responsecontinuationtokenlimitinkb`).
    public var continuationBytesMax = 16 * 1024
    /// What a continuation is bound to beside the text and the parameters: container, partition key or range.
    public var scope: [UInt8] = []
    /// Whether the page is given up once it turns out to be more than a few documents' work, with an error of
    /// ``QueryError/Code/limitExceeded``. It is for threads that others wait for; the page is then run elsewhere.
    public var isBrief = false
    /// What stands before the first of the page's rows.
    public var rowsHead: [UInt8] = []
    /// What a page is run with.
    public var services: QueryServices

    public init(services: QueryServices) {
        self.services = services
    }

    /// - Parameter sign: see ``QueryServices``.
    public init(sign: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        self.init(services: QueryServices(sign: sign))
    }
}

/// What pages are run with beside their queries. A class, for the options of a page are handed from one to the other.
public final class QueryServices: Sendable {
    /// A keyed hash of 16 bytes or more; without a key of the server's, continuations can be forged.
    let sign: @Sendable ([UInt8]) -> [UInt8]
    /// Milliseconds of a clock that only rises.
    let monotonicMilliseconds: @Sendable () -> Int64
    /// 100 ns since 1970.
    let wallClockTicks: @Sendable () -> Int64

    /// - Parameters:
    ///   - sign: what signs continuations, of 16 bytes or more.
    ///   - monotonicMilliseconds: what a page's time is measured by.
    ///   - wallClockTicks: what the date functions tell, in 100 ns since 1970.
    public init(
        sign: @escaping @Sendable ([UInt8]) -> [UInt8],
        monotonicMilliseconds: @escaping @Sendable () -> Int64 = SystemClock.monotonicMilliseconds,
        wallClockTicks: @escaping @Sendable () -> Int64 = SystemClock.wallTicks
    ) {
        self.sign = sign
        self.monotonicMilliseconds = monotonicMilliseconds
        self.wallClockTicks = wallClockTicks
    }
}

/// A page of rows.
public struct QueryPage: Sendable {
    /// The rows as JSON values separated by commas: the inside of an array, behind ``QueryPageOptions/rowsHead``.
    public var rows: [UInt8] = []
    /// How many rows there are.
    public var rowCount = 0
    /// Where the next page begins; nil at the end.
    public var continuation: String?
    /// What the page cost.
    public var metrics = QueryMetrics()
    /// How many rows left each stage, where the query is explained.
    var probeCounts: [Int: Int] = [:]

    /// A page without rows.
    public init() {}

    init(rows: [UInt8]) {
        self.rows = rows
    }
}

/// What a page cost; the numbers of `x-ms-documentdb-query-metrics`.
public struct QueryMetrics: Sendable, Equatable {
    /// Documents read from the source, those that the filter dropped included.
    public var retrievedDocumentCount = 0
    /// Bytes of their text.
    public var retrievedDocumentBytes = 0
    /// Rows returned.
    public var outputDocumentCount = 0
    /// Bytes of the rows.
    public var outputDocumentBytes = 0
    /// From the start of the page to its end.
    public var executionMilliseconds: Int64 = 0
}
