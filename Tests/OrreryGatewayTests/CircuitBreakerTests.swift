import Testing

@testable import OrreryGateway

@Suite struct CircuitBreakerTests {
    private static let second: UInt64 = 1_000_000_000

    private func breaker(acceptsRetryAfter: Bool = true) -> CircuitBreaker {
        CircuitBreaker(
            CircuitBreaker.Settings(
                failuresMax: 3, intervalNanoseconds: 10 * Self.second, tripNanoseconds: 5 * Self.second,
                acceptsRetryAfter: acceptsRetryAfter))
    }

    private let failure = CircuitBreaker.Result.failure(retryAfterSeconds: nil)

    @Test func failuresWithinTheIntervalOpenIt() {
        var breaker = breaker()
        #expect(breaker.record(failure, isTrial: false, at: 0) == nil)
        #expect(breaker.record(failure, isTrial: false, at: 5 * Self.second) == nil)
        // The first is ten seconds old and counts no more.
        #expect(breaker.record(failure, isTrial: false, at: 10 * Self.second) == nil)
        #expect(breaker.record(.success, isTrial: false, at: 11 * Self.second) == nil)
        #expect(breaker.record(failure, isTrial: false, at: 12 * Self.second) == .opened)
        #expect(breaker.admit(at: 13 * Self.second) == .refused(waitNanoseconds: 4 * Self.second))
    }

    private func opened(_ breaker: CircuitBreaker, retryAfterSeconds: Int? = nil) -> CircuitBreaker {
        var breaker = breaker
        for _ in 0..<3 {
            _ = breaker.record(.failure(retryAfterSeconds: retryAfterSeconds), isTrial: false, at: 0)
        }
        return breaker
    }

    @Test func oneTrialDecides() {
        var breaker = opened(breaker())
        #expect(breaker.admit(at: 5 * Self.second - 1) == .refused(waitNanoseconds: 1))
        #expect(breaker.admit(at: 5 * Self.second) == .pass(isTrial: true))
        #expect(breaker.admit(at: 5 * Self.second) == .refused(waitNanoseconds: Self.second))
        // What was sent before the circuit opened decides nothing.
        #expect(breaker.record(.success, isTrial: false, at: 6 * Self.second) == nil)
        #expect(!breaker.isClosed)
        #expect(breaker.record(failure, isTrial: true, at: 6 * Self.second) == nil)
        #expect(breaker.admit(at: 10 * Self.second) == .refused(waitNanoseconds: Self.second))
        #expect(breaker.admit(at: 11 * Self.second) == .pass(isTrial: true))
        #expect(breaker.record(.success, isTrial: true, at: 12 * Self.second) == .closed)
        #expect(breaker.admit(at: 12 * Self.second) == .pass(isTrial: false))
        #expect(breaker.record(failure, isTrial: false, at: 12 * Self.second) == nil)
    }

    @Test func aTrialThatWasGivenUpIsMadeAnew() {
        var breaker = opened(breaker())
        #expect(breaker.admit(at: 6 * Self.second) == .pass(isTrial: true))
        #expect(breaker.record(.unknown, isTrial: true, at: 7 * Self.second) == nil)
        #expect(breaker.admit(at: 7 * Self.second) == .pass(isTrial: true))
    }

    @Test func aServerMaySayForHowLong() {
        var accepting = opened(breaker(), retryAfterSeconds: 60)
        #expect(accepting.admit(at: 59 * Self.second) == .refused(waitNanoseconds: Self.second))
        var bounded = opened(breaker(), retryAfterSeconds: .max)
        #expect(bounded.admit(at: 3600 * Self.second) == .pass(isTrial: true))
        var deaf = opened(breaker(acceptsRetryAfter: false), retryAfterSeconds: 60)
        #expect(deaf.admit(at: 5 * Self.second) == .pass(isTrial: true))
    }
}
