import OrreryDocuments
import OrreryKeys
import Testing

@testable import OrreryQuery

/// Whatever passes run and however small the pages are, a query's rows are those of the plain plan.
@Suite struct OptimizerTests {
    @Test(arguments: [UInt64(1), 2, 3, UInt64.random(in: 10...UInt64.max)])
    func optimizedPlansYieldThePlainRows(seed: UInt64) throws {
        var generator = RandomQueries(seed: seed)
        for _ in 0..<20 {
            let documents = try QueryRun.documents(generator.documents(12))
            for _ in 0..<25 {
                let generated = generator.query()
                let context: Comment = "seed \(seed): \(generated.text)"
                let plain = try outcome(generated.text, documents, passes: [], rowCountMax: nil)
                let passes = Optimizer.Pass.allCases.filter { _ in Bool.random(using: &generator.random) }
                let chosen = try outcome(generated.text, documents, passes: passes, rowCountMax: nil)
                let paged = try outcome(
                    generated.text, documents, passes: Optimizer.Pass.allCases,
                    rowCountMax: Int.random(in: 1...4, using: &generator.random))
                #expect(chosen.matches(plain, generated), "\(context) with \(passes): \(chosen) instead of \(plain)")
                #expect(paged.matches(plain, generated), "\(context) in pages: \(paged) instead of \(plain)")
            }
        }
    }

    /// Every document for which the filter is true has a partition key that the planner left possible.
    @Test(arguments: [UInt64(4), UInt64.random(in: 10...UInt64.max)])
    func possibleKeysHoldEveryRow(seed: UInt64) throws {
        var generator = RandomQueries(seed: seed)
        let definition = try PartitionKeyDefinition(paths: ["/pk", "/a"], kind: .multiHash)
        for _ in 0..<20 {
            let documents = try QueryRun.documents(generator.documents(10))
            for _ in 0..<25 {
                let filter = generator.query().source
                let query = try Query("SELECT VALUE c " + filter)
                let keys = query.partitionKeys(under: definition)
                let ranges = keys.ranges(under: definition)
                for document in documents {
                    guard let rows = try? QueryRun.rows(of: query, over: [document]), !rows.isEmpty else { continue }
                    let key = definition.effectiveKey(of: definition.partitionKey(of: document.root))
                    let isCovered = ranges.contains { range in
                        range.min <= key && (key < range.max || range.isMaxInclusive && key == range.max)
                    }
                    #expect(
                        isCovered, "seed \(seed): \(filter) misses \(String(decoding: document.text, as: UTF8.self))")
                }
            }
        }
    }

    /// Rows, or the refusal of a query whose result JSON cannot hold.
    private enum Outcome {
        case rows([JSONValue])
        case refused(QueryError.Code)

        func matches(_ plain: Outcome, _ generated: RandomQueries.Generated) -> Bool {
            switch (self, plain) {
            case (.rows(let rows), .rows(let wanted)):
                if generated.isCut { return rows.count == wanted.count }
                return generated.isOrdered
                    ? JSONValue.array(rows) == .array(wanted) : JSONValue.areSameBags(rows, wanted)
            case (.refused, .refused): return true
            default: return false
            }
        }
    }

    private func outcome(
        _ text: String, _ documents: [JSONDocument], passes: [Optimizer.Pass], rowCountMax: Int?
    ) throws -> Outcome {
        do {
            return .rows(try QueryRun.rows(text, over: documents, rowCountMax: rowCountMax, passes: passes))
        } catch let error as QueryError where error.code == .notRepresentable {
            return .refused(error.code)
        }
    }
}
