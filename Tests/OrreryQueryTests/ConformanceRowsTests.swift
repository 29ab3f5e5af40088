import OrreryDocuments
import Testing

@testable import OrreryQuery

@Suite(.enabled(if: Conformance.isPresent, "the conformance folder is not there: set ORRERY_CONFORMANCE"))
struct ConformanceRowsTests {
    /// Samples that cannot pass yet, each with its reason.
    static let expectedMisses: [String: String] = [
        "st-distance": "spatial functions come later",
        "st-intersect": "spatial functions come later",
        "st-isvalid": "spatial functions come later",
        "st-within": "spatial functions come later",
    ]

    @Test func samples() throws {
        let samples = try Conformance.load("query-samples.json").array ?? []
        #expect(!samples.isEmpty)
        for sample in samples where sample["known_bad_sample"] == nil {
            let name = sample["name"]?.string ?? ""
            let documents = try QueryRun.documents(sample["seed"]?.array ?? [])
            do {
                let rows = try QueryRun.rows(sample["query"]?.string ?? "", over: documents)
                if sample["nondeterministic"] != nil { continue }
                let wanted = sample["result"]?.array ?? []
                let isRight =
                    JSONValue.array(rows).isClose(to: .array(wanted))
                    || name == "group-by" && JSONValue.areSameBags(rows, wanted)
                if Self.expectedMisses[name] != nil {
                    #expect(!isRight, "\(name) passes now: take it off the list")
                } else {
                    #expect(isRight, "\(name): \(JSONValue.array(rows)) instead of \(JSONValue.array(wanted))")
                }
            } catch {
                #expect(Self.expectedMisses[name] != nil, "\(name): \(error)")
            }
        }
    }

    /// Each case must hold on one page and when a page holds a single row.
    @Test(arguments: [nil, 1]) func mixedTypeAggregates(rowCountMax: Int?) throws {
        let file = try Conformance.load("aggregates-mixed-types.json")
        let documents = try QueryRun.documents(file["seed"]?.array ?? [])
        let cases = file["cases"]?.array ?? []
        #expect(!cases.isEmpty)
        for test in cases {
            let rows = try QueryRun.rows(test["query"]?.string ?? "", over: documents, rowCountMax: rowCountMax)
            let wanted = test["result"]?.array ?? []
            let isRight =
                test["ignoreElementOrder"] == nil
                ? JSONValue.array(rows).isClose(to: .array(wanted))
                : rows.count == wanted.count
                    && zip(rows, wanted).allSatisfy { row, other in
                        JSONValue.areSameBags(row.array ?? [], other.array ?? [])
                    }
            #expect(isRight, "\(test["name"] ?? nil): \(JSONValue.array(rows)) instead of \(JSONValue.array(wanted))")
        }
    }

    @Test(arguments: [nil, 3]) func groups(rowCountMax: Int?) throws {
        let file = try Conformance.load("group-by.json")
        let documents = try QueryRun.documents(file["seed"]?.array ?? [])
        let cases = file["cases"]?.array ?? []
        #expect(!cases.isEmpty)
        for test in cases {
            let rows = try QueryRun.rows(test["query"]?.string ?? "", over: documents, rowCountMax: rowCountMax)
            let wanted = test["unorderedResult"]?.array ?? []
            #expect(JSONValue.areSameBags(rows, wanted), "\(test["name"] ?? nil): \(JSONValue.array(rows))")
        }
    }
}
