import OrreryDocuments
import OrreryEngine
import Testing

@testable import Orrery
@testable import OrreryDatabase

/// Changes of the embedded database while partitions are split under their reader.
@Suite struct ChangesOverSplitsTests {
    private let test: TestStore

    init() throws { test = try TestStore() }

    private func raise(to requestUnits: Int) throws {
        let account = test.store.account
        let container = try test.orders.opened().resourceID
        let offer = try #require(
            account.offers().first { account.container(ofOffer: $0.resource.resourceID) == container })
        let units = JSONValue.number(JSONNumber(Int64(requestUnits)))
        _ = try account.replaceOffer(offer.resource.resourceID, body: ["content": ["offerThroughput": units]])
    }

    @Test(.timeLimit(.minutes(1))) func aFeedGoesOnInTheChildren() async throws {
        let orders = test.orders
        let count = 200
        let reader = Task {
            var numbers: [String: [Int]] = [:]
            var left = count
            for try await change in orders.changes(since: .beginning, mode: .allVersions, of: Order.self) {
                numbers[change.value?.customer ?? "", default: []].append(Int(change.id) ?? -1)
                left -= 1
                if left == 0 { break }
            }
            return numbers
        }
        for number in 0..<count {
            try await orders.create(Order(id: "\(number)", customer: "c\(number % 20)", total: 1))
            if number == 50 { try raise(to: 15_000) }
            if number == 120 { try raise(to: 35_000) }
        }
        let numbers = try await reader.value
        #expect(numbers.values.map(\.count).reduce(0, +) == count)
        for (customer, found) in numbers { #expect(found == found.sorted(), "of \(customer)") }
    }

    /// What a feed waits a moment for, until the catalog tells what became of the range.
    @Test(.timeLimit(.minutes(1))) func aWaitTellsOfAnEnd() async throws {
        let container = try test.orders.opened()
        let ranges = container.ranges
        let waiting = Task { try await CommitWaiting().wait(for: ranges, of: container, after: [:]) }
        try test.store.database("shop").removeContainer("orders")
        #expect((try? await waiting.value) ?? .gone == .gone)
    }
}
