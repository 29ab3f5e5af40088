import OrreryDocuments
@testable import OrreryQuery
import OrreryKeys
import Testing

/// A text that was planned once for all its parameters answers as one that was planned for these.
@Suite struct QueryTemplateTests {
    private static let texts = [
        "SELECT * FROM c WHERE c.a = @x",
        "SELECT * FROM c WHERE @x = c.a AND c.b != @y",
        "SELECT * FROM c WHERE 1 < c.a AND c['b'] <= @x AND c.list.size = @y",
        "SELECT VALUE c FROM c JOIN e IN c.list WHERE c.a = @x AND @y > c.b",
        "SELECT * FROM c WHERE NOT (c.a < @x) OR c.b >= @y",
        "SELECT VALUE c.id FROM c WHERE c.a BETWEEN @x AND @y",
        "SELECT VALUE c.id FROM c WHERE c.a NOT BETWEEN @x AND @y ORDER BY c.a",
        "SELECT VALUE c.id FROM c WHERE c.a IN (@x, @y, 3)",
        "SELECT VALUE c.id FROM c WHERE c.a NOT IN (@x, @y)",
        "SELECT VALUE c.id FROM c WHERE c.id = @y AND c.a > @x ORDER BY c.id",
        "SELECT TOP 2 * FROM c WHERE c.a >= @x ORDER BY c.a",
        "SELECT * FROM c WHERE c.a > @x AND c.id < @y ORDER BY c.a, c.b DESC",
        "SELECT c.a, COUNT(1) AS n FROM c WHERE c.b = @x GROUP BY c.a",
        "SELECT c.a = @x AS same, COUNT(1) AS n FROM c WHERE c.b != @y GROUP BY c.a = @x",
        "SELECT DISTINCT VALUE c.b FROM c WHERE c.a <= @x OR @y",
        "SELECT VALUE COUNT(1) FROM c WHERE c.a = @x",
        "SELECT VALUE c.id FROM c WHERE @x = @y",
        "SELECT VALUE c.id FROM c WHERE c.a + 1 = @x AND @y < 3",
        "SELECT VALUE c.id FROM c WHERE c[@y] = @x",
        "SELECT VALUE c.id FROM c WHERE c.id LIKE @y OR STARTSWITH(c.id, @x)",
        "SELECT VALUE c.id FROM c JOIN e IN c.list WHERE e = @x",
        "SELECT VALUE c.id FROM c WHERE EXISTS (SELECT VALUE e FROM e IN c.list WHERE e = @x) AND c.a = @y",
        "SELECT VALUE x.id FROM (SELECT * FROM c WHERE c.a = @x) x WHERE x.b = @y",
    ]

    private static let values: [JSONValue?] = [
        nil, .null, .boolean(true), .boolean(false), 0, 1, 2, 3, -1, 1e300, "a", "b", "", "id1",
        .string(String(repeating: "x", count: 300)), .array([1]), .object([]),
    ]

    private func documents() throws -> [JSONDocument] {
        var texts: [String] = []
        let scalars = ["null", "true", "false", "0", "1", "2", "3", "\"a\"", "\"b\"", "[1]", "{}"]
        for (number, value) in scalars.enumerated() {
            let other = scalars[(number * 7 + 3) % scalars.count]
            texts.append(#"{"id":"id\#(number)","a":\#(value),"b":\#(other),"list":[\#(value),\#(other)]}"#)
        }
        texts.append(#"{"id":"a","b":1}"#)
        return try texts.map { try JSONDocument(parsing: Array($0.utf8)) }
    }

    private func rows(_ query: Query) throws -> [UInt8] {
        var list = DocumentList(try documents())
        let options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
        return try query.prepared().page(over: &list, options: options).rows
    }

    private func parameters(_ x: JSONValue?, _ y: JSONValue?) -> QueryParameters {
        var parameters = QueryParameters()
        if let x { parameters.set("@x", x) }
        if let y { parameters.set("@y", y) }
        return parameters
    }

    @Test(arguments: texts) func aTemplateAnswersAsAPlanOfItsOwn(text: String) throws {
        let cache = QueryCache()
        let utf8 = Array(text.utf8)
        let definition = try PartitionKeyDefinition(
            JSONValue(parsing: Array(#"{"paths":["/id"],"kind":"Hash","version":2}"#.utf8)))
        for x in Self.values {
            for y in Self.values {
                let parameters = parameters(x, y)
                let own: Query
                do {
                    own = try Query(utf8, parameters: parameters)
                } catch {
                    // A parameter that is missing is so for the template too.
                    #expect(throws: QueryError.self) { try cache.query(utf8, parameters: parameters) }
                    continue
                }
                let shared = try cache.query(utf8, parameters: parameters)
                #expect(try rows(shared) == rows(own), "\(text) with \(parameters)")
                let (demand, wanted) = (try shared.prepared().demand, try own.prepared().demand)
                #expect(demand.condition == wanted.condition)
                #expect(demand.exactCondition == wanted.exactCondition)
                #expect(demand.isVerbatim == wanted.isVerbatim && demand.isOrderVerbatim == wanted.isOrderVerbatim)
                #expect(demand.order == wanted.order && demand.aggregates == wanted.aggregates)
                #expect(demand.valuePaths == wanted.valuePaths && demand.membersRead == wanted.membersRead)
                let keys = (shared.partitionKeys(under: definition), own.partitionKeys(under: definition))
                #expect(keys.0 == keys.1, "\(text) with \(parameters)")
            }
        }
    }

    @Test func valuesThatTheFilterComparesWithShareAPlan() throws {
        let cache = QueryCache()
        let text = Array("SELECT TOP @top * FROM c WHERE c.a = @x".utf8)
        func plan(_ x: JSONValue, top: JSONValue) throws -> CachedPlan {
            var parameters = QueryParameters()
            parameters.set("@x", x)
            parameters.set("@top", top)
            return try cache.query(text, parameters: parameters).sharedPlan()
        }
        let first = try plan(1, top: 5)
        #expect(try plan("a", top: 5) === first)
        #expect(try plan(.null, top: 5) === first)
        // What a plan depends on makes another one.
        #expect(try plan(1, top: 6) !== first)
    }
}
