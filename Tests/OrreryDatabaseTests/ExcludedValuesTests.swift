import OrreryDatabase
import OrreryEngine
import OrreryQuery
import Testing

/// Filters that say what a path is not: looked up where that leaves few items, and scanned where it leaves most.
@Suite struct ExcludedValuesTests {
    /// 2,000 items. Most have the kind `done`, every 100th another one, and every 500th a number for it or none.
    private static func fill(_ queried: QueriedContainer) throws {
        try queried.upsert(
            (0..<2000).map { number in
                let kind = number % 500 == 250 ? (number < 1000 ? #","kind":7"# : "")
                    : #","kind":"\#(number % 100 == 0 ? "open" : "done")""#
                return #"{"id":"i\#(number)","pk":"k\#(number % 50)","n":\#(number)\#(kind)}"#
            })
    }

    /// A query, how many rows it has, how its items are found, and what the index is asked.
    private typealias Plan = (text: String, rowCount: Int, method: QueryExplanation.Access.Method, asked: String?)

    private static let plans: [Plan] = [
        ("SELECT VALUE c.id FROM c WHERE c.kind != 'done'", 22, .indexLookup, #"/kind/? != "done""#),
        ("SELECT VALUE c.id FROM c WHERE NOT (c.kind = 'done')", 22, .indexLookup, #"/kind/? != "done""#),
        (
            "SELECT VALUE c.id FROM c WHERE c.kind NOT IN ('done', 'open')", 2, .indexLookup,
            #"/kind/? != "done" AND /kind/? != "open""#
        ),
        (
            "SELECT VALUE c.id FROM c WHERE NOT (c.kind IN ('done', 7))", 20, .indexLookup,
            #"/kind/? != "done" AND /kind/? != 7"#
        ),
        (
            "SELECT VALUE c.id FROM c WHERE c.kind NOT LIKE 'd%' AND c.n < 100", 1, .indexLookup,
            #"/kind/? LIKE "%" AND /n/? < 100"#
        ),
        ("SELECT VALUE c.id FROM c WHERE c.kind != 'open'", 1978, .scan, nil),
        (
            "SELECT VALUE c.id FROM c WHERE c.n = 3 AND c.kind != 'open'", 1, .indexLookup,
            #"/n/? = 3 AND /kind/? != "open""#
        ),
    ]

    @Test(arguments: [300, 30_000])
    func theIndexIsAskedWhereItLeavesFew(_ deltaVersionsMax: Int) throws {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = deltaVersionsMax
        let queried = try QueriedContainer(configuration: configuration)
        try Self.fill(queried)
        for plan in Self.plans {
            #expect(try queried.rows(plan.text).rows.count == plan.rowCount, "\(plan.text)")
            let access = try queried.access(plan.text)
            #expect(access.method == plan.method, "\(plan.text)")
            #expect(access.condition == plan.asked, "\(plan.text)")
        }
    }
}
