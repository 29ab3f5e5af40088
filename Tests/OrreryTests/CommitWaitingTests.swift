import Testing

@testable import Orrery
@testable import OrreryDatabase

/// Waits for commits in several ranges.
@Suite struct CommitWaitingTests {
    private let test: TestStore

    init() throws { test = try TestStore() }

    @Test func aWaitThatCannotBeginLeavesNothingBehind() async throws {
        let container = try test.orders.opened()
        let range = try #require(container.ranges.first)
        let gone = PartitionKeyRange(number: 99, keys: range.keys, parents: [], resourceID: range.resourceID)
        weak let left = await Self.wait(for: [range, gone], of: container)
        #expect(left == nil)
    }

    private static func wait(
        for ranges: [PartitionKeyRange], of container: OrreryDatabase.Container
    ) async -> CommitWaiting? {
        let waiting = CommitWaiting()
        await #expect(throws: DatabaseError.rangeGone) {
            try await waiting.wait(for: ranges, of: container, after: [:])
        }
        return waiting
    }
}
