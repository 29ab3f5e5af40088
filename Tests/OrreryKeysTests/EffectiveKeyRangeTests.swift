import Testing

import OrreryKeys

@Suite struct EffectiveKeyRangeTests {
    @Test(
        arguments: [
            (400, []), (10_000, []), (10_100, ["1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"]),
            (11_000, ["1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"]),
            (12_000, ["1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"]),
            (
                30_000,
                [
                    "0CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC", "19999999999999999999999999999998",
                    "26666666666666666666666666666664",
                    "33333333333333333333333333333330",
                ]
            ),
        ] as [(Int, [String])])
    func laysOutByThroughput(throughput: Int, boundaries: [String]) {
        let ranges = EffectiveKeyRange.initialLayout(throughput: throughput)
        #expect(ranges.map(\.min.hex) == [""] + boundaries)
        #expect(ranges.map(\.max.hex) == boundaries + ["FF"])
    }

    @Test func laysOutVersion1InItsOwnSpace() {
        let ranges = EffectiveKeyRange.initialLayout(throughput: 30_000, version: 1)
        let boundaries = ["05C1C9CD673398", "05C1D9CD673398", "05C1E399CD6732", "05C1E9CD673398"]
        #expect(ranges.map(\.min.hex) == [""] + boundaries)
        #expect(ranges.map(\.max.hex) == boundaries + ["FF"])
    }

    @Test(arguments: [1, 2])
    func slicesOfSlicesTile(version: Int) {
        for outer in EffectiveKeyRange.all.slices(3, version: version) {
            let inner = outer.slices(4, version: version)
            #expect(inner.count == 4)
            #expect(inner.first?.min == outer.min && inner.last?.max == outer.max)
            for (left, right) in zip(inner, inner.dropFirst()) { #expect(left.max == right.min) }
            for range in inner { #expect(!range.isEmpty && outer.contains(range)) }
        }
        #expect(EffectiveKeyRange.all.slices(1, version: version) == [.all])
    }

    @Test func doesNotSliceWhatIsTooNarrow() throws {
        let low = try #require(EffectivePartitionKey(hex: "20CD98B339BA78A5D0CF6953B87070B0"))
        let high = try #require(EffectivePartitionKey(hex: "20CD98B339BA78A5D0CF6953B87070B1"))
        let narrow = EffectiveKeyRange(min: low, max: high)
        #expect(narrow.slices(2) == [narrow])
    }

    @Test func knowsWhatItHolds() throws {
        func range(_ min: String, _ max: String) throws -> EffectiveKeyRange {
            EffectiveKeyRange(
                min: try #require(EffectivePartitionKey(hex: min)), max: try #require(EffectivePartitionKey(hex: max)))
        }
        let middle = try range("10", "20")
        #expect(middle.contains(middle.min) && !middle.contains(middle.max))
        #expect(middle.contains(try #require(EffectivePartitionKey(hex: "1FFFFF"))))
        let (across, after, before) = (try range("1F", "30"), try range("20", "30"), try range("", "10"))
        #expect(middle.overlaps(across) && middle.overlaps(.all))
        #expect(!middle.overlaps(after) && !middle.overlaps(before))
        let common = try range("1F", "20")
        #expect(middle.intersection(across) == common)
        #expect(middle.intersection(after) == nil)
        #expect(try range("20", "20").isEmpty)
    }
}
