import OrreryDatabase
import OrreryEngine
import OrreryQuery
import Testing

/// Orders that an index has are read from it: no more items are read than are returned, but for a few.
@Suite struct OrderedAccessTests {
    private static let policy = """
        {"includedPaths":[{"path":"/*"}],"compositeIndexes":[
         [{"path":"/team"},{"path":"/score","order":"descending"}],[{"path":"/team"},{"path":"/n"}]]}
        """

    /// 2,000 items: `n` is their number, which every hundredth lacks, `team` one of ten; `score` rises within a team.
    private static func filled(rangeCount: Int) throws -> QueriedContainer {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 500
        let queried = try QueriedContainer(policy: policy, rangeCount: rangeCount, configuration: configuration)
        try queried.upsert(
            (0..<2000).map { number in
                let n = number % 100 == 7 ? "" : #""n":\#(number),"#
                let team = #""team":"t\#(number % 10)","score":\#(number / 10)"#
                return #"{"id":"i\#(number)","pk":"k\#(number % 50)",\#(n)\#(team)}"#
            })
        return queried
    }

    /// Where few items stand anywhere in an order, a walk comes to most others before it has enough of them.
    @Test func fewAreReadAndSorted() throws {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 3000
        let queried = try QueriedContainer(configuration: configuration)
        try queried.upsert(
            (0..<8000).map { number in
                let team = number % 180 == 0 ? "few" : number % 20 == 0 ? "some" : "most"
                return #"{"id":"i\#(number)","pk":"k","n":\#(number * 37 % 8000),"team":"\#(team)"}"#
            })
        let few = "SELECT TOP 10 VALUE c.n FROM c WHERE c.team = 'few' ORDER BY c.n"
        #expect(try queried.access(few).method == .indexLookup)
        let wanted = (0..<45).map { $0 * 180 * 37 % 8000 }.sorted().prefix(10).map { "\($0)" }
        #expect(try queried.rows(few).rows == wanted)
        #expect(try queried.rows(few, rowCountMax: 3).rows == wanted)
        let some = "SELECT TOP 10 VALUE c.n FROM c WHERE c.team = 'some' ORDER BY c.n"
        #expect(try queried.access(some).method == .indexWalk)
        // Of what is walked the order leaves few itself.
        let walked = "SELECT TOP 10 VALUE c.n FROM c WHERE c.team = 'few' AND c.n < 200 ORDER BY c.n"
        #expect(try queried.access(walked).method == .indexWalk)
    }

    @Test(arguments: [1, 5])
    func ordersReadWhatTheyReturn(_ rangeCount: Int) throws {
        let queried = try Self.filled(rangeCount: rangeCount)
        let cases: [(text: String, rows: [String])] = [
            ("SELECT TOP 3 VALUE c.n FROM c WHERE c.n > 100 ORDER BY c.n", ["101", "102", "103"]),
            ("SELECT TOP 3 VALUE c.n FROM c WHERE c.n > 100 AND c.n < 1000 ORDER BY c.n DESC", ["999", "998", "997"]),
            ("SELECT TOP 3 VALUE c.n FROM c ORDER BY c.n DESC", ["1999", "1998", "1997"]),
            ("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.n) ORDER BY c.n OFFSET 2 LIMIT 2", ["2", "3"]),
            // Those without the property come first.
            ("SELECT TOP 2 c.n FROM c ORDER BY c.n", ["{}", "{}"]),
            (
                "SELECT TOP 2 VALUE [c.team, c.score] FROM c ORDER BY c.team, c.score DESC",
                ["[\"t0\",199]", "[\"t0\",198]"]
            ),
            (
                "SELECT TOP 2 VALUE [c.team, c.score] FROM c ORDER BY c.team DESC, c.score",
                ["[\"t9\",0]", "[\"t9\",1]"]
            ),
            (
                "SELECT TOP 2 VALUE [c.team, c.score] FROM c WHERE c.team = 't4' ORDER BY c.score",
                ["[\"t4\",0]", "[\"t4\",1]"]
            ),
            (
                "SELECT TOP 2 VALUE c.score FROM c WHERE c.team = 't4' AND c.score < 50 ORDER BY c.team, c.score DESC",
                ["49", "48"]
            ),
            ("SELECT TOP 2 VALUE c.n FROM c WHERE c.team = 't4' ORDER BY c.team, c.n", ["4", "14"]),
        ]
        for (text, wanted) in cases {
            let (rows, counts) = try queried.rows(text)
            #expect(rows == wanted, "\(text)")
            // A row more tells whether others follow, and OFFSET reads what it skips.
            #expect(counts.allSatisfy { $0 <= wanted.count + 33 }, "\(text) read \(counts)")
        }
    }

    @Test func laterPagesReadNoMoreThanTheFirst() throws {
        let queried = try Self.filled(rangeCount: 1)
        for text in [
            "SELECT VALUE c.id FROM c ORDER BY c.n", "SELECT VALUE c.id FROM c ORDER BY c.n DESC",
            "SELECT VALUE c.id FROM c ORDER BY c.team DESC, c.score", "SELECT VALUE c.id FROM c ORDER BY c.team",
        ] {
            let (rows, counts) = try queried.rows(text, rowCountMax: 100)
            #expect(Set(rows).count == 2000 && rows.count == 2000, "\(text)")
            #expect(counts.allSatisfy { $0 <= 170 }, "\(text) read \(counts)")
        }
    }

    @Test func filtersOnOtherPathsAreMetWithTheOrder() throws {
        let queried = try Self.filled(rangeCount: 1)
        // One in ten items of the order is of the team: the others are not read.
        let (rows, counts) = try queried.rows("SELECT TOP 4 VALUE c.n FROM c WHERE c.team = 't3' ORDER BY c.n DESC")
        #expect(rows == ["1993", "1983", "1973", "1963"])
        #expect(counts.allSatisfy { $0 <= 5 }, "read \(counts)")
    }

    @Test func severalPropertiesNeedACompositeIndex() throws {
        let queried = try Self.filled(rangeCount: 1)
        for order in ["c.team, c.score", "c.score DESC, c.team", "c.team, c.n, c.score", "c.n, c.team"] {
            #expect(throws: DatabaseError.badQuery(.noCompositeIndex), "\(order)") {
                try queried.page("SELECT * FROM c ORDER BY \(order)")
            }
        }
        let message = #"{"Errors":["The order by query does not have a corresponding composite index that it can be "#
            + #"served from."]}"#
        #expect(QueryError.noCompositeIndex.errorsJSON == message)
    }
}
