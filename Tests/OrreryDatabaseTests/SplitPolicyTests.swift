import OrreryKeys
import Testing

@testable import OrreryDatabase

/// Which partition is split next, by numbers alone.
@Suite struct SplitPolicyTests {
    private let policy = SplitPolicy(partitionBytesMax: 1000)

    private func part(
        _ number: UInt64, parents: [UInt64] = [], bytes: Int = 0, undivided: Int = 0, isSplitting: Bool = false
    ) throws -> SplitPolicy.Part {
        let database = ResourceID.database(1)
        return SplitPolicy.Part(
            range: PartitionKeyRange(
                number: number, keys: .all, parents: parents,
                resourceID: database.container(1).child(.partitionKeyRange, number), isSplitting: isSplitting),
            byteCount: bytes, undividedByteCount: undivided)
    }

    private func due(_ parts: [SplitPolicy.Part], peak: Int?) -> String {
        policy.due(parts, peak: peak).map { "\($0.range.number) for \($0.reason)" } ?? "none"
    }

    @Test func tenThousandRequestUnitsFillAPartition() throws {
        #expect([nil, 400, 10_000, 10_100, 20_000, 25_000].map { SplitPolicy.partitionCount(peak: $0) }
            == [1, 1, 1, 2, 2, 3])
        #expect(due([try part(0)], peak: 10_000) == "none")
        #expect(due([try part(0)], peak: 11_000) == "0 for throughput")
        // What a database shares divides nothing.
        #expect(due([try part(0)], peak: nil) == "none")
    }

    @Test func theWidestAndThenTheLargestIsHalved() throws {
        let parts = [try part(3, parents: [0, 1], bytes: 900), try part(2, parents: [0]), try part(4, parents: [0, 1])]
        #expect(due(parts, peak: 40_000) == "2 for throughput")
        let equal = [try part(1, parents: [0], bytes: 5), try part(2, parents: [0], bytes: 7)]
        #expect(due(equal, peak: 25_000) == "2 for throughput")
    }

    @Test func whatIsTooLargeIsDividedUnlessThatFailed() throws {
        #expect(due([try part(0, bytes: 1000)], peak: 400) == "none")
        #expect(due([try part(0, bytes: 1001), try part(1, bytes: 1002)], peak: 400) == "1 for size")
        #expect(due([try part(0, bytes: 2000, undivided: 2000)], peak: 400) == "none")
        #expect(due([try part(0, bytes: 2500, undivided: 2000)], peak: 400) == "0 for size")
    }

    @Test func whatWasBegunComesFirst() throws {
        let parts = [try part(1, bytes: 5000), try part(2, isSplitting: true)]
        #expect(due(parts, peak: 400) == "2 for throughput")
        #expect(due([try part(2, bytes: 2000, isSplitting: true)], peak: 400) == "2 for size")
    }
}
