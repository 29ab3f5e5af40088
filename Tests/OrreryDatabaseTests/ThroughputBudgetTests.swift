import Testing

@testable import OrreryDatabase

@Suite struct ThroughputBudgetTests {
    private func units(_ count: Int) -> RequestCharge { RequestCharge(hundredths: count * 100) }

    @Test func aSecondsBudgetIsForThatSecond() {
        let budget = ThroughputBudget(requestUnitsPerSecond: 400)
        #expect(budget.wait(for: .high, atMilliseconds: 1000) == nil)
        budget.spend(units(399), atMilliseconds: 1100)
        #expect(budget.wait(for: .high, atMilliseconds: 1200) == nil)
        budget.spend(units(1), atMilliseconds: 1300)
        #expect(budget.wait(for: .high, atMilliseconds: 1300) == 700)
        #expect(budget.wait(for: .high, atMilliseconds: 1999) == 1)
        #expect(budget.wait(for: .high, atMilliseconds: 2000) == nil)
    }

    @Test func whatIsOverdrawnIsPaidOff() {
        let budget = ThroughputBudget(requestUnitsPerSecond: 400)
        budget.spend(units(1000), atMilliseconds: 500)
        // 1000 in the first second leave 600 for the second and 200 for the third.
        #expect(budget.wait(for: .high, atMilliseconds: 500) == 1500)
        #expect(budget.wait(for: .high, atMilliseconds: 1000) == 1000)
        #expect(budget.wait(for: .high, atMilliseconds: 2000) == nil)
        budget.spend(units(200), atMilliseconds: 2000)
        #expect(budget.wait(for: .high, atMilliseconds: 2000) == 1000)
    }

    @Test func lowPriorityIsTurnedAwayFirst() {
        let budget = ThroughputBudget(requestUnitsPerSecond: 400)
        budget.spend(units(200), atMilliseconds: 0)
        #expect(budget.wait(for: .low, atMilliseconds: 0) == 1000)
        #expect(budget.wait(for: .high, atMilliseconds: 0) == nil)
    }

    @Test func longSilenceOwesNothing() {
        let budget = ThroughputBudget(requestUnitsPerSecond: 400)
        budget.spend(units(10_000_000), atMilliseconds: 0)
        #expect(budget.wait(for: .high, atMilliseconds: .max) == nil)
    }

    @Test(arguments: ["0", "1", "7.5", "13.05", "400.99"])
    func aChargeReadsWhatItWrote(_ text: String) {
        #expect(RequestCharge(text: text)?.text == text)
    }

    @Test(arguments: ["", ".", "-1", "1.234", "1.-5", "x", "99999999999999999999"])
    func otherTextsAreNoCharge(_ text: String) {
        #expect(RequestCharge(text: text) == nil)
    }
}
