import OrreryDatabase
import OrreryEngine
import OrreryQuery
import Testing

/// Filters that say what is in an array or an object: the index knows each part of it by itself.
@Suite struct ContentConditionTests {
    /// An item for each number: two lines, tags of which some come twice, and an address.
    private static func item(_ number: Int) -> String {
        let lines = [number, number + 1].map { #"{"sku":"s\#($0 % 500)","n":\#($0 % 9),"at":{"x":\#($0 % 7)}}"# }
        return #"{"id":"i\#(number)","pk":"k","lines":[\#(lines.joined(separator: ","))],"#
            + #""tags":["t\#(number % 100)","t\#(number % 100)",\#(number % 100)],"#
            + #""address":{"city":"c\#(number % 400)","zip":\#(number % 40)},"whole":[\#(number % 300),"w"]}"#
    }

    /// A filter, how many of the 2,000 items satisfy it, and what the index is asked.
    private static let filters: [(text: String, rowCount: Int, asked: String)] = [
        ("ARRAY_CONTAINS(c.lines, {sku: 's7'}, true)", 8, #"/lines/[]/sku/? = "s7""#),
        (
            "ARRAY_CONTAINS(c.lines, {sku: 's7', n: 7}, true)", 2,
            #"/lines/[]/sku/? = "s7" AND /lines/[]/n/? = 7"#
        ),
        // Both hold of some items, but of different lines.
        ("ARRAY_CONTAINS(c.lines, {sku: 's7', n: 5}, true)", 0, #"/lines/[]/sku/? = "s7" AND /lines/[]/n/? = 5"#),
        (
            "ARRAY_CONTAINS(c.lines, {sku: 's7', at: {x: 3}}, true)", 2,
            #"/lines/[]/sku/? = "s7" AND /lines/[]/at/x/? = 3"#
        ),
        // Without the third argument an element has to be the whole object.
        ("ARRAY_CONTAINS(c.lines, {sku: 's7'})", 0, #"/lines/[]/sku/? = "s7""#),
        ("ARRAY_CONTAINS(c.tags, 't7')", 20, #"/tags/[]/? = "t7""#),
        ("ARRAY_CONTAINS_ALL(c.tags, 't7', 7)", 20, #"/tags/[]/? = "t7" AND /tags/[]/? = 7"#),
        ("ARRAY_CONTAINS_ALL(c.tags, 't7', 8)", 0, #"/tags/[]/? = "t7" AND /tags/[]/? = 8"#),
        ("ARRAY_CONTAINS_ANY(c.tags, 't7', 8)", 40, #"(/tags/[]/? = "t7" OR /tags/[]/? = 8)"#),
        ("c.address = {city: 'c7', zip: 7}", 5, #"/address/city/? = "c7" AND /address/zip/? = 7"#),
        (
            "c.address IN ({city: 'c7', zip: 7}, {city: 'c9', zip: 8})", 5,
            #"(/address/city/? = "c7" AND /address/zip/? = 7 OR /address/city/? = "c9" AND /address/zip/? = 8)"#
        ),
        ("c.whole = [7, 'w']", 7, #"/whole/[]/? = 7 AND /whole/[]/? = "w""#),
        ("c.whole = ['w', 7]", 0, #"/whole/[]/? = "w" AND /whole/[]/? = 7"#),
    ]

    @Test(arguments: [300, 30_000])
    func partsAreLookedUp(_ deltaVersionsMax: Int) throws {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = deltaVersionsMax
        let queried = try QueriedContainer(configuration: configuration)
        let plain = try QueriedContainer(policy: #"{"indexingMode":"none","automatic":false}"#)
        for container in [queried, plain] { try container.upsert((0..<2000).map(Self.item)) }
        for filter in Self.filters {
            for text in ["SELECT VALUE c.id FROM c WHERE \(filter.text)", "SELECT * FROM c WHERE \(filter.text)"] {
                let found = try queried.rows(text).rows
                #expect(found.count == filter.rowCount, "\(text)")
                if text.contains("VALUE") { #expect(try Set(found) == Set(plain.rows(text).rows), "\(text)") }
                let access = try queried.access(text)
                #expect(access.method == .indexLookup, "\(text)")
                #expect(access.condition == filter.asked, "\(text)")
            }
        }
    }

    /// Objects and arrays with nothing in them, or with more than is looked up.
    @Test func emptyAndLargeOnesAreFound() throws {
        let queried = try QueriedContainer()
        let members = (0..<20).map { #""m\#($0)":\#($0)"# }.joined(separator: ",")
        try queried.upsert([
            #"{"id":"empty","pk":"k","v":{},"a":[]}"#, #"{"id":"large","pk":"k","v":{\#(members)},"a":[{}]}"#,
            #"{"id":"other","pk":"k","v":{\#(members.replacing(":19", with: ":18"))},"a":[[]]}"#,
        ])
        func ids(_ filter: String) throws -> [String] {
            try queried.rows("SELECT VALUE c.id FROM c WHERE \(filter)").rows
        }
        #expect(try ids("c.v = {}") == [#""empty""#])
        #expect(try ids("c.v = {\(members)}") == [#""large""#])
        #expect(try ids("c.a = []") == [#""empty""#])
        #expect(try ids("ARRAY_CONTAINS(c.a, {})") == [#""large""#])
        #expect(try ids("ARRAY_CONTAINS(c.a, [])") == [#""other""#])
    }

    /// However large and deep a constant is, little of it is looked up.
    @Test func littleOfAConstantIsLookedUp() throws {
        let queried = try QueriedContainer()
        let deep = (0..<60).reduce("1") { text, _ in #"{"a":1,"b":2,"n":\#(text)}"# }
        try queried.upsert([#"{"id":"deep","pk":"k","v":\#(deep)}"#])
        let text = "SELECT VALUE c.id FROM c WHERE c.v = \(deep)"
        #expect(try queried.rows(text).rows == [#""deep""#])
        #expect(
            try queried.access(text).condition
                == "/v/a/? = 1 AND /v/b/? = 2 AND /v/n/a/? = 1 AND /v/n/b/? = 2")
        let bare = (0..<60).reduce("1") { text, _ in "[\(text)]" }
        #expect(try queried.access("SELECT * FROM c WHERE c.v = \(bare)").condition == "/v/[]/[]/[]/[]/? = []")
    }

    /// That an array has a value is known without the items; that an element has parts is not.
    @Test func arraysOfValuesAreCountedByTheIndex() throws {
        let queried = try QueriedContainer()
        try queried.upsert((0..<500).map(Self.item))
        func count(_ filter: String) throws -> (rows: [String], documentCounts: [Int]) {
            try queried.rows("SELECT VALUE COUNT(1) FROM c WHERE \(filter)")
        }
        var found = try count("ARRAY_CONTAINS(c.tags, 't7')")
        #expect(found.rows == ["5"] && found.documentCounts == [0])
        found = try count("ARRAY_CONTAINS(c.tags, 't7', false) AND c.address.zip = 7")
        #expect(found.rows == ["3"] && found.documentCounts == [0])
        // Undefined then, which the index cannot tell.
        #expect(try count("ARRAY_CONTAINS(c.tags, 't7', c.missing)").rows == ["0"])
        #expect(try count("ARRAY_CONTAINS(c.tags, 't7', 'yes')").rows == ["0"])
        #expect(try count("ARRAY_CONTAINS(c.lines, {sku: 's7'}, true)").rows == ["2"])
    }

    /// What a filter or an order reads of an item is not all that its row is.
    @Test(arguments: [
        "SELECT * FROM c WHERE CONTAINS(c.address.city, '39')",
        "SELECT * FROM c WHERE c.address.zip = 9 AND LENGTH(c.id) > 3 ORDER BY c.address.city",
        "SELECT * FROM c WHERE c.address.zip < 3 ORDER BY c.lines[0].n",
        "SELECT * FROM c WHERE c.address.zip < 3 ORDER BY c.lines[0].n DESC OFFSET 5 LIMIT 20",
        "SELECT * FROM c WHERE LENGTH(c.address.city) = 2 ORDER BY c.address.city DESC",
        "SELECT * FROM c", "SELECT TOP 3 * FROM c", "SELECT VALUE c FROM c OFFSET 7 LIMIT 30",
        "SELECT VALUE c FROM c JOIN t IN c.tags WHERE t = 't7'", "SELECT DISTINCT * FROM c WHERE c.address.zip = 9",
        "SELECT * FROM (SELECT * FROM c WHERE CONTAINS(c.address.city, '39'))",
    ])
    func rowsAreWholeItems(_ text: String) throws {
        let queried = try QueriedContainer()
        let items = (0..<400).map(Self.item)
        try queried.upsert(items)
        let all = try queried.rows(text).rows
        #expect(!all.isEmpty)
        for row in all {
            #expect(items.contains { row.hasPrefix($0.dropLast() + ",") }, "\(row)")
            #expect(row.contains(#""_etag""#))
        }
        // The same over many pages.
        #expect(try queried.rows(text, rowCountMax: 7).rows == all)
    }
}
