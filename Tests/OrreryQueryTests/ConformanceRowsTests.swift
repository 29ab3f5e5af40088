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

    /// The ways in which the rows must come out the same.
    enum Way: String, CaseIterable {
        /// On one page, from one partition.
        case whole
        /// A row to a page.
        case paged
        /// From three partitions, put together by the server.
        case served
        /// From three partitions, put together by a client that follows the query plan.
        case merged

        func rows(_ text: String, over documents: [JSONDocument]) throws -> [JSONValue] {
            let third = (documents.count + 2) / 3
            let partitions = [0, 1, 2].map { Array(documents.dropFirst($0 * third).prefix(third)) }
            switch self {
            case .whole: return try QueryRun.rows(text, over: documents)
            case .paged: return try QueryRun.rows(text, over: documents, rowCountMax: 1)
            case .served: return try QueryRun.rows(text, overPartitions: partitions, rowCountMax: 2)
            case .merged: return try MergingClient(text, partitions: partitions).rows()
            }
        }
    }

    @Test(arguments: Way.allCases) func samples(way: Way) throws {
        let samples = try Conformance.load("query-samples.json").array ?? []
        #expect(!samples.isEmpty)
        for sample in samples where sample["known_bad_sample"] == nil {
            let name = sample["name"]?.string ?? ""
            let documents = try QueryRun.documents(sample["seed"]?.array ?? [])
            do {
                let rows = try way.rows(sample["query"]?.string ?? "", over: documents)
                if sample["nondeterministic"] != nil { continue }
                let wanted = sample["result"]?.array ?? []
                let isRight =
                    JSONValue.array(rows).isClose(to: .array(wanted))
                    || name == "group-by" && JSONValue.areSameBags(rows, wanted)
                if Self.expectedMisses[name] != nil {
                    #expect(!isRight, "\(name) passes now: take it off the list")
                } else {
                    #expect(isRight, "\(name) \(way): \(JSONValue.array(rows)) instead of \(JSONValue.array(wanted))")
                }
            } catch {
                #expect(Self.expectedMisses[name] != nil, "\(name) \(way): \(error)")
            }
        }
    }

    @Test(arguments: Way.allCases) func mixedTypeAggregates(way: Way) throws {
        let file = try Conformance.load("aggregates-mixed-types.json")
        let documents = try QueryRun.documents(file["seed"]?.array ?? [])
        let cases = file["cases"]?.array ?? []
        #expect(!cases.isEmpty)
        for test in cases {
            let rows = try way.rows(test["query"]?.string ?? "", over: documents)
            let wanted = test["result"]?.array ?? []
            let isRight =
                test["ignoreElementOrder"] == nil
                ? JSONValue.array(rows).isClose(to: .array(wanted))
                : rows.count == wanted.count
                    && zip(rows, wanted).allSatisfy { row, other in
                        JSONValue.areSameBags(row.array ?? [], other.array ?? [])
                    }
            #expect(
                isRight, "\(test["name"] ?? nil) \(way): \(JSONValue.array(rows)) instead of \(JSONValue.array(wanted))"
            )
        }
    }

    @Test(arguments: Way.allCases) func groups(way: Way) throws {
        let file = try Conformance.load("group-by.json")
        let documents = try QueryRun.documents(file["seed"]?.array ?? [])
        let cases = file["cases"]?.array ?? []
        #expect(!cases.isEmpty)
        for test in cases {
            let rows = try way.rows(test["query"]?.string ?? "", over: documents)
            let wanted = test["unorderedResult"]?.array ?? []
            #expect(JSONValue.areSameBags(rows, wanted), "\(test["name"] ?? nil) \(way): \(JSONValue.array(rows))")
        }
    }
}
