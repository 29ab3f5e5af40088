import OrreryEngine
import Testing

/// What the index alone decides of an AND: the smallest part first, and nothing that costs more than reading what that
/// leaves.
@Suite struct ExactVersionsTests {
    private let path = IndexPath([.property(Array("n".utf8))])

    private func within(_ values: ClosedRange<Double>) -> IndexCondition {
        .range(path, IndexValue(number: values.lowerBound)...IndexValue(number: values.upperBound))
    }

    @Test func aWidePartIsNotLookedUpBesideFew() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        let container = try TestContainer(store)
        store.changeSelection(
            of: container.container, to: IndexSelection([.init(path: path, coversSubtree: false, isIncluded: true)]))
        for number in 0..<600 {
            let write = ItemWrite(
                key: container.key("\(number)", "k"), operation: .create(try container.body(number: number / 30)))
            #expect(container.commit(write).isSuccess)
        }
        let snapshot = container.partition.snapshot()
        func count(_ parts: [IndexCondition]) throws -> Int? { try snapshot.exactVersions(.all(parts))?.count }
        // Thirty beside two hundred and ten, whichever comes first, and thirty beside all.
        #expect(try count([within(5...5), within(3...9)]) == 30)
        #expect(try count([within(3...9), within(5...5)]) == 30)
        #expect(try count([within(0...19), within(5...5)]) == 30)
        // None beside all: it is not looked at.
        #expect(try count([within(0...19), within(50...50)]) == 0)
        // One beside all had better be read.
        let one = ItemWrite(key: container.key("one", "k"), operation: .create(try container.body(number: 77)))
        #expect(container.commit(one).isSuccess)
        let later = container.partition.snapshot()
        #expect(try later.exactVersions(.all([within(0...99), within(77...77)])) == nil)
        #expect(try later.exactVersions(.all([within(70...99), within(77...77)]))?.count == 1)
    }
}
