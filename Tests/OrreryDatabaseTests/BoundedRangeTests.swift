import OrreryDatabase
import OrreryEngine
import OrreryQuery
import Testing

/// Filters that bound one path from both sides: `c.n >= 5 AND c.n < 8`.
@Suite struct BoundedRangeTests {
    // MARK: Plans

    /// A query, how many rows it has, and what the index is asked.
    private static let plans: [(text: String, rowCount: Int, asked: String)] = [
        ("SELECT * FROM c WHERE c.n >= 500 AND c.n < 510", 10, "/n/? >= 500 AND /n/? < 510"),
        ("SELECT c.id FROM c WHERE c.n >= 500 AND c.n < 510", 10, "/n/? >= 500 AND /n/? < 510"),
        ("SELECT c.id FROM c WHERE 510 > c.n AND c.n > 500", 9, "/n/? > 500 AND /n/? < 510"),
        (
            "SELECT c.id FROM c WHERE c.n > 3 AND c.m = 1 AND c.n <= 9 AND c.n < 9", 1,
            "/n/? > 3 AND /n/? < 9 AND /m/? = 1"
        ),
        (
            "SELECT c.id FROM c WHERE c.s >= 's100' AND c.s < 's101'", 11, #"/s/? >= "s100" AND /s/? < "s101""#
        ),
        (
            "SELECT c.id FROM c WHERE (c.n >= 5 AND c.n < 7) OR (c.n > 30 AND c.n <= 31)", 3,
            "(/n/? >= 5 AND /n/? < 7 OR /n/? > 30 AND /n/? <= 31)"
        ),
        ("SELECT c.id FROM c WHERE c.n > 9 AND c.n < 9", 0, "/n/? > 9 AND /n/? < 9"),
        ("SELECT c.id FROM c WHERE IS_NUMBER(c.n) AND c.n < 3", 3, "/n/? >= -Infinity AND /n/? < 3"),
    ]

    /// By themselves both comparisons name so many of the 2,000 items that the index would not be asked for them.
    @Test(arguments: [300, 30_000])
    func oneLookUpServesBothSides(_ deltaVersionsMax: Int) throws {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = deltaVersionsMax
        let queried = try QueriedContainer(configuration: configuration)
        try queried.upsert(
            (0..<2000).map { #"{"id":"i\#($0)","pk":"k","n":\#($0),"m":\#($0 % 7),"s":"s\#($0)"}"# })
        for plan in Self.plans {
            #expect(try queried.rows(plan.text).rows.count == plan.rowCount, "\(plan.text)")
            let access = try queried.access(plan.text)
            #expect(access.method == .indexLookup, "\(plan.text)")
            #expect(access.condition == plan.asked, "\(plan.text)")
        }
        // Without a document.
        let count = try queried.rows("SELECT VALUE COUNT(1) FROM c WHERE c.s > 's100' AND c.s < 's101'")
        #expect(count.rows == ["10"] && count.documentCounts == [0])
    }

    /// What is said of elements may be true of two of them.
    @Test func elementsAreBoundedByThemselves() throws {
        let queried = try QueriedContainer()
        try queried.upsert([#"{"id":"a","pk":"k","t":[9,1]}"#, #"{"id":"b","pk":"k","t":[1,9]}"#])
        #expect(try queried.rows("SELECT VALUE c.id FROM c WHERE c.t[0] >= 5 AND c.t[1] < 3").rows == [#""a""#])
    }

    // MARK: Values

    private static let numbers = ["-1e308", "-2", "-1.5", "-0.0", "0", "5e-324", "1", "1.0000000000000002", "7e9"]
    /// Those with more than two hundred bytes are not told apart by the index.
    private static let strings: [String] =
        ["", "a", "a\\u0000", "ab", "b", "\u{E9}", "\u{1F600}"]
        + [199, 200, 201, 239, 240, 241, 300].map { String(repeating: "x", count: $0) }
        + [String(repeating: "x", count: 240) + "y"]

    private static func precedes(_ left: String, _ right: String) -> Bool {
        func bytes(_ text: String) -> [UInt8] { Array(text.replacing("\\u0000", with: "\0").utf8) }
        if let left = Double(left), let right = Double(right) { return left < right }
        if left == "false" || left == "true" { return left == "false" && right == "true" }
        return bytes(left).lexicographicallyPrecedes(bytes(right))
    }

    /// Every pair of bounds of a type, open and closed: by rows that are parsed, by texts as they stand, by counts.
    @Test(arguments: [5, 1000])
    func everyBoundLeavesWhatItSays(_ deltaVersionsMax: Int) throws {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = deltaVersionsMax
        let queried = try QueriedContainer(configuration: configuration)
        let types = [Self.numbers, ["false", "true"], Self.strings]
        let quoted = [false, false, true]
        var documents = [#"{"id":"null","pk":"k","v":null}"#, #"{"id":"array","pk":"k","v":[1]}"#]
        for (type, values) in types.enumerated() {
            for (number, value) in values.enumerated() {
                let text = quoted[type] ? "\"\(value)\"" : value
                documents.append(#"{"id":"\#(type)-\#(number)","pk":"k","v":\#(text)}"#)
            }
        }
        try queried.upsert(documents)
        for (type, values) in types.enumerated() {
            for lower in values {
                for upper in values {
                    for (isLowerOpen, isUpperOpen) in [(false, false), (false, true), (true, false), (true, true)] {
                        let expected = values.indices.count { index in
                            let value = values[index]
                            return (isLowerOpen ? Self.precedes(lower, value) : !Self.precedes(value, lower))
                                && (isUpperOpen ? Self.precedes(value, upper) : !Self.precedes(upper, value))
                        }
                        let quote = quoted[type] ? "\"" : ""
                        let filter = "c.v \(isLowerOpen ? ">" : ">=") \(quote)\(lower)\(quote) "
                            + "AND c.v \(isUpperOpen ? "<" : "<=") \(quote)\(upper)\(quote)"
                        #expect(try queried.rows("SELECT * FROM c WHERE \(filter)").rows.count == expected, "\(filter)")
                        let ids = try queried.rows("SELECT VALUE c.id FROM c WHERE \(filter)").rows
                        #expect(ids.count == expected, "\(filter)")
                        let count = try queried.rows("SELECT VALUE COUNT(1) FROM c WHERE \(filter)").rows
                        #expect(count == ["\(expected)"], "\(filter)")
                        let ordered = try queried.rows("SELECT * FROM c WHERE \(filter) ORDER BY c.v").rows
                        #expect(ordered.count == expected, "\(filter)")
                    }
                }
            }
        }
    }
}
