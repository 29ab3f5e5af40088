import OrreryDocuments
import OrreryKeys
import Testing

@testable import OrreryQuery

/// What the HTTP layer asks of a query before it runs one.
@Suite struct QueryTests {
    @Test(arguments: [
        ("SELECT * FROM c", false), ("SELECT c.a FROM c JOIN t IN c.l WHERE c.b = 1", false), ("SELECT VALUE 1", false),
        ("SELECT COUNT(1)", false), ("SELECT VALUE x FROM (SELECT VALUE c.a FROM c) AS x", false),
        ("SELECT VALUE (SELECT VALUE COUNT(t) FROM t IN c.l) FROM c", false),
        ("SELECT * FROM c ORDER BY c.a", true), ("SELECT TOP 1 * FROM c", true),
        ("SELECT * FROM c OFFSET 0 LIMIT 1", true),
        ("SELECT DISTINCT c.a FROM c", true), ("SELECT VALUE COUNT(1) FROM c", true),
        ("SELECT c.a FROM c GROUP BY c.a", true), ("SELECT VALUE x FROM (SELECT DISTINCT c.a FROM c) AS x", true),
        ("SELECT TOP 1 * FROM c ORDER BY RANK FullTextScore(c.t, 'a')", true),
        ("SELECT TOP 1 * FROM c ORDER BY VectorDistance(c.v, [1])", true),
    ])
    func needsMerge(text: String, expected: Bool) throws {
        #expect(try Query(text).needsMerge == expected)
    }

    @Test func queriesWithoutFromReadNoItem() throws {
        #expect(try !Query("SELECT 1").readsItems)
        #expect(try !Query("SELECT x FROM (SELECT 1) AS x").readsItems)
        #expect(try Query("SELECT 1 FROM c").readsItems)
        #expect(try Query("SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.a FROM c)").readsItems)
    }

