import OrreryEngine
import Testing

/// What is counted on a thread that must not be held up is bounded by how much is asked, too.
@Suite struct BriefCountTests {
    private let path = IndexPath([.property(Array("n".utf8))])

    @Test func manyExceptionsAreNotBrief() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        let container = try TestContainer(store)
        store.changeSelection(
            of: container.container, to: IndexSelection([.init(path: path, coversSubtree: false, isIncluded: true)]))
        for number in 0..<5 {
            let write = ItemWrite(
                key: container.key("\(number)", "k"), operation: .create(try container.body(number: number)))
            #expect(container.commit(write).isSuccess)
        }
        let snapshot = container.partition.snapshot()
        let few = IndexCondition.noneOf(path, [IndexValue(number: 3), IndexValue(number: 3), IndexValue(number: 9)])
        #expect(try snapshot.count(few, isBrief: true) == 4)
        let many = IndexCondition.noneOf(path, (4..<10_000).map { IndexValue(number: Double($0)) })
        #expect(try snapshot.count(many, isBrief: true) == nil)
        #expect(try snapshot.count(many) == 4)
    }
}
