import OrreryDocuments
import Synchronization
import Testing

@testable import OrreryGateway
@testable import OrreryHTTP

/// Names of calls, traces, and the time that calls may take.
@Suite struct CallTests {
    private func gateway(_ policies: String, backend: String = #"{"handler":"echo"}"#) throws -> TestGateway {
        try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":[\#(policies)],"operations":["#
                + #"{"id":"o","method":"GET","path":"/{*rest}","backend":\#(backend)}]}"#
        ])
    }

    // MARK: Correlation

    @Test func aCallKeepsTheNameThatItsCallerGave() throws {
        let gateway = try gateway(#"{"policy":"correlation-id","logsCalls":true}"#)
        let answer = gateway.send("GET", "/a", [("x-correlation-id", "order-17")])
        #expect(answer?.headers["X-Correlation-ID"] == "order-17")
        #expect(answer?.json["header:x-correlation-id"]?.string == "order-17")
        let line = try #require(gateway.lines.last)
        #expect(line.contains("event=gateway-call") && line.contains("correlation=order-17"))
        #expect(line.contains("api=a operation=o status=200"))
    }

    @Test(arguments: ["", "a b", "a\"b", "ü", String(repeating: "x", count: 129)])
    func namesThatAreUnfitForALogAreNotKept(_ given: String) throws {
        let gateway = try gateway(#"{"policy":"correlation-id"}"#)
        let answer = gateway.send("GET", "/a", [("X-Correlation-ID", given)])
        let made = try #require(answer?.headers["x-correlation-id"])
        #expect(made.utf8.count == 32 && made != given)
        #expect(answer?.json["header:x-correlation-id"]?.string == made)
        #expect(gateway.lines.isEmpty)
    }

    @Test func aTraceIsContinued() throws {
        let gateway = try gateway(#"{"policy":"correlation-id"}"#)
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        let answer = gateway.send("GET", "/a", [("traceparent", parent)])
        let passedOn = try #require(answer?.json["header:traceparent"]?.string).split(separator: "-")
        #expect(passedOn[1] == "0af7651916cd43dd8448eb211c80319c" && passedOn[3] == "00")
        #expect(passedOn[2] != "b7ad6b7169203331" && passedOn[2].utf8.count == 16)
    }

    @Test(arguments: [
        "", "00-1-2-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ])
    func aTraceThatIsNoneBeginsAnew(_ given: String) throws {
        let gateway = try gateway(#"{"policy":"correlation-id"}"#)
        let answer = gateway.send("GET", "/a", [("traceparent", given)])
        let passedOn = try #require(answer?.json["header:traceparent"]?.string).split(separator: "-")
        #expect(passedOn.map(\.utf8.count) == [2, 32, 16, 2] && !given.contains(passedOn[1]))
    }

    // MARK: Time

    @Test func aCallThatTakesTooLongIsAnswered() throws {
        let gateway = try gateway(#"{"policy":"time-limit","milliseconds":2000}"#, backend: #"{"handler":"late"}"#)
        let first = gateway.begin("GET", "/a")
        gateway.pass(seconds: 1)
        let second = gateway.begin("GET", "/a")
        #expect(first.answer == nil)
        gateway.pass(seconds: 1)
        #expect(first.answer?.status == 504 && second.answer == nil)
        gateway.answerLate()
        #expect(first.answer?.status == 504 && second.answer?.status == 200)
        // What waits for a time that is over for nobody comes to nothing.
        gateway.pass(seconds: 5)
        #expect(second.answer?.status == 200)
        let third = gateway.begin("GET", "/a")
        gateway.pass(seconds: 2)
        #expect(third.answer?.status == 504)
    }

    /// A server behind is not asked any longer once nobody waits, nor asked again.
    @Test func aCallThatTakesTooLongIsGivenUp() throws {
        let backend = #"{"url":"http://back.example","retry":{"count":3,"intervalMilliseconds":4000},"#
            + #""circuitBreaker":{"failures":1}}"#
        let gateway = try gateway(#"{"policy":"time-limit","milliseconds":2000}"#, backend: backend)
        gateway.tellSlowly()
        let first = gateway.begin("GET", "/a")
        gateway.pass(seconds: 2)
        #expect(first.answer?.status == 504 && gateway.orders == [.cancel])
        gateway.tell(.failed(.cancelled))
        // Nor does it count as a failure of the server.
        let second = gateway.begin("GET", "/a")
        #expect(second.answer == nil && gateway.passedOn.count == 2)
        // While it waits to be sent again the call is given up, too.
        gateway.tell(.head(HTTPClientResponse(status: 503)))
        #expect(second.answer == nil)
        gateway.pass(seconds: 2)
        #expect(second.answer?.status == 504)
        gateway.pass(seconds: 10)
        #expect(gateway.passedOn.count == 2)
    }

    /// What has begun to be passed back goes on.
    @Test func anAnswerInTimeMayTakeLonger() throws {
        let gateway = try gateway(
            #"{"policy":"time-limit","milliseconds":2000}"#, backend: #"{"url":"http://back.example"}"#)
        gateway.tellSlowly()
        let call = gateway.begin("GET", "/a")
        gateway.tell(.head(HTTPClientResponse(status: 200)))
        gateway.pass(seconds: 5)
        let stream = try #require(call.answer?.stream)
        gateway.tell(.piece([1, 2]))
        gateway.tell(.finished)
        #expect(gateway.orders.isEmpty && stream.takePending() == [1, 2] && stream.isWhole)
    }

    @Test func aFunctionIsToldThatItsCallWasGivenUp() throws {
        let gateway = try gateway(#"{"policy":"time-limit","milliseconds":2000}"#, backend: #"{"handler":"late"}"#)
        let first = gateway.begin("GET", "/a")
        let givenUp = Atomic(0)
        let call = try #require(gateway.calls.last)
        call.whenGivenUp { givenUp.add(1, ordering: .relaxed) }
        gateway.pass(seconds: 1)
        #expect(first.answer == nil && givenUp.load(ordering: .relaxed) == 0)
        gateway.pass(seconds: 1)
        #expect(first.answer?.status == 504 && givenUp.load(ordering: .relaxed) == 1)
        // Whoever asks later is told at once; one that was answered in time never.
        call.whenGivenUp { givenUp.add(1, ordering: .relaxed) }
        #expect(givenUp.load(ordering: .relaxed) == 2)
        let second = gateway.begin("GET", "/a")
        try #require(gateway.calls.last).whenGivenUp { givenUp.add(1, ordering: .relaxed) }
        gateway.answerLate()
        gateway.pass(seconds: 5)
        #expect(second.answer?.status == 200 && givenUp.load(ordering: .relaxed) == 2)
    }

    // MARK: Bandwidth

    @Test func kilobytesOfBodiesAreCounted() throws {
        let gateway = try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":[{"id":"o","method":"POST","#
                + #""policies":[{"policy":"mock-response","body":"0123456789"}]}],"#
                + #""policies":[{"policy":"quota","kilobytes":1,"seconds":3600}]}"#
        ])
        let body = String(repeating: "x", count: 502)
        // 1,024 bytes: two calls of 512, and nothing for a third.
        for _ in 0..<2 { #expect(gateway.send("POST", "/a", body: body)?.status == 200) }
        let answer = gateway.send("POST", "/a", body: "x")
        #expect(answer?.status == 403)
        #expect(answer?.json["message"]?.string == "Out of bandwidth quota. Quota will be replenished in 00:20:00.")
        gateway.pass(seconds: 1200)
        #expect(gateway.send("POST", "/a", body: "x")?.status == 200)
    }

    @Test func anAnswerMayGoBeyondTheQuotaAndIsRemembered() throws {
        let quotas = MemoryQuotas()
        let ledger = QuotaLedger(keeper: quotas)
        let quota = QuotaLedger.Quota.bytes("q", max: 100_000, periodSeconds: 3600)
        ledger.charge(quota, units: 150_000, nowSeconds: 7200)
        quotas.settle()
        #expect(quotas.record(named: "q") == QuotaRecord(name: "q", startSeconds: 7200, reserved: 150_000))
        #expect(ledger.take(quota, nowSeconds: 7200) { _ in } == .refused(retryAfterSeconds: 3600))
        let after = QuotaLedger(keeper: quotas)
        #expect(after.take(quota, nowSeconds: 7200) { _ in } == .refused(retryAfterSeconds: 3600))
    }

    /// Callers beyond those that are kept in mind lose what was set aside for them, and never get more than they may.
    @Test func accountsThatAreLetGoOfNeverGiveMore() throws {
        let quotas = MemoryQuotas()
        let ledger = QuotaLedger(keeper: quotas, accountsMax: 8)
        var admitted: [Int: Int] = [:]
        for round in 0..<100 {
            for caller in 0..<40 {
                let quota = QuotaLedger.Quota.calls("\(caller)", max: 5, periodSeconds: 3600)
                if ledger.take(quota, nowSeconds: 7200, { _ in }) == .admitted { admitted[caller, default: 0] += 1 }
                if round % 3 == 0 { quotas.settle() }
            }
        }
        quotas.settle()
        #expect(admitted.values.allSatisfy { $0 <= 5 })
    }
}
