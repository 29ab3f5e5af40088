import OrreryDatabase
import OrreryEngine
import OrreryQuery
import Synchronization
import Testing

/// Filters that no range of an index stands for: the values of a path are tested, where they are few.
@Suite struct TestedValuesTests {
    private static let long = String(repeating: "x", count: 260)

    /// An item for each number, some with values of other types.
    private static func item(_ number: Int) -> String {
        let mixed = switch number % 40 {
        case 0: "null"
        case 1: "true"
        case 2: "1e2"
        case 3: "100"
        case 4: #"["a"]"#
        case 5: #""\#(long)\#(number % 3)""#
        default: #""m\#(number % 40)""#
        }
        let some = number % 10 == 0 ? #","some":"S\#(number % 50)""# : ""
        return #"{"id":"i\#(number)","pk":"k\#(number % 3)","city":"City \#(number % 50)","#
            + #""deep":{"er":"d\#(number % 30)"},"each":"e\#(number)","mixed":\#(mixed),"#
            + #""list":["l\#(number % 7)"],"n":\#(number)\#(some)}"#
    }

    private static func filled(_ queried: QueriedContainer) throws -> QueriedContainer {
        try queried.upsert((0..<3000).map(item))
        // Some of what the index holds is dead.
        try queried.upsert((0..<300).map { item($0).replacing("City", with: "Town") })
        return queried
    }

    /// A filter, and the path whose values are tested for it; nil where the items are read.
    private static let filters: [(text: String, path: String?)] = [
        ("CONTAINS(c.city, 'y 49')", "/city/?"), ("ENDSWITH(c.city, ' 7')", "/city/?"),
        ("c.city LIKE '%y 4_'", "/city/?"), ("LOWER(c.city) = 'town 3'", "/city/?"),
        ("STRINGEQUALS(c.city, 'CITY 12', true)", "/city/?"), ("STARTSWITH(c.city, 'town 4', true)", "/city/?"),
        ("REGEXMATCH(c.city, '^[A-Z]ity [12]$')", "/city/?"), ("c.city || '!' = 'City 5!'", "/city/?"),
        ("LENGTH(c.deep.er) = 2 AND CONTAINS(c.deep.er, '7')", "/deep/er/?"),
        ("c.n >= 0 AND CONTAINS(c.city, '49')", "/city/?"),
        // The first that helps.
        ("CONTAINS(c.each, '5') AND CONTAINS(c.city, '49')", "/city/?"),
        ("CONTAINS(c.city, 'i') AND CONTAINS(c.deep.er, '29')", "/deep/er/?"),
        // Few have it.
        ("CONTAINS(c.some, '4')", "/some/?"), ("UPPER(c.some) != 'S0'", "/some/?"),
        // What is not a short string is read.
        ("ENDSWITH(c.mixed, 'x1')", "/mixed/?"), ("TOSTRING(c.mixed) IN ('null', '100')", "/mixed/?"),
        ("TOSTRING(c.mixed) = 'true'", "/mixed/?"), ("NOT CONTAINS(c.mixed, 'm')", "/mixed/?"),
        ("ARRAY_LENGTH(c.mixed) = 1", "/mixed/?"),
        // Of these all items have to be seen: no value, many values, values that many have, several paths, elements.
        ("NOT IS_DEFINED(c.some) OR CONTAINS(c.some, '4')", nil),
        ("CONTAINS(c.city, 'City')", nil), ("CONTAINS(c.city, c.deep.er)", nil), ("ARRAY_LENGTH(c.list) = 2", nil),
        ("CONTAINS(c.list[0], '3')", nil), ("c.n % 100 = 7", nil), ("CONTAINS(c.city, '4') OR c.n = 5", nil),
    ]

