import Testing

import OrreryDocuments

@Suite struct JSONOrderTests {
    /// Values in their order (query-language.md, section 3); those of one row are equal.
    static let rows: [[String]] = [
        ["null"], ["false"], ["true"], ["-1e308"], ["-1", "-1.0", "-10e-1"], ["0", "-0", "0.0", "0e9"], ["5e-324"],
        ["0.1"],
        ["1", "1.000", "100e-2"], ["9007199254740992", "9007199254740993"], ["1e308"], [#""""#], [#""\u0000""#],
        [#""A""#, #""\u0041""#], [#""A\n""#], ["\"AA\""], ["\"a\""], ["\"e\u{301}\""], ["\"\u{e9}\"", #""\u00e9""#],
        [#""\uFFFF""#], ["\"😀\"", #""\ud83d\ude00""#], ["[]"], ["[null]"], ["[1]", "[1.0]"], ["[1,1]"], ["[2]"],
        ["[[]]"],
        ["{}"], [#"{"a":1}"#, #"{"\u0061":1.0}"#, #"{"a":2,"a":1}"#], [#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#],
        [#"{"a":2}"#], [#"{"b":0}"#],
    ]

    @Test func followsTheCrossTypeOrder() throws {
        let values = try Self.rows.enumerated().flatMap { rank, row in
            try row.map { (rank, try JSONDocument(parsing: $0).root) }
        }
        for (rank, node) in values {
            #expect(JSONOrder.compare(nil, node) == .before && JSONOrder.compare(node, nil as JSONNode?) == .after)
            for (otherRank, other) in values {
                let expected: JSONOrder = rank < otherRank ? .before : rank == otherRank ? .same : .after
                let (value, otherValue) = (JSONValue(node), JSONValue(other))
                #expect(JSONOrder.compare(node, other) == expected, "\(value) \(otherValue)")
                #expect(JSONOrder.compare(value, otherValue) == expected, "\(value) \(otherValue)")
                #expect(JSONOrder.compare(node, otherValue) == expected, "\(value) \(otherValue)")
                #expect(deepEqual(node, other) == (expected == .same), "\(value) \(otherValue)")
                #expect(deepEqual(node, otherValue) == (expected == .same), "\(value) \(otherValue)")
                #expect((value == otherValue) == (expected == .same), "\(value) \(otherValue)")
            }
        }
        #expect(JSONOrder.compare(nil as JSONNode?, nil as JSONNode?) == .same)
    }

    @Test func ordersWhatOnlyComputationYields() {
        #expect(JSONOrder.compare(Double.nan, .nan) == .same)
        #expect(JSONOrder.compare(Double.nan, -.infinity) == .before)
        #expect(JSONOrder.compare(-Double.infinity, .nan) == .after)
        #expect(JSONOrder.compare(1, Double.infinity) == .before)
        #expect(JSONOrder.compare("b\u{300}", "b\u{301}") == .before)
        #expect(JSONOrder.before.reversed == .after && JSONOrder.same.reversed == .same)
    }
}
