import Dispatch
import OrreryDocuments
import OrreryHTTP
import Synchronization
import TestSupport
import Testing

@testable import OrreryGateway

@Suite struct LimitTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func aWindowSlides() {
        var window = SlidingWindow(callsMax: 3, windowNanoseconds: 10)
        #expect(window.admit(at: 100) == .admitted(remaining: 2))
        #expect(window.admit(at: 104) == .admitted(remaining: 1))
        #expect(window.admit(at: 108) == .admitted(remaining: 0))
        #expect(window.admit(at: 109) == .refused(waitNanoseconds: 1))
        #expect(window.admit(at: 110) == .admitted(remaining: 0))
        #expect(window.admit(at: 113) == .refused(waitNanoseconds: 1))
        #expect(window.admit(at: 114) == .admitted(remaining: 0))
        #expect(window.admit(at: 200) == .admitted(remaining: 2))
        // A clock that another thread looked at before.
        #expect(window.admit(at: 150) == .admitted(remaining: 1))
    }

    /// Whatever the calls' times: no stretch as long as the window has more than are allowed, and none is refused that
    /// could have passed.
    @Test(arguments: 1...20) func windowsAreExact(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let (callsMax, width) = (Int.random(in: 1...8, using: &random), UInt64.random(in: 1...50, using: &random))
        var window = SlidingWindow(callsMax: callsMax, windowNanoseconds: width)
        var now: UInt64 = 1000
        var admitted: [UInt64] = []
        for _ in 0..<2000 {
            now += UInt64.random(in: 0...(2 * width / UInt64(callsMax) + 1), using: &random)
            let recent = admitted.count { now - $0 < width }
            switch window.admit(at: now) {
            case .admitted(let remaining):
                #expect(recent < callsMax, "seed \(seed) at \(now)")
                #expect(remaining == callsMax - recent - 1, "seed \(seed) at \(now)")
                admitted.append(now)
            case .refused(let wait):
                #expect(recent == callsMax, "seed \(seed) at \(now)")
                #expect(wait > 0 && wait <= width)
            }
        }
    }

    @Test func noCallTooManyUnderManyThreads() {
        let limiter = RateLimiter()
        let limit = RateLimiter.Limit(policy: "p", caller: "a", callsMax: 1000, windowSeconds: 1)
        let admitted = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 128) { _ in
            for _ in 0..<50 {
                if case .admitted = limiter.admit(limit, at: Self.second) { admitted.add(1, ordering: .relaxed) }
            }
        }
        #expect(admitted.load(ordering: .relaxed) == 1000)
    }

    @Test func callersAreCountedApart() {
        let limiter = RateLimiter()
        for (policy, caller) in [("p", "a"), ("p", "b"), ("q", "a")] {
            for windowSeconds in [1, 2] {
                let limit = RateLimiter.Limit(policy: policy, caller: caller, callsMax: 1, windowSeconds: windowSeconds)
                #expect(limiter.admit(limit, at: Self.second) == .admitted(remaining: 0))
                #expect(limiter.admit(limit, at: Self.second) == .refused(retryAfterSeconds: windowSeconds))
            }
        }
    }

    // MARK: Quotas

    private static let quota = QuotaLedger.Quota.calls("q", max: 250, periodSeconds: 3600)

    private func take(_ ledger: QuotaLedger, _ quota: QuotaLedger.Quota, at now: Int64) -> QuotaLedger.Verdict {
        let answered = DispatchSemaphore(value: 0)
        let verdict = Mutex<QuotaLedger.Verdict?>(nil)
        let immediate = ledger.take(quota, nowSeconds: now) { later in
            verdict.withLock { $0 = later }
            answered.signal()
        }
        if let immediate { return immediate }
        answered.wait()
        return verdict.withLock { $0 } ?? .unavailable
    }

    @Test func aQuotaIsUsedUpAndBeginsAnew() {
        let ledger = QuotaLedger(keeper: MemoryQuotas())
        for _ in 0..<250 { #expect(take(ledger, Self.quota, at: 7200) == .admitted) }
        #expect(take(ledger, Self.quota, at: 7201) == .refused(retryAfterSeconds: 3599))
        #expect(take(ledger, Self.quota, at: 10_799) == .refused(retryAfterSeconds: 1))
        #expect(take(ledger, Self.quota, at: 10_800) == .admitted)
    }

    @Test func aQuotaOutlivesARestart() {
        let quotas = MemoryQuotas()
        for restart in 0..<5 {
            let ledger = QuotaLedger(keeper: quotas)
            for _ in 0..<50 { #expect(take(ledger, Self.quota, at: 7200) == .admitted, "restart \(restart)") }
            quotas.settle()
            ledger.close()
            quotas.settle()
        }
        #expect(take(QuotaLedger(keeper: quotas), Self.quota, at: 7200) == .refused(retryAfterSeconds: 3600))
    }

    /// A server that is killed gives nothing back: callers may lose what was set aside, and never get more.
    @Test func aKilledServerNeverGivesMore() {
        let quotas = MemoryQuotas()
        var admitted = 0
        for _ in 0..<200 {
            let ledger = QuotaLedger(keeper: quotas)
            for _ in 0..<3 where take(ledger, Self.quota, at: 7200) == .admitted { admitted += 1 }
            quotas.settle()
        }
        #expect(admitted <= 250 && admitted >= 100)
        #expect(take(QuotaLedger(keeper: quotas), Self.quota, at: 7200) == .refused(retryAfterSeconds: 3600))
    }

    @Test func noCallTooManyOfAQuotaUnderManyThreads() {
        let quotas = MemoryQuotas()
        let ledger = QuotaLedger(keeper: quotas)
        let quota = QuotaLedger.Quota.calls("q", max: 3000, periodSeconds: 60)
        let admitted = Atomic(0)
        let refused = Atomic(0)
        let done = DispatchGroup()
        DispatchQueue.concurrentPerform(iterations: 128) { _ in
            for _ in 0..<50 {
                done.enter()
                @Sendable func count(_ verdict: QuotaLedger.Verdict) {
                    if verdict == .admitted {
                        admitted.add(1, ordering: .relaxed)
                    } else {
                        refused.add(1, ordering: .relaxed)
                    }
                    done.leave()
                }
                if let verdict = ledger.take(quota, nowSeconds: 60, count) { count(verdict) }
            }
        }
        done.wait()
        #expect(admitted.load(ordering: .relaxed) == 3000)
        #expect(refused.load(ordering: .relaxed) == 128 * 50 - 3000)
        #expect(quotas.kept <= 3000 / quota.blockUnits + 1)
    }

    @Test func aQuotaThatCannotBeKeptLetsNobodyPass() {
        let quotas = MemoryQuotas()
        quotas.fail(true)
        let ledger = QuotaLedger(keeper: quotas)
        #expect(take(ledger, Self.quota, at: 7200) == .unavailable)
        quotas.fail(false)
        #expect(take(ledger, Self.quota, at: 7200) == .admitted)
    }

    @Test func quotasAnswerAsSpecified() throws {
        let gateway = try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":[{"id":"o","method":"GET","#
                + #""backend":{"handler":"echo"}}],"policies":[{"policy":"quota-by-key","calls":2,"seconds":86400,"#
                + #""key":"{request.headers.x-caller}"}]}"#
        ])
        for _ in 0..<2 { #expect(gateway.send("GET", "/a", [("x-caller", "1")])?.status == 200) }
        let answer = gateway.send("GET", "/a", [("X-Caller", "1")])
        #expect(answer?.status == 403)
        let seconds = 86_400 - SampleTokens.nowSeconds % 86_400
        #expect(answer?.headers["retry-after"] == "\(seconds)")
        #expect(answer?.json["message"]?.string == "Out of call volume quota. Quota will be replenished in 00:20:00.")
        #expect(gateway.send("GET", "/a", [("x-caller", "2")])?.status == 200)
    }
}
