import OrreryDocuments
import Testing

@testable import OrreryQuery

/// What other emulators are known to get wrong (query-language specification, section 7), by the number of the report.
@Suite struct PeerFailureTests {
    private let documents: [JSONDocument]

    init() throws {
        documents = try [
            #"{"id": "1", "pk": "a", "n": 3, "tags": ["x", "y"], "kind": "k"}"#,
            #"{"id": "2", "pk": "a", "tags": []}"#,
            #"{"id": "3", "pk": "b", "n": 1, "kind": "k"}"#,
            #"{"id": "4", "pk": "b", "n": 2, "tags": ["x"], "kind": "l"}"#,
        ].map { try JSONDocument(parsing: $0) }
    }

    private func rows(_ text: String, rowCountMax: Int? = nil) throws -> JSONValue {
        .array(try QueryRun.rows(text, over: documents, rowCountMax: rowCountMax))
    }

    /// 123: items without the ORDER BY property are returned.
    @Test func orderByMissingProperty() throws {
        #expect(try rows("SELECT VALUE c.id FROM c ORDER BY c.n") == ["2", "3", "4", "1"])
        #expect(try rows("SELECT VALUE c.id FROM c ORDER BY c.n DESC") == ["1", "4", "3", "2"])
    }

    /// 156, 285, 347: continuations with ORDER BY and a page size.
    @Test func orderByInPages() throws {
        for size in 1...4 {
            #expect(try rows("SELECT VALUE c.id FROM c ORDER BY c.n", rowCountMax: size) == ["2", "3", "4", "1"])
            #expect(
                try rows("SELECT VALUE c.id FROM c ORDER BY c.pk DESC, c.n", rowCountMax: size) == ["3", "4", "2", "1"])
        }
    }

    /// 191: GROUP BY.
    @Test func groupBy() throws {
        let groups = try QueryRun.rows("SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind", over: documents)
        #expect(JSONValue.areSameBags(groups, [["kind": "k", "n": 2], ["n": 1], ["kind": "l", "n": 1]]))
    }

    /// 287: an aggregate over a subquery in FROM.
    @Test func aggregateOverSubquery() throws {
        #expect(try rows("SELECT VALUE COUNT(1) FROM (SELECT c.id FROM c WHERE c.pk = 'a') AS x") == [2])
        #expect(try rows("SELECT VALUE SUM(x.n) FROM (SELECT c.n FROM c) AS x") == [6])
        #expect(try rows("SELECT COUNT(1) AS kinds FROM (SELECT DISTINCT c.kind FROM c)") == [["kinds": 3]])
    }

    /// 310: LOG(0) is minus infinity, which JSON cannot hold; within an expression it is a value like another.
    @Test func logarithmOfZero() throws {
        #expect(try rows("SELECT VALUE LOG(0) < 0") == [true])
        #expect(try rows("SELECT VALUE IS_FINITE_NUMBER(LOG(0))") == [false])
        let error = #expect(throws: QueryError.self) { try rows("SELECT VALUE LOG(0)") }
        #expect(error?.code == .notRepresentable)
    }

    /// 311: FIRST.
    @Test func firstOfSubquery() throws {
        #expect(try rows("SELECT VALUE FIRST(SELECT VALUE t FROM t IN c.tags) FROM c") == ["x", "x"])
    }

    /// 326, 192, 116, 132: queries that ended in a 500.
    @Test func noQueryIsAServerError() throws {
        #expect(try rows("SELECT c.id FROM c WHERE ARRAY_CONTAINS(c.tags, null)") == [])
        #expect(try rows("SELECT VALUE c.id FROM c WHERE c.tags[0] = 'x' AND ARRAY_LENGTH(c.tags) > 1") == ["1"])
        #expect(try rows("SELECT VALUE MAX(c.missing) FROM c") == [])
        #expect(try rows("SELECT VALUE {'t': c.tags[5].x.y} FROM c WHERE c.id = '1'") == [[:]])
        #expect(try rows("SELECT VALUE c.id FROM c WHERE c.n IN ()".replacing("()", with: "(null)")) == [])
        #expect(throws: QueryError.self) { try rows("SELECT VALUE c.id FROM c WHERE c.n IN ()") }
        #expect(throws: QueryError.self) { try rows("SELECT * FROM c ORDER BY") }
    }

    /// What cosmium lacks: LIKE, BETWEEN, `??`, `? :` and dates.
    @Test func operatorsThatPeersLack() throws {
        #expect(try rows("SELECT VALUE c.id FROM c WHERE c.kind LIKE '[^l]' AND c.n BETWEEN 1 AND 2") == ["3"])
        #expect(try rows("SELECT VALUE (c.n ?? 0) > 1 ? 'many' : 'few' FROM c") == ["many", "few", "few", "many"])
        #expect(try rows("SELECT VALUE DateTimePart('yyyy', '2020-01-02')") == [2020])
    }
}