    @Test(arguments: [500, 30_000])
    func valuesTellTheItems(_ deltaVersionsMax: Int) throws {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = deltaVersionsMax
        let queried = try Self.filled(QueriedContainer(configuration: configuration))
        let plain = try Self.filled(QueriedContainer(policy: #"{"indexingMode":"none","automatic":false}"#))
        for filter in Self.filters {
            let text = "SELECT VALUE c.id FROM c WHERE \(filter.text)"
            let rows = try queried.rows(text).rows
            #expect(try rows == plain.rows(text).rows, "\(text)")
            #expect(filter.path == nil || !rows.isEmpty, "\(text)")
            let access = try queried.access(text)
            #expect((access.method == .indexScan) == (filter.path != nil), "\(text)")
            if let path = filter.path {
                #expect(access.index == path, "\(text)")
                #expect(access.actualRows < 3000 / 4, "\(text)")
            }
            // Page after page, in an order, and counted.
            #expect(try queried.rows(text, rowCountMax: 17).rows == rows, "\(text)")
            let ordered = text + " ORDER BY c.n DESC"
            #expect(try queried.rows(ordered).rows == plain.rows(ordered).rows, "\(ordered)")
            let count = "SELECT VALUE COUNT(1) FROM c WHERE \(filter.text)"
            #expect(try queried.rows(count).rows == ["\(rows.count)"], "\(count)")
        }
    }

    /// That values are many is known of runs.
    @Test func manyValuesAreNotTested() throws {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 500
        let queried = try Self.filled(QueriedContainer(configuration: configuration))
        let text = "SELECT VALUE c.id FROM c WHERE CONTAINS(c.each, '77')"
        #expect(try queried.access(text).method == .scan)
        #expect(try queried.rows(text).rows.count == 57)
    }

    /// A page that takes seconds to test values would take them again to read items.
    @Test func testsThatTakeLongAreGivenUp() throws {
        let queried = try Self.filled(QueriedContainer())
        let query = try Query("SELECT VALUE c.id FROM c WHERE CONTAINS(c.city, 'y 49')")
        let methods: [Int64: QueryExplanation.Access.Method] = [0: .indexScan, 700: .scan]
        for (step, method) in methods {
            let now = Mutex<Int64>(0)
            let services = QueryServices(
                sign: { _ in [UInt8](repeating: 1, count: 16) },
                monotonicMilliseconds: {
                    now.withLock { now in
                        now += step
                        return now
                    }
                })
            let page = try queried.container.page(
                of: query, in: .container, options: QueryPageOptions(services: services), isExplained: true)
            #expect(page.explanation?.access.method == method)
        }
    }

    /// Where many items pass, a page is full before all values are tested.
    @Test func whatFillsAPageSoonIsRead() throws {
        let queried = try QueriedContainer()
        try queried.upsert((0..<6000).map { #"{"id":"i\#($0)","pk":"k","v":"v\#($0 % 500)","n":\#($0)}"# })
        func method(
            _ filter: String, rowCountMax: Int, isOrdered: Bool = false
        ) throws -> QueryExplanation.Access.Method? {
            var options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
            options.rowCountMax = rowCountMax
            let query = try Query("SELECT VALUE c.id FROM c WHERE \(filter)" + (isOrdered ? " ORDER BY c.n" : ""))
            let page = try queried.container.page(of: query, in: .container, options: options, isExplained: true)
            return page.explanation?.access.method
        }
        // A fifth has it.
        #expect(try method("CONTAINS(c.v, '7')", rowCountMax: 10) == .scan)
        #expect(try method("CONTAINS(c.v, '7')", rowCountMax: 1000) == .indexScan)
        #expect(try method("CONTAINS(c.v, '77')", rowCountMax: 10) == .indexScan)
        // A walk in order, and a few items that are sorted.
        #expect(try method("CONTAINS(c.v, '7')", rowCountMax: 10, isOrdered: true) == .indexWalk)
        #expect(try method("CONTAINS(c.v, '77')", rowCountMax: 30, isOrdered: true) == .indexScan)
        let text = "SELECT VALUE c.id FROM c WHERE CONTAINS(c.v, '77')"
        #expect(try queried.rows(text, rowCountMax: 10).rows.count == 60)
    }

    /// Many terms, of many paths: no more than a few are tested.
    @Test func manyTermsAreTestedTogether() throws {
        let queried = try Self.filled(QueriedContainer())
        let ofOne = (0..<300).map { "NOT CONTAINS(c.city, ' \($0)0')" }.joined(separator: " AND ")
        let ofMany = (0..<300).map { "NOT CONTAINS(c.deep.p\($0), 'x')" }.joined(separator: " OR ")
        let text = "SELECT VALUE c.id FROM c WHERE ENDSWITH(c.city, '7') AND \(ofOne) AND NOT (\(ofMany))"
        let access = try queried.access(text)
        #expect(access.method == .indexScan && access.index == "/city/?" && access.actualRows == 300)
        #expect(try queried.rows(text).rows.isEmpty)
        let plain = "SELECT VALUE c.id FROM c WHERE ENDSWITH(c.city, '7') AND \(ofOne)"
        #expect(try queried.rows(plain).rows.count == 300)
    }

    /// A walk in another order passes what the values do not name, and few items are sorted rather than walked to.
    @Test func ordersKnowTheItems() throws {
        let queried = try Self.filled(QueriedContainer())
        for text in [
            "SELECT TOP 3 * FROM c WHERE CONTAINS(c.city, 'y 49') ORDER BY c.n",
            "SELECT * FROM c WHERE CONTAINS(c.city, 'y 49') ORDER BY c.n DESC",
        ] {
            #expect(try queried.page(text).metrics.retrievedDocumentCount <= 60, "\(text)")
        }
    }

    /// A filter that is refused is refused as it would be without an index; one that no value is tested with is not.
    @Test func whatFailsFailsAsBefore() throws {
        let queried = try Self.filled(QueriedContainer())
        let plain = try Self.filled(QueriedContainer(policy: #"{"indexingMode":"none","automatic":false}"#))
        for filter in ["REGEXMATCH(c.city, '(')", "REGEXMATCH(c.mixed, '(') OR c.mixed = 'm7'", "udf.f(c.city)"] {
            let text = "SELECT VALUE c.id FROM c WHERE \(filter)"
            let (own, others) = (Result { try queried.rows(text).rows }, Result { try plain.rows(text).rows })
            #expect("\(own)" == "\(others)", "\(text)")
        }
    }

    /// A part of the container, another policy: nothing that the index does not hold is left out.
    @Test func onlyWholeIndexesAreTested() throws {
        let policy = #"{"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/city/?"}]}"#
        let queried = try Self.filled(QueriedContainer(policy: policy, rangeCount: 2))
        #expect(try queried.access("SELECT * FROM c WHERE CONTAINS(c.city, 'y 49')").method == .scan)
        #expect(try queried.rows("SELECT * FROM c WHERE CONTAINS(c.city, 'y 49')").rows.count == 54)
        #expect(try queried.access("SELECT * FROM c WHERE ENDSWITH(c.deep.er, 'd7')").method == .indexScan)
        #expect(try queried.rows("SELECT * FROM c WHERE ENDSWITH(c.deep.er, 'd7')").rows.count == 100)
        let ofOne = "SELECT * FROM c WHERE ENDSWITH(c.deep.er, 'd7') AND c.pk = 'k1'"
        #expect(try queried.rows(ofOne).rows.count == 100)
    }
}
