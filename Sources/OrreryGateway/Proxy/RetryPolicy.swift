import OrreryHTTP

/// When a request is sent once more to a server behind the gateway, and after how long: `{"count":3,
/// "intervalMilliseconds":100,"maxIntervalMilliseconds":5000,"statuses":[502,503,504],"methods":["GET"]}`.
struct RetryPolicy: Sendable {
    private let count: Int
    private let intervalMilliseconds: Int
    private let intervalMillisecondsMax: Int
    private let statuses: StatusSet
    private let methods: [String]

    /// What may be repeated without harm (RFC 9110, section 9.2.2). Others are where the configuration says so.
    private static let idempotent = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        count = try reader.requiredInteger("count", in: 1...10)
        intervalMilliseconds = try reader.integer("intervalMilliseconds", in: 1...60_000) ?? 100
        intervalMillisecondsMax = try reader.integer("maxIntervalMilliseconds", in: 1...300_000) ?? 5000
        statuses = try reader.statuses("statuses") ?? StatusSet([502...504])
        methods = reader.value("methods") == nil ? Self.idempotent : try reader.texts("methods")
    }

    /// How long to wait before a request is sent again; nil where it is not.
    /// - Parameters:
    ///   - attempt: how often it was sent, from 1.
    ///   - status: of the answer; nil where there was none.
    ///   - retryAfterSeconds: what the answer says of that.
    ///   - jitter: from 0 to 1. Callers that failed together must not come again together.
    func delayMilliseconds(
        afterAttempt attempt: Int, _ method: HTTPMethod, status: Int?, retryAfterSeconds: Int?, jitter: Double
    ) -> Int? {
        guard attempt <= count, methods.contains(method.name), status.map(statuses.contains) ?? true else { return nil }
        if let retryAfterSeconds {
            // One that wants to be left alone for longer is.
            let wanted = retryAfterSeconds.multipliedReportingOverflow(by: 1000)
            guard !wanted.overflow, wanted.partialValue <= intervalMillisecondsMax else { return nil }
            // A server may say anything, also that it was free before.
            return max(0, wanted.partialValue)
        }
        let doubled = intervalMilliseconds << min(attempt - 1, 16)
        return Int(Double(min(doubled, intervalMillisecondsMax)) * (0.5 + jitter / 2))
    }
}
