import OrreryDocuments
import Testing

@testable import OrreryEvents

/// The schedule on a clock that is only a number.
@Suite struct RetryScheduleTests {
    /// All tries of an event that never succeeds: their times in seconds, and how it ends.
    private func tries(
        _ outcome: DeliveryOutcome, policy: RetryPolicy = RetryPolicy(), chance: Double = 0
    ) -> (seconds: [Int64], end: RetrySchedule.Step) {
        let schedule = RetrySchedule(policy)
        var now: Int64 = 0
        var seconds: [Int64] = []
        while true {
            seconds.append(now / 1_000)
            let step = schedule.step(
                after: outcome, attempts: seconds.count, publishedMilliseconds: 0, nowMilliseconds: now,
                chance: chance)
            guard case .retry(let next) = step, seconds.count < 100 else { return (seconds, step) }
            #expect(next > now)
            now = next
        }
    }

    @Test func aDayOfFailures() {
        let (seconds, end) = tries(.answered(status: 500))
        #expect(seconds == [0, 10, 40, 100, 400, 1_000, 2_800, 6_400, 17_200, 38_800, 82_000])
        #expect(end == .deadLetter(.timeToLiveExceeded))
    }

    @Test func attemptsEndIt() {
        let (seconds, end) = tries(.timedOut, policy: RetryPolicy(deliveryAttemptsMax: 3))
        #expect(seconds == [0, 10, 40])
        #expect(end == .deadLetter(.attemptsExceeded))
        #expect(tries(.disconnected, policy: RetryPolicy(deliveryAttemptsMax: 1)).seconds == [0])
    }

    @Test func timeToLiveEndsIt() {
        let (seconds, end) = tries(.unresolved, policy: RetryPolicy(timeToLiveMinutes: 1))
        #expect(seconds == [0, 10, 40])
        #expect(end == .deadLetter(.timeToLiveExceeded))
    }

    @Test func chanceOnlyAdds() {
        for attempts in 1...40 {
            let least = RetrySchedule.delayMilliseconds(after: .timedOut, attempts: attempts, chance: 0)
            let most = RetrySchedule.delayMilliseconds(after: .timedOut, attempts: attempts, chance: 1)
            #expect(least == RetrySchedule.delaysSeconds[min(attempts, 10) - 1] * 1_000)
            #expect(most == least + least / 10)
        }
    }

    @Test(arguments: [400, 401, 403, 413])
    func neverRetried(status: Int) {
        #expect(tries(.answered(status: status)).end == .deadLetter(.notRetriable))
        #expect(tries(.answered(status: status)).seconds == [0])
    }

    @Test(arguments: [200, 201, 202, 203, 204])
    func success(status: Int) {
        #expect(tries(.answered(status: status)).end == .delivered)
    }

    @Test(arguments: [206, 301, 302, 404, 408, 500, 503])
    func retried(status: Int) {
        #expect(tries(.answered(status: status)).seconds.count == 11)
    }

    @Test func goneEndsTheSubscription() {
        #expect(tries(.answered(status: 410)).end == .endSubscription)
        #expect(tries(.refusedAddress).end == .deadLetter(.notRetriable))
    }

    @Test func retryAfterIsKept() {
        func delay(_ status: Int, _ seconds: Int?) -> Int64 {
            RetrySchedule.delayMilliseconds(
                after: .answered(status: status, retryAfterSeconds: seconds), attempts: 1, chance: 0)
        }
        #expect(delay(429, 120) == 120_000)
        #expect(delay(503, 2) == 2_000)
        #expect(delay(429, nil) == 10_000)
        #expect(delay(500, 120) == 10_000)
        #expect(delay(429, -5) == 1_000)
        #expect(delay(429, .max) == 43_200_000)
    }

    @Test func extremesDoNotTrap() {
        let schedule = RetrySchedule()
        let step = schedule.step(
            after: .timedOut, attempts: .max, publishedMilliseconds: .max, nowMilliseconds: .max, chance: .infinity)
        #expect(step == .deadLetter(.attemptsExceeded))
        #expect(
            schedule.step(
                after: .timedOut, attempts: .min, publishedMilliseconds: .max, nowMilliseconds: .max, chance: -1)
                == .deadLetter(.timeToLiveExceeded))
    }
}
