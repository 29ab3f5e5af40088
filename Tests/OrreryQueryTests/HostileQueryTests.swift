import Foundation
import OrreryDocuments
import OrreryKeys
import Testing

@testable import OrreryQuery

/// Queries made to exhaust something end in a clear refusal.
@Suite struct HostileQueryTests {
    private static func nested(_ open: String, _ inner: String, _ close: String, _ count: Int) -> String {
        String(repeating: open, count: count) + inner + String(repeating: close, count: count)
    }

    static let deepQueries: [String] = [
        "SELECT VALUE " + nested("(", "1", ")", 100_000),
        "SELECT VALUE " + nested("[", "1", "]", 100_000),
        "SELECT VALUE " + nested("{a:", "1", "}", 50_000),
        "SELECT VALUE " + String(repeating: "NOT ", count: 100_000) + "true",
        "SELECT VALUE " + String(repeating: "-", count: 1) + String(repeating: "~", count: 200_000) + "1",
        "SELECT VALUE " + nested("ABS(", "1", ")", 80_000),
        "SELECT VALUE " + nested("(SELECT VALUE ", "1", ")", 30_000),
        "SELECT VALUE 1" + String(repeating: "+1", count: 200_000),
        "SELECT VALUE 1" + String(repeating: " ?? 1", count: 90_000),
        "SELECT VALUE " + String(repeating: "true ? ", count: 60_000) + "1",
        "SELECT VALUE c" + String(repeating: ".a", count: 200_000) + " FROM c",
        "SELECT VALUE c" + String(repeating: "[0]", count: 150_000) + " FROM c",
        "SELECT VALUE 1 FROM " + nested("(SELECT VALUE 1 FROM ", "c", ")", 20_000),
        "SELECT VALUE 1" + String(repeating: " IN (1)", count: 60_000),
        "SELECT VALUE EXISTS" + nested("(SELECT VALUE ARRAY", "(SELECT 1)", ")", 20_000),
        "SELECT VALUE " + nested("LET x = 1 IN (", "x", ")", 30_000),
    ]

    @Test(arguments: deepQueries.indices) func deepNestingIsRefused(index: Int) throws {
        let error = try #require(throws: QueryError.self) { try Query(Self.deepQueries[index]) }
        #expect(error.code == .limitExceeded, "\(error)")
    }

    /// How deep a shape may be before its query is refused; whatever is less deep is let through.
    private static func deepest(_ shape: (Int) -> String) -> Int {
        var (accepted, refused) = (0, 256)
        while refused - accepted > 1 {
            let middle = (accepted + refused) / 2
            let isAccepted = (try? Query("SELECT VALUE \(shape(middle)) FROM c")) != nil
            (accepted, refused) = isAccepted ? (middle, refused) : (accepted, middle)
        }
        return accepted
    }

    /// The deepest query that is let through runs on a thread with half of the usual stack.
    @Test func theDeepestQueryNeedsLittleStack() throws {
        let shapes: [@Sendable (Int) -> String] = [
            { Self.nested("(1 + ", "1", ")", $0) },
            { Self.nested("[", "1", "]", $0) },
            { Self.nested("ABS(", "1", ")", $0) },
            { Self.nested("(SELECT VALUE ", "RAND()", ")", $0) },
            { Self.nested("ARRAY(SELECT VALUE y FROM y IN (SELECT VALUE ", "[1]", "))", $0) },
            { Self.nested("(c.a = 1 ? 1 : ", "1", ")", $0) },
            { Self.nested("(c.a AND (c.b OR ", "true", "))", $0) },
        ]
        let outcomes = Outcomes()
        let thread = Thread {
            for shape in shapes {
                let deepest = Self.deepest(shape)
                if let query = try? Query("SELECT VALUE \(shape(deepest)) FROM c") {
                    _ = try? QueryRun.rows(of: query, over: [JSONDocument(parsing: "{}")])
                    _ = QueryPrinter.text(of: query.parsed)
                }
                outcomes.add(deepest)
            }
            outcomes.finish()
        }
        thread.stackSize = 4 << 20
        thread.start()
        outcomes.wait()
        #expect(outcomes.depths.count == shapes.count)
        #expect(outcomes.depths.allSatisfy { $0 >= 30 }, "\(outcomes.depths)")
    }

