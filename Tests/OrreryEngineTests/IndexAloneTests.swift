import OrreryEngine
import Testing

/// What the index decides by itself, and what it leaves to others for being too much.
@Suite struct IndexAloneTests {
    private let scratch: Scratch
    private let store: Store
    private let container: TestContainer

    init() throws {
        scratch = try Scratch()
        store = try Store(directory: scratch.path)
        container = try TestContainer(store, selection: TestContainer.byNumber)
    }

    /// The smallest part of an AND is looked up first, and none that takes more than to read what is left.
    @Test func aWidePartIsNotLookedUpBesideFew() throws {
        defer { store.close() }
        for number in 0..<590 { try container.create("\(number)", number: number / 30) }
        try container.create("one", number: 77)
        let snapshot = container.partition.snapshot()
        func count(_ parts: ClosedRange<Double>...) throws -> Int? {
            try snapshot.exactVersions(.all(parts.map(TestContainer.numbers)))?.count
        }
        // Thirty beside two hundred and ten, whichever comes first, and thirty beside all.
        #expect(try count(5...5, 3...9) == 30)
        #expect(try count(3...9, 5...5) == 30)
        #expect(try count(0...99, 5...5) == 30)
        // None beside all: it is not looked at.
        #expect(try count(0...99, 50...50) == 0)
        // One beside all had better be read.
        #expect(try count(0...99, 77...77) == nil)
        #expect(try count(70...99, 77...77) == 1)
    }

    /// What is counted on a thread that must not be held up is bounded by how much is asked, too.
    @Test func manyExceptionsAreNotBrief() throws {
        defer { store.close() }
        for number in 0..<5 { try container.create("\(number)", number: number) }
        let snapshot = container.partition.snapshot()
        func without(_ numbers: [Int]) -> IndexCondition {
            .noneOf(TestContainer.numberPath, numbers.map { IndexValue(number: Double($0)) })
        }
        #expect(try snapshot.count(without([3, 3, 9]), isBrief: true) == 4)
        let many = without(Array(4..<10_000))
        #expect(try snapshot.count(many, isBrief: true) == nil)
        #expect(try snapshot.count(many) == 4)
    }
}