    @Test func filtersPinPartitionKeys() throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"])
        let pinned = try Query("SELECT * FROM c WHERE c.pk = 'a' AND c.n > 1").partitionKeys(under: definition)
        #expect(pinned.singleKey(pathCount: 1) == PartitionKey([.string("a")]))
        let open = try Query("SELECT * FROM c WHERE c.n > 1").partitionKeys(under: definition)
        #expect(open == .all)
        #expect(try Query("SELECT * FROM c WHERE false").partitionKeys(under: definition).isEmpty)
        var parameters = QueryParameters()
        parameters.set("@pk", 5)
        let query = try Query("SELECT * FROM c WHERE @pk = c.pk", parameters: parameters)
        #expect(query.partitionKeys(under: definition).singleKey(pathCount: 1) == PartitionKey([.number(5)]))
    }

    /// Ranges are sorted, apart and never empty; zero stands for both of its signs, which hash apart.
    @Test func rangesAreInOrder() throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"])
        let query = try Query("SELECT * FROM c WHERE c.pk IN (0, 'a', 'b', null, 'a')")
        let ranges = query.partitionKeys(under: definition).ranges(under: definition)
        #expect(ranges.count == 5)
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.min < $1.min })
        let zero = definition.effectiveKey(of: PartitionKey([.number(-0.0)]))
        #expect(ranges.contains { $0.min == zero })
        let none = try Query("SELECT 1").partitionKeys(under: definition).ranges(under: definition)
        #expect(none == [QueryRange(min: .min, max: .min, isMaxInclusive: true)])
        let hierarchical = try PartitionKeyDefinition(paths: ["/t", "/u"], kind: .multiHash)
        let prefix = try Query("SELECT * FROM c WHERE c.t = 'x'").partitionKeys(under: hierarchical)
        let range = try #require(prefix.ranges(under: hierarchical).first)
        #expect(range.max.hex == range.min.hex + "FF")
        #expect(!range.isMaxInclusive)
    }

    private static let pythonFeatures = QueryFeature.features(
        inHeader:
            "Aggregate,CompositeAggregate,Distinct,MultipleOrderBy,OffsetAndLimit, OrderBy,Top,NonStreamingOrderBy,"
            + "HybridSearch,CountIf,WeightedRankFusion,FromTheFuture")

    /// The Python SDK declares neither GroupBy nor MultipleAggregates nor DCount.
    @Test(arguments: [
        "SELECT c.a FROM c GROUP BY c.a", "SELECT COUNT(1), SUM(c.a) FROM c",
        "SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.a FROM c)", "SELECT VALUE MAKELIST(c.a) FROM c",
    ])
    func plansBeyondTheClientAreRefused(text: String) throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"])
        let error = try #require(throws: QueryError.self) {
            try Query(text).plan(under: definition, features: Self.pythonFeatures)
        }
        #expect(error.code == .featureMissing)
        #expect(throws: Never.self) {
            try Query(text).plan(under: definition, features: Set(QueryFeature.allCases))
        }
    }

    /// An aggregate without VALUE reaches the Python SDK as an aggregate, which it then refuses itself.
    @Test func aggregatesWithoutValueAreListed() throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"])
        let plan = try Query("SELECT COUNT(1) FROM c").plan(under: definition, features: Self.pythonFeatures)
        #expect(plan.queryInfo?.aggregates == ["Count"])
        #expect(plan.queryInfo?.hasSelectValue == false)
    }

    @Test func conditionsOfPatches() throws {
        let condition = try DocumentCondition(Array("from c where c.stock > 0".utf8), limits: .condition)
        #expect(try condition.matches(JSONDocument(parsing: #"{"stock": 1}"#)))
        #expect(try !condition.matches(JSONDocument(parsing: #"{"stock": 0}"#)))
        #expect(try !condition.matches(JSONDocument(parsing: "{}")))
        for text in ["select * from c", "from c where st_distance(c.a, c.b) < 1"] {
            #expect(throws: QueryError.self) { try DocumentCondition(Array(text.utf8), limits: .condition) }
        }
    }

    @Test func parametersAreChecked() throws {
        for text in [#"{}"#, #"[1]"#, #"[{"value": 1}]"#, #"[{"name": 1, "value": 1}]"#] {
            #expect(throws: QueryError.self) { try QueryParameters(JSONDocument(parsing: text).root) }
        }
        let parameters = try QueryParameters(
            JSONDocument(parsing: #"[{"name": "@a", "value": [1, {"b": null}]}]"#).root)
        #expect(try QueryRun.rows("SELECT VALUE @a", parameters: parameters) == [[1, ["b": nil]]])
        #expect(try QueryRun.rows("SELECT TOP @n VALUE 1", parameters: .one("@n", 1)) == [1])
        #expect(throws: QueryError.self) { try Query("SELECT TOP @n VALUE 1", parameters: .one("@n", -1)) }
        #expect(throws: QueryError.self) { try Query("SELECT TOP @n VALUE 1", parameters: .one("@n", "1")) }
    }

    /// A printed query means what the written one means.
    @Test(arguments: [UInt64(8), UInt64.random(in: 10...UInt64.max)]) func printedQueriesParseTheSame(seed: UInt64)
        throws
    {
        var generator = RandomQueries(seed: seed)
        let documents = try QueryRun.documents(generator.documents(8))
        for _ in 0..<200 {
            let text = generator.query().text
            let printed = QueryPrinter.text(of: try Query(text).parsed)
            #expect(QueryPrinter.text(of: try Query(printed).parsed) == printed, "seed \(seed): \(text)")
            guard let rows = try? QueryRun.rows(text, over: documents) else { continue }
            #expect(
                JSONValue.array(try QueryRun.rows(printed, over: documents)) == .array(rows), "seed \(seed): \(text)")
        }
    }

    @Test(arguments: [
        "SELECT VALUE - -2", "SELECT VALUE +(- -2) - -2", "SELECT VALUE ~-0", "SELECT VALUE NOT NOT true",
        "SELECT VALUE -0.0 - -.5", "SELECT VALUE [- - - 1, -(1), 1 - - 1]",
    ])
    func printedSignsParseTheSame(text: String) throws {
        let printed = QueryPrinter.text(of: try Query(text).parsed)
        #expect(try QueryRun.rows(printed) == QueryRun.rows(text))
    }

    /// Names and strings are told apart by their bytes, though Swift's strings are not.
    @Test func namesAreComparedByBytes() throws {
        let document = try JSONDocument(parsing: "{\"\u{E9}\": 1, \"e\u{301}\": 2, \"s\": \"\u{E9}\"}")
        #expect(
            try QueryRun.rows("SELECT VALUE [c[\"\u{E9}\"], c[\"e\u{301}\"]] FROM c", over: [document]) == [[1, 2]])
        #expect(try QueryRun.rows("SELECT VALUE c.s = 'e\u{301}' FROM c", over: [document]) == [false])
        #expect(try QueryRun.rows("SELECT VALUE c.s IN ('e\u{301}') FROM c", over: [document]) == [false])
        #expect(try QueryRun.rows("SELECT VALUE {\"\u{E9}\": 1, \"e\u{301}\": 2}").first?.members?.count == 2)
        #expect(try QueryRun.rows("SELECT VALUE STRINGEQUALS(c.s, 'e\u{301}') FROM c", over: [document]) == [false])
    }
}

extension QueryParameters {
    fileprivate static func one(_ name: String, _ value: JSONValue) -> QueryParameters {
        var parameters = QueryParameters()
        parameters.set(name, value)
        return parameters
    }
}