    /// A little below the deepest query of each shape that is let through, queries can be rewritten for a client and
    /// read again; and what cannot is refused when the plan is asked for.
    @Test func theDeepestQueryCanBeRewritten() throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"])
        let shapes: [(Int) -> String] = [
            { "c.a" + String(repeating: " + c.b", count: $0) }, { Self.nested("(1 + ", "c.a", ")", $0) },
            { Self.nested("[", "c.a", "]", $0) }, { Self.nested("{'a': ", "c.a", "}", $0) },
            { Self.nested("ABS(", "c.a", ")", $0) }, { Self.nested("-(", "c.a", ")", $0) },
            { String(repeating: "NOT ", count: $0) + "c.a" }, { String(repeating: "c.a ?? ", count: $0) + "c.b" },
            { Self.nested("(c.a = 1 ? ", "c.a", " : 1)", $0) }, { String(repeating: "c.a ? 1 : ", count: $0) + "2" },
            { Self.nested("(SELECT VALUE ", "c.a", ")", $0) }, { Self.nested("(c.a IN (", "1", "))", $0) },
            { Self.nested("(c.a AND (c.b OR ", "c.c", "))", $0) }, { Self.nested("(LET x = 1 IN ", "x", ")", $0) },
            { "c.a" + String(repeating: "[0].b", count: $0) }, { Self.nested("c[", "c.a", "]", $0) },
            { "(" + [String](repeating: "c.a", count: $0 * 3 + 2).joined(separator: " AND ") + ")" },
            { "(c.a" + String(repeating: " IN (1)", count: $0) + ")" },
        ]
        for shape in shapes {
            let deepest = Self.deepest(shape)
            #expect(deepest >= 25, "\(shape(1))")
            for depth in [deepest, deepest * 9 / 10] {
                let value = shape(depth)
                for text in ["\(value) FROM c WHERE \(value) ORDER BY c.a", "AVG(\(value)) FROM c WHERE \(value)"] {
                    guard let query = try? Query("SELECT VALUE " + text) else { continue }
                    do throws(QueryError) {
                        let plan = try query.plan(under: definition, features: Set(QueryFeature.allCases))
                        _ = try Query(plan.queryInfo?.rewrittenQuery ?? "")
                    } catch {
                        #expect(depth == deepest && error.code == .limitExceeded, "\(shape(1)) \(depth) deep: \(error)")
                    }
                }
            }
        }
    }

    private final class Outcomes: @unchecked Sendable {
        private let done = DispatchSemaphore(value: 0)
        private(set) var depths: [Int] = []
        func add(_ depth: Int) { depths.append(depth) }
        func finish() { done.signal() }
        func wait() { done.wait() }
    }

    @Test func longFlatQueriesRun() throws {
        let document = try JSONDocument(parsing: #"{"a": 7}"#)
        let terms = (0..<20_000).map { "c.a = \($0)" }.joined(separator: " OR ")
        #expect(try QueryRun.rows("SELECT VALUE 1 FROM c WHERE \(terms)", over: [document]).count == 1)
        let list = (0..<50_000).map(String.init).joined(separator: ", ")
        #expect(try QueryRun.rows("SELECT VALUE 1 FROM c WHERE c.a IN (\(list))", over: [document]).count == 1)
    }

    @Test func longTextIsRefused() throws {
        let text = "SELECT VALUE '" + String(repeating: "x", count: 600_000) + "'"
        let error = try #require(throws: QueryError.self) { try Query(text) }
        #expect(error.code == .limitExceeded)
    }

    @Test(arguments: [
        "SELECT VALUE REPLACE(REPLACE('aaaa', 'a', REPLICATE('b', 10000)), 'b', REPLICATE('c', 10000))",
        "SELECT VALUE ARRAY_LENGTH(ARRAY_CONCAT(c.big, c.big, c.big)) FROM c",
        "SELECT VALUE d FROM c JOIN (SELECT VALUE [c.big, c.big]) AS a JOIN (SELECT VALUE [a, a, a, a]) AS b "
            + "JOIN (SELECT VALUE [b, b, b, b]) AS d",
    ]) func largeValuesAreRefused(text: String) throws {
        var limits = QueryLimits()
        limits.valueBytesMax = 200_000
        let big = "[" + [String](repeating: "1", count: 50_000).joined(separator: ",") + "]"
        let document = try JSONDocument(parsing: "{\"big\": \(big)}")
        let error = try #require(throws: QueryError.self) { try QueryRun.rows(text, over: [document], limits: limits) }
        #expect(error.code == .limitExceeded)
    }

    @Test func explodingJoinsAreRefused() throws {
        var limits = QueryLimits()
        limits.expansionsPerDocumentMax = 100_000
        let document = try JSONDocument(parsing: #"{"l": [1,2,3,4,5,6,7,8,9,10]}"#)
        let joins = (0..<8).map { "JOIN x\($0) IN c.l" }.joined(separator: " ")
        let error = try #require(throws: QueryError.self) {
            try QueryRun.rows("SELECT VALUE 1 FROM c \(joins) WHERE x7 = 11", over: [document], limits: limits)
        }
        #expect(error.code == .limitExceeded)
    }

    @Test func backtrackingPatternsAreStopped() throws {
        let text = String(repeating: "a", count: 5_000)
        let error = try #require(throws: QueryError.self) {
            try QueryRun.rows("SELECT VALUE RegexMatch('\(text)b', '^(a|aa|a+)+$')")
        }
        #expect(error.code == .limitExceeded)
        // A LIKE is linear in its pattern's runs and needs no stopping here.
        #expect(try QueryRun.rows("SELECT VALUE '\(text)' LIKE '%a%a%a%a%a%b'") == [false])
    }

    /// A query that would walk through a large document for minutes is refused between two of its operations.
    @Test(arguments: [
        "UPPER(c.s) = 'x'", "c.l[49999] = 2", "CONTAINS_ANY_CS(c.s, 'x', 'y', 'z')", "c.s LIKE '%a%b%c%d%'",
        "ARRAY_CONTAINS_ANY(c.l, 2, 3, 4)", "c.l = [1]", "RegexMatch(c.s, 'x')", "c.l IN ([1], [2])",
    ])
    func longWorkOnOneDocumentIsRefused(condition: String) throws {
        let list = [String](repeating: "1", count: 50_000).joined(separator: ",")
        let text = String(repeating: "a", count: 200_000)
        let document = try JSONDocument(parsing: "{\"s\": \"\(text)\", \"l\": [\(list)]}")
        let terms = [String](repeating: condition, count: 300).joined(separator: " OR ")
        var options = QueryPageOptions(sign: QueryRun.sign)
        let clock = SteppingClock()
        options.services = QueryServices(sign: QueryRun.sign, monotonicMilliseconds: { clock.next() })
        var limits = QueryLimits()
        limits.blockingMilliseconds = 2
        limits.pageMilliseconds = 1_000
        var source = DocumentList([document])
        let query = try Query("SELECT VALUE 1 FROM c WHERE \(terms)", limits: limits)
        let error = try #require(throws: QueryError.self) { try query.page(over: &source, options: options) }
        #expect(error.code == .limitExceeded)
    }

    /// Long lists of keys are not compared one with another.
    @Test func longKeyListsArePlannedQuickly() throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"])
        let lists = (0..<8).map { list in
            "c.pk IN (" + (0..<1_000).map { "'\($0 * 7 + list)'" }.joined(separator: ",") + ")"
        }
        let sides = [lists.prefix(4), lists.suffix(4)].map { "(" + $0.joined(separator: " OR ") + ")" }
        let query = try Query("SELECT * FROM c WHERE " + sides.joined(separator: " AND "))
        let began = SystemClock.monotonicMilliseconds()
        _ = query.partitionKeys(under: definition).ranges(under: definition)
        #expect(SystemClock.monotonicMilliseconds() - began < 20_000)
        let many = "SELECT * FROM c WHERE c.pk IN (" + (0..<6_000).map(String.init).joined(separator: ",") + ")"
        #expect(try Query(many).partitionKeys(under: definition) == .all)
    }

    /// Nor are the ranges of many paths.
    @Test func manyRangesArePlannedQuickly() {
        let parts = (0..<40_000).map { number in
            let path = DocumentPath([.property(Array("\(number % 20_000)".utf8))])
            return PathCondition.between(path, number < 20_000 ? .open(.number(1)) : nil, .closed(.number(5)))
        }
        let began = SystemClock.monotonicMilliseconds()
        let met = PathCondition.meeting(parts)
        #expect(SystemClock.monotonicMilliseconds() - began < 20_000)
        #expect(met == Array(parts.prefix(20_000)))
    }

    /// Each member of a part is looked up among those of the whole.
    @Test func largePartsAreFoundQuickly() throws {
        let members = (0..<30_000).map { "\"member \($0)\": \($0)" }
        let document = try JSONDocument(parsing: "{\"list\": [{\(members.joined(separator: ","))}]}")
        let began = SystemClock.monotonicMilliseconds()
        for (last, isFound) in [("29999", true), ("0", false)] {
            let part = (members.dropLast() + ["\"member 29999\": \(last)"]).joined(separator: ",")
            var parameters = QueryParameters()
            parameters.set("@part", try JSONValue(parsing: Array("{\(part)}".utf8)))
            let rows = try QueryRun.rows(
                "SELECT VALUE 1 FROM c WHERE ARRAY_CONTAINS(c.list, @part, true)", over: [document],
                parameters: parameters)
            #expect(rows.count == (isFound ? 1 : 0))
        }
        #expect(SystemClock.monotonicMilliseconds() - began < 20_000)
    }

    @Test func groupsAndDistinctRowsAreBounded() throws {
        var limits = QueryLimits()
        limits.memoryBytesMax = 10_000
        let documents = try (0..<1_000).map { try JSONDocument(parsing: "{\"a\": \"value \($0)\"}") }
        for text in ["SELECT c.a FROM c GROUP BY c.a", "SELECT DISTINCT c.a FROM c"] {
            let error = try #require(throws: QueryError.self) {
                try QueryRun.rows(text, over: documents, limits: limits)
            }
            #expect(error.code == .limitExceeded)
        }
        // A sort drops what does not fit and goes on from the last key.
        #expect(try QueryRun.rows("SELECT c.a FROM c ORDER BY c.a", over: documents, limits: limits).count == 1_000)
    }
}
