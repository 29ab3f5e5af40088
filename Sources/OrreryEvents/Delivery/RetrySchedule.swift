/// What is to be done after a try to deliver: decided by numbers alone, so that a day of retries is tested in no time.
public struct RetrySchedule: Sendable, Equatable {
    /// Why an event ends as a dead letter, in the service's words.
    public enum DeadLetterReason: String, Sendable, Equatable {
        case attemptsExceeded = "MaxDeliveryAttemptsExceeded"
        case timeToLiveExceeded = "TimeToLiveExceeded"
        case notRetriable = "NonRetriableFailure"
    }

    /// What follows.
    public enum Step: Sendable, Equatable {
        /// The event has arrived.
        case delivered
        /// Try again then (milliseconds since 1970).
        case retry(atMilliseconds: Int64)
        /// Nothing more is tried.
        case deadLetter(DeadLetterReason)
        /// The endpoint has gone for good (410): the event is a dead letter, and the subscription ends.
        case endSubscription
    }

    /// Seconds to wait after the first failure, the second and so on; the last one over and over (documentation,
    /// "Retry schedule").
    public static let delaysSeconds: [Int64] = [10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200]
    /// The largest part of a delay that chance adds to it, so that what failed together does not come back together.
    public static let jitterPart = 0.1
    /// Answers after which the same event would fail again.
    public static let neverRetriedStatuses: Set<Int> = [400, 401, 403, 413]
    /// The longest wait that an endpoint may ask for.
    public static let retryAfterSecondsMax: Int64 = 43_200

    public let policy: RetryPolicy

    /// The schedule under a policy.
    public init(_ policy: RetryPolicy = RetryPolicy()) {
        self.policy = policy
    }

    /// When an event that was published then is given up.
    public func deadline(publishedMilliseconds: Int64) -> Int64 {
        let (deadline, overflows) = publishedMilliseconds.addingReportingOverflow(
            Int64(policy.timeToLiveMinutes) * 60_000)
        return overflows ? .max : deadline
    }

    /// What follows a try.
    /// - Parameters:
    ///   - attempts: tries so far, this one included.
    ///   - chance: a random number from 0 to 1.
    public func step(
        after outcome: DeliveryOutcome, attempts: Int, publishedMilliseconds: Int64, nowMilliseconds: Int64,
        chance: Double
    ) -> Step {
        if outcome.isSuccess { return .delivered }
        if case .answered(let status, _) = outcome {
            if status == 410 { return .endSubscription }
            if Self.neverRetriedStatuses.contains(status) { return .deadLetter(.notRetriable) }
        }
        if outcome == .refusedAddress { return .deadLetter(.notRetriable) }
        if attempts >= policy.deliveryAttemptsMax { return .deadLetter(.attemptsExceeded) }
        let delay = Self.delayMilliseconds(after: outcome, attempts: attempts, chance: chance)
        let (next, overflows) = nowMilliseconds.addingReportingOverflow(delay)
        // A try that would come too late is none: the dead letter is told of at once.
        if overflows || next > deadline(publishedMilliseconds: publishedMilliseconds) {
            return .deadLetter(.timeToLiveExceeded)
        }
        return .retry(atMilliseconds: next)
    }

    /// How long to wait: what the endpoint asked for with 429 or 503, else the schedule's step.
    static func delayMilliseconds(after outcome: DeliveryOutcome, attempts: Int, chance: Double) -> Int64 {
        var seconds = delaysSeconds[min(max(attempts, 1), delaysSeconds.count) - 1]
        if case .answered(let status, let asked?) = outcome, status == 429 || status == 503 {
            seconds = min(max(Int64(asked), 1), retryAfterSecondsMax)
        }
        let part = jitterPart * min(max(chance, 0), 1)
        return seconds * 1_000 + Int64(Double(seconds * 1_000) * part)
    }
}
