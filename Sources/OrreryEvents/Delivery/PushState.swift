/// How a subscription's deliveries by push stand. Pure: it knows no clock and sends nothing.
struct PushState: Sendable {
    /// Whether the endpoint has agreed to be sent events.
    enum Agreement: Sendable {
        /// Agreed, or nobody has to.
        case given
        /// Asked for, and not given yet; the reason is for people.
        case missing(reason: String)
        /// The endpoint said that it is gone for good (410).
        case withdrawn(sinceMilliseconds: Int64)
    }

    /// An endpoint that fails every time is only tried now and then, until it answers again.
    struct Probation: Sendable {
        let sinceMilliseconds: Int64
        var nextProbeMilliseconds: Int64
        var probeCount = 0
    }

    /// Deliveries under way.
    var runningCount = 0
    /// When the oldest event is given up that may not be delivered now; nil where events may be.
    var expiryMilliseconds: Int64?
    var agreement = Agreement.given
    /// When the endpoint was first asked whether it agrees, in milliseconds since 1970; nil where it was not yet.
    var firstAskedMilliseconds: Int64?
    private(set) var failuresInRow = 0
    private(set) var probation: Probation?
    /// What came of the last attempt, in words.
    var lastOutcome = ""
    var lastAttemptMilliseconds: Int64 = 0

    /// So many failures one after the other, of whatever events, put an endpoint on probation.
    static let failuresMax = 10
    /// How long after one probe the next comes.
    private static let probeDelaysSeconds: [Int64] = [10, 30, 60, 300, 600]

    /// How many deliveries may be under way now.
    func runningMax(_ concurrencyMax: Int, nowMilliseconds now: Int64) -> Int {
        guard case .given = agreement else { return 0 }
        guard let probation else { return concurrencyMax }
        return probation.nextProbeMilliseconds <= now ? 1 : 0
    }

    /// Whether the endpoint has had the time that there is for agreeing, by itself or by hand.
    func hasFailedToAgree(nowMilliseconds now: Int64) -> Bool {
        guard case .missing = agreement, let firstAskedMilliseconds else { return false }
        return now - firstAskedMilliseconds >= WebhookHandshake.manualMilliseconds
    }

    /// When a delivery may begin that may not now; nil where nothing is to be waited for.
    func waitsUntilMilliseconds(nowMilliseconds now: Int64) -> Int64? {
        guard case .given = agreement, let probation, probation.nextProbeMilliseconds > now else { return nil }
        return probation.nextProbeMilliseconds
    }

    /// A delivery arrived. Answers whether the endpoint was on probation until now.
    mutating func succeeded() -> Bool {
        failuresInRow = 0
        defer { probation = nil }
        return probation != nil
    }

    /// A delivery failed, for a reason that is the endpoint's rather than the event's.
    mutating func failed(nowMilliseconds now: Int64) {
        failuresInRow += 1
        guard failuresInRow >= Self.failuresMax else { return }
        var next = probation ?? Probation(sinceMilliseconds: now, nextProbeMilliseconds: now)
        let delay = Self.probeDelaysSeconds[min(next.probeCount, Self.probeDelaysSeconds.count - 1)]
        next.probeCount += 1
        next.nextProbeMilliseconds = now + delay * 1000
        probation = next
    }
}
