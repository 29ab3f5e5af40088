import OrreryDatabase
import OrreryEngine
import OrreryQuery
import Synchronization
import Testing

/// Aggregates, groups and distinct rows of few paths are answered from the index: of many items few are read.
@Suite struct IndexedValuesTests {
    /// 2,000 items: `kind` one of four, `n` their number.
    private static func fill(_ queried: QueriedContainer, from first: Int = 0, timeToLive: String = "") throws {
        try queried.upsert(
            (first..<(first + 2000)).map { number in
                // One kind of them lacks it.
                let half = number % 4 == 3 ? "" : #""half":\#(number % 2),"#
                return #"{"id":"i\#(number)","pk":"k\#(number % 50)",\#(half)"kind":"t\#(number % 4)","#
                    + #""n":\#(number)\#(timeToLive)}"#
            })
    }

    private static let cases: [(text: String, rows: [String], readMax: Int)] = [
        ("SELECT VALUE COUNT(1) FROM c", ["2000"], 0),
        ("SELECT COUNT(1) AS a, MAX(7) AS b, SUM(0.5) AS s FROM c", [#"{"a":2000,"b":7,"s":1000}"#], 0),
        ("SELECT COUNT(undefined) AS a, MIN([]) AS b, AVG(3) AS m FROM c", [#"{"a":0,"m":3}"#], 0),
        ("SELECT VALUE COUNT(1) FROM c WHERE c.n >= 500 AND c.kind = 't1'", ["375"], 0),
        ("SELECT VALUE COUNT(c.kind) FROM c", ["2000"], 0),
        ("SELECT VALUE COUNT(1) FROM c WHERE c.kind != 't1'", ["1500"], 0),
        ("SELECT VALUE COUNT(1) FROM c WHERE c.n NOT IN (7, 'x', 8, null, 8)", ["1998"], 0),
        ("SELECT VALUE COUNT(1) FROM c WHERE NOT (c.kind = 't1') AND c.n < 1000", ["750"], 0),
        ("SELECT VALUE MAX(c.n) FROM c WHERE c.kind != 't3'", ["1998"], 0),
        ("SELECT VALUE MIN(c.n) FROM c", ["0"], 0),
        ("SELECT VALUE MAX(c.n) FROM c WHERE c.kind = 't2'", ["1998"], 0),
        ("SELECT MIN(c.n) AS a, MAX(c.n) AS b, COUNT(1) AS n FROM c", [#"{"a":0,"b":1999,"n":2000}"#], 0),
        ("SELECT DISTINCT VALUE c.kind FROM c", [#""t0""#, #""t1""#, #""t2""#, #""t3""#], 4),
        (
            "SELECT c.kind, COUNT(1) AS n FROM c WHERE c.n < 1000 GROUP BY c.kind",
            (0..<4).map { #"{"kind":"t\#($0)","n":250}"# }, 4
        ),
        (
            "SELECT c.kind, c.half, COUNT(1) AS n FROM c GROUP BY c.kind, c.half",
            [0, 1, 2].map { #"{"kind":"t\#($0)","half":\#($0 % 2),"n":500}"# } + [#"{"kind":"t3","n":500}"#], 4
        ),
        (
            "SELECT DISTINCT c.half, c.pk, c.kind FROM c WHERE c.n < 400 AND c.kind != 't1'",
            (0..<100).filter { $0 % 4 != 1 }.map { number in
                let half = number % 4 == 3 ? "" : #""half":\#(number % 2),"#
                return #"{\#(half)"pk":"k\#(number % 50)","kind":"t\#(number % 4)"}"#
            }.sorted(), 75
        ),
        // Few are read sooner.
        (
            "SELECT DISTINCT c.n, c.kind FROM c WHERE c.n IN (7, 9)",
            [7, 9].map { #"{"n":\#($0),"kind":"t\#($0 % 4)"}"# }, 2
        ),
        ("SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.kind FROM c)", ["4"], 4),
        ("SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.kind FROM c WHERE c.n < 2)", ["2"], 2),
        (
            "SELECT d.n, COUNT(1) AS m FROM (SELECT c.kind, COUNT(1) AS n FROM c WHERE c.n < 1000 GROUP BY c.kind) d "
                + "WHERE d.kind != 't2' GROUP BY d.n", [#"{"n":250,"m":3}"#], 4
        ),
        (
            "SELECT VALUE d FROM (SELECT c.kind, COUNT(1) AS n FROM c WHERE c.n < 1000 GROUP BY c.kind) d "
                + "WHERE d.n > 0 AND d.kind != 't2'", [0, 1, 3].map { #"{"kind":"t\#($0)","n":250}"# }, 2000
        ),
        ("SELECT VALUE COUNT(1) FROM (SELECT TOP 3 c.n FROM c WHERE c.n = 5)", ["1"], 1),
        ("SELECT VALUE d.n FROM (SELECT VALUE c FROM c WHERE c.n IN (5, 6)) d WHERE d.kind = 't1'", ["5"], 2),
    ]

    @Test(arguments: [1, 5])
    func valuesReadFewItems(_ rangeCount: Int) throws {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 300
        let queried = try QueriedContainer(rangeCount: rangeCount, configuration: configuration)
        // Written twice: what was superseded counts no more.
        try Self.fill(queried)
        try Self.fill(queried)
        for (text, wanted, readMax) in Self.cases {
            let (rows, counts) = try queried.rows(text)
            #expect(rows.sorted() == wanted, "\(text)")
            #expect(counts.allSatisfy { $0 <= readMax }, "\(text) read \(counts)")
        }
    }

    /// Its pages count the rows of the query within, so these come in the order of the items, to which nothing is added
    /// but at its end.
    @Test(arguments: [
        "SELECT VALUE x FROM (SELECT DISTINCT VALUE c.v FROM c) AS x",
        "SELECT VALUE x.v FROM (SELECT c.v, COUNT(1) AS n FROM c GROUP BY c.v) AS x WHERE x.n > 0",
    ])
    func aQueryOfAQueryGoesOnAmidWrites(_ text: String) throws {
        let queried = try QueriedContainer()
        func add(_ values: [Int]) throws {
            let first = queried.writtenCount
            for (number, value) in values.enumerated() {
                try queried.upsert([#"{"id":"\#(first + number)","pk":"k","v":\#(value)}"#])
            }
        }
        try add([40, 10, 30, 20, 60, 50, 40, 10, 30, 20, 60, 50])
        let first = try queried.page(text, rowCountMax: 2)
        try add([-5])
        var rows = try first.texts
        var continuation = first.continuation
        while let next = continuation {
            let page = try queried.page(text, rowCountMax: 2, continuation: next)
            rows += try page.texts
            continuation = page.continuation
        }
        #expect(rows == ["40", "10", "30", "20", "60", "50", "-5"])
    }

    /// An item may end at any millisecond of a second.
    @Test func whatEndsWithinASecondIsSubtracted() throws {
        let now = Mutex<Int64>(1_700_000_000_700)
        var configuration = EngineConfiguration()
        configuration.clock = { now.withLock { $0 } }
        let queried = try QueriedContainer(settings: #","defaultTtl":-1"#, configuration: configuration)
        try Self.fill(queried)
        try queried.upsert([#"{"id":"gone","pk":"k","kind":"other","tags":["t"],"ttl":1}"#])
        for (milliseconds, count) in [(999, 1), (1, 0), (100, 0)] as [(Int64, Int)] {
            now.withLock { $0 += milliseconds }
            for filter in ["c.kind = 'other'", "ARRAY_CONTAINS(c.tags, 't')"] {
                #expect(try queried.rows("SELECT VALUE COUNT(1) FROM c WHERE \(filter)").rows == ["\(count)"])
                #expect(try queried.rows("SELECT VALUE c.id FROM c WHERE \(filter)").rows.count == count)
            }
            #expect(try queried.rows("SELECT DISTINCT VALUE c.kind FROM c").rows.count == 4 + count)
        }
    }

    /// Equal numbers that are written differently are one value, but not to a query that tells how they are written.
    @Test func writingsOfNumbersAreToldApart() throws {
        let policies = [#"{"includedPaths":[{"path":"/*"}]}"#, #"{"indexingMode":"none","automatic":false}"#]
        let containers = try policies.map { try QueriedContainer(policy: $0) }
        let values = ["1.0", "1", "9007199254740993", "9007199254740992", "\"a\"", "\"a\"", "null"]
        for container in containers {
            try container.upsert(
                (0..<700).map { #"{"id":"\#($0)","pk":"k","v":\#(values[$0 % 7]),"w":\#($0 % 2)}"# })
        }
        for text in [
            "SELECT DISTINCT VALUE TOSTRING(c.v) FROM c", "SELECT DISTINCT VALUE UPPER(c.v) FROM c",
            "SELECT TOSTRING(c.v) AS s, c.w, COUNT(1) AS n FROM c GROUP BY TOSTRING(c.v), c.w",
            "SELECT DISTINCT VALUE c.w FROM c WHERE TOSTRING(c.v) = '9007199254740992'",
        ] {
            let (own, plain) = (try containers[0].rows(text).rows, try containers[1].rows(text).rows)
            #expect(own.sorted() == plain.sorted() && !own.isEmpty, "\(text)")
        }
        #expect(try containers[0].access("SELECT DISTINCT VALUE c.v FROM c").method == .indexValues)
    }

    @Test(arguments: ["", #","defaultTtl":-1"#, #","defaultTtl":60"#])
    func whatHasEndedIsSubtracted(_ settings: String) throws {
        let now = Mutex<Int64>(1_700_000_000_000)
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 300
        configuration.clock = { now.withLock { $0 } }
        let queried = try QueriedContainer(settings: settings, configuration: configuration)
        try Self.fill(queried, from: 10_000, timeToLive: settings.isEmpty ? "" : #","ttl":5"#)
        if settings.isEmpty {
            for number in 10_000..<12_000 { try queried.delete(id: "i\(number)", pk: "k\(number % 50)") }
        }
        try Self.fill(queried, timeToLive: settings.contains("60") ? #","ttl":-1"# : "")
        now.withLock { $0 += 10_000 }
        for (text, wanted, _) in Self.cases {
            #expect(try queried.rows(text).rows.sorted() == wanted, "\(text)")
        }
        // The rest ends by the container's own time to live, or stays.
        try queried.upsert([#"{"id":"last","pk":"k","kind":"t9","n":-5}"#])
        #expect(try queried.rows("SELECT VALUE MIN(c.n) FROM c").rows == ["-5"])
        now.withLock { $0 += 61_000 }
        let least = settings.contains("60") ? "0" : "-5"
        #expect(try queried.rows("SELECT VALUE MIN(c.n) FROM c").rows == [least])
        #expect(try queried.rows("SELECT VALUE COUNT(c.n) FROM c").rows == [settings.contains("60") ? "2000" : "2001"])
    }
}
