import OrreryDatabase
import OrreryEngine
import Testing

/// Look-ups of values that hardly any two items share, over many runs, of which most lack a value and are passed over:
/// they find what is there, whatever was merged, changed and deleted.
@Suite struct UniqueValuesTests {
    /// The number of an item's values.
    private typealias Model = [Int: Int]

    private func text(_ item: Int, _ value: Int) -> String {
        let elements = (0..<3).map { "\"e\(value * 3 + $0)\"" }.joined(separator: ",")
        let long = "\(value) " + String(repeating: "long ", count: 60)
        let members = #""email":"user\#(value)@example.com","rank":\#(value),"list":[\#(elements)],"long":"\#(long)""#
        return #"{"id":"i\#(item)","pk":"p","kind":\#(value % 5),\#(members)}"#
    }

    private func check(_ container: QueriedContainer, _ model: Model, _ valueCount: Int, _ seed: UInt64) throws {
        let items = Dictionary(uniqueKeysWithValues: model.map { ($1, $0) })
        for value in 0..<valueCount {
            let wanted = items[value].map { ["\"i\($0)\""] } ?? []
            let long = "\(value) " + String(repeating: "long ", count: 60)
            for condition in [
                "c.email = 'user\(value)@example.com'", "c.rank IN (\(value), -1)",
                "ARRAY_CONTAINS(c.list, 'e\(value * 3 + 1)')", "c.long = '\(long)'",
                "c.rank = \(value) AND c.email >= 'u' AND c.kind = \(value % 5)",
            ] {
                let rows = try container.rows("SELECT VALUE c.id FROM c WHERE \(condition)").rows
                #expect(rows == wanted, "seed \(seed), \(condition)")
            }
            let count = try container.rows("SELECT VALUE COUNT(1) FROM c WHERE c.rank = \(value)").rows
            #expect(count == ["\(wanted.count)"], "seed \(seed), \(value)")
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func whatIsThereIsFound(_ seed: UInt64) throws {
        var random = SeededGenerator(state: seed &* 0x9E37_79B9_7F4A_7C15)
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 150
        // With the first nothing is merged, and there are many runs.
        configuration.mergeFanIn = [100, 2, 4][Int(seed) - 1]
        let container = try QueriedContainer(
            settings: #","uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]}]}"#, configuration: configuration)
        var model: Model = [:]
        var valueCount = 0
        for _ in 0..<12 {
            var written: Model = [:]
            for _ in 0..<100 {
                written[Int.random(in: 0..<800, using: &random)] = valueCount
                valueCount += 1
            }
            try container.upsert(written.map { text($0, $1) })
            model.merge(written) { $1 }
            let deleted = (0..<5).compactMap { _ in model.keys.randomElement(using: &random) }
            for item in Set(deleted) {
                try container.delete(id: "i\(item)", pk: "p")
                model[item] = nil
            }
        }
        try check(container, model, valueCount, seed)
        // An email that another item has is refused, wherever that is; one that nobody has any more is not.
        let taken = Set(model.values)
        for value in stride(from: 0, to: valueCount, by: 3) {
            let isRefused = (try? container.upsert([text(10_000, value)])) == nil
            #expect(isRefused == taken.contains(value), "seed \(seed), \(value)")
        }
    }
}
