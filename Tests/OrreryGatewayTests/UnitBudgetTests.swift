import Dispatch
import OrreryDocuments
import OrreryHTTP
import Synchronization
import TestSupport
import Testing

@testable import OrreryGateway

/// Request units of tenants.
@Suite struct UnitBudgetTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func aStoreFillsEvenly() {
        var budget = UnitBudget(capacity: 10_000, windowNanoseconds: Self.second, at: 0)
        #expect(budget.reserve(10_000, at: 0) == nil)
        #expect(budget.reserve(1000, at: 0).map { $0 / 1_000_000 } == 100)
        #expect(budget.reserve(1000, at: Self.second / 10 - 1) != nil)
        #expect(budget.reserve(1000, at: Self.second / 10 + 1) == nil)
        // A debt is filled up before anything goes on.
        budget.charge(20_000, at: Self.second / 10 + 1)
        #expect(budget.reserve(1, at: 2 * Self.second) != nil)
        #expect(budget.reserve(1, at: 3 * Self.second) == nil)
    }

    @Test func whatIsMoreThanTheStoreGoesWhenItIsFull() {
        var budget = UnitBudget(capacity: 5000, windowNanoseconds: Self.second, at: 0)
        #expect(budget.reserve(50_000, at: 0) == nil)
        #expect(budget.balance == -45_000)
        #expect(budget.reserve(50_000, at: 9 * Self.second) != nil)
        #expect(budget.reserve(50_000, at: 10 * Self.second) == nil)
    }

    /// No rest is lost and none is given twice, whatever the steps in which time goes by.
    @Test func timeInSmallSteps() {
        var random = SplitMix64(seed: 8)
        for _ in 0..<50 {
            let capacity = Int(random.next() % 5_000_000) + 1
            let window = UInt64(random.next() % 300 + 1) * Self.second
            var budget = UnitBudget(capacity: capacity, windowNanoseconds: window, at: 0)
            budget.charge(capacity, at: 0)
            var now: UInt64 = 0
            for _ in 0..<1000 {
                now += random.next() % (window / 2000)
                budget.charge(0, at: now)
            }
            let exact = Double(now) / Double(window) * Double(capacity)
            #expect(Double(budget.balance) <= exact && Double(budget.balance) > exact - 2, "seed 8, \(capacity)")
        }
    }

    /// Many threads, each with calls that are admitted, charged and ended: what was let pass is what there was.
    @Test func noUnitTooManyUnderManyThreads() {
        let budgets = UnitBudgets { 5 }
        let limit = UnitBudgets.Limit(policy: "p", tenant: "t", units: 1000, windowSeconds: 60)
        let charged = Atomic(0)
        // What a call takes is known from the first one on.
        if case .admitted(let first) = budgets.admit(limit, operation: "o") {
            first.charge(2500)
            charged.add(2500, ordering: .relaxed)
            first.release()
        }
        DispatchQueue.concurrentPerform(iterations: 128) { _ in
            for _ in 0..<50 {
                guard case .admitted(let call) = budgets.admit(limit, operation: "o") else { continue }
                call.charge(2500)
                charged.add(2500, ordering: .relaxed)
                call.release()
            }
        }
        #expect(charged.load(ordering: .relaxed) == 1_000_000)
    }

    // MARK: In the gateway

    private func gateway() throws -> TestGateway {
        try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":["#
                + #"{"policy":"request-units","units":10,"seconds":10,"key":"{request.headers.x-tenant}"}],"#
                + #""resource":{"container":"shop/loads","partitionKey":["x"]}}"#
        ])
    }

    private func charge(_ gateway: TestGateway, _ units: String?, status: Int = 200) {
        var answer = HTTPResponse(status: status, contentType: "application/json", body: Array("{}".utf8))
        if let units { answer.headers.append("x-ms-request-charge", units) }
        gateway.answerDatabase(answer)
    }

    @Test func tenantsAreChargedWhatTheContainerSays() throws {
        let gateway = try gateway()
        charge(gateway, "4.5")
        for _ in 0..<2 { #expect(gateway.send("GET", "/a/1", [("x-tenant", "one")])?.status == 200) }
        let refused = gateway.send("GET", "/a/1", [("x-tenant", "one")])
        #expect(refused?.status == 429 && refused?.headers["retry-after"] == "4")
        #expect(refused?.json["statusCode"]?.int64 == 429)
        #expect(gateway.asked.count == 2)
        // Another tenant has units of its own, and the first one's come back with time.
        #expect(gateway.send("GET", "/a/1", [("x-tenant", "two")])?.status == 200)
        gateway.pass(seconds: 3)
        #expect(gateway.send("GET", "/a/1", [("x-tenant", "one")])?.status == 429)
        gateway.pass(seconds: 1)
        #expect(gateway.send("GET", "/a/1", [("x-tenant", "one")])?.status == 200)
    }

    /// What the database refuses costs what it says, and what never came to it nothing.
    @Test func whatWasNotTakenIsGivenBack() throws {
        let gateway = try gateway()
        charge(gateway, nil, status: 404)
        for _ in 0..<100 { #expect(gateway.send("GET", "/a/1", [("x-tenant", "one")])?.status == 404) }
        for _ in 0..<100 { #expect(gateway.send("GET", "/a?limit=0", [("x-tenant", "one")])?.status == 400) }
        charge(gateway, "30")
        #expect(gateway.send("GET", "/a/1", [("x-tenant", "one")])?.status == 200)
        gateway.pass(seconds: 20)
        #expect(gateway.send("GET", "/a/1", [("x-tenant", "one")])?.status == 429)
        gateway.pass(seconds: 10)
        #expect(gateway.send("GET", "/a/1", [("x-tenant", "one")])?.status == 200)
    }

    @Test(arguments: [("1", 1000), ("2.294", 2294), ("0", 0), ("-1", 0), ("nan", 0), ("1e300", 0), ("", 0)])
    func chargesAreRead(text: String, thousandths: Int) {
        #expect(ContainerBackend.thousandths(text) == thousandths)
    }
}
