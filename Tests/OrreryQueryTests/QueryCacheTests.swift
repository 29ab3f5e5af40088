import OrreryDocuments
import OrreryQuery
import Testing

@Suite struct QueryCacheTests {
    private func rows(_ query: Query) throws -> String {
        let documents = try ["1", "2", "3"].map { try JSONDocument(parsing: Array(#"{"n":\#($0)}"#.utf8)) }
        var list = DocumentList(documents)
        let options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
        return String(decoding: try query.prepared().page(over: &list, options: options).rows, as: UTF8.self)
    }

    @Test func aTextThatComesAgainHasItsOwnParameters() throws {
        let cache = QueryCache()
        let text = Array("SELECT TOP @top VALUE c.n FROM c WHERE c.n >= @least".utf8)
        for (least, top, wanted) in [(1, 2, "1,2"), (2, 5, "2,3"), (2, 5, "2,3"), (3, 5, "3"), (1, 1, "1")] {
            var parameters = QueryParameters()
            parameters.set("@least", .number(JSONNumber(Int64(least))))
            parameters.set("@top", .number(JSONNumber(Int64(top))))
            let query = try cache.query(text, parameters: parameters)
            #expect(try rows(query) == wanted)
            // The plan that was kept is of this query's parameters.
            #expect(try rows(query) == wanted)
        }
        #expect(cache.counts == (hits: 4, misses: 1))
    }

    @Test func theCacheIsBoundedAndForgetsTheOldest() throws {
        let cache = QueryCache()
        for number in 0...QueryCache.entriesMax {
            #expect(try rows(cache.query(Array("SELECT VALUE \(number) FROM c WHERE c.n = 1".utf8))) == "\(number)")
        }
        _ = try cache.query(Array("SELECT VALUE 1 FROM c WHERE c.n = 1".utf8))
        #expect(cache.counts.hits == 1)
        _ = try cache.query(Array("SELECT VALUE 0 FROM c WHERE c.n = 1".utf8))
        #expect(cache.counts.hits == 1)
        let long = "SELECT VALUE 1 FROM c WHERE c.s = '" + String(repeating: "x", count: QueryCache.textBytesMax) + "'"
        for _ in 0..<2 { _ = try cache.query(Array(long.utf8)) }
        #expect(cache.counts.hits == 1)
    }

    @Test func whatIsRefusedIsRefusedAgain() {
        let cache = QueryCache()
        for _ in 0..<2 {
            #expect(throws: QueryError.self) { try cache.query(Array("SELECT * FROM c WHERE".utf8)) }
        }
    }
}
