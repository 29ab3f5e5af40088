import Foundation

/// The queries that applications ask most, each by itself on one connection, beside PostgreSQL with the same documents
/// and indexes that fit them: where one takes long for what it answers, this is where it is seen.
struct CommonQueriesBenchmark {
    let documentCount: Int
    let roundCount: Int
    let seconds: Double

    /// One question in both languages.
    private struct Question {
        let query: String
        let statement: String

        init(_ query: String, _ statement: String) {
            (self.query, self.statement) = (query, statement)
        }
    }

    /// What people index who know what they ask.
    private static let indexes = [
        "gin (body jsonb_path_ops)", "btree (((body->>'total')::float8))", "btree ((body->>'createdAt'))",
        "btree ((body->>'customer'))",
    ]

    private static let hours = "c.createdAt >= '2026-01-15T06' AND c.createdAt < '2026-01-15T18'"
    private static let hoursInSQL = "body->>'createdAt' >= '2026-01-15T06' AND body->>'createdAt' < '2026-01-15T18'"
    private static let total = "(body->>'total')::float8"

    private static let questions = [
        Question("SELECT * FROM c WHERE c.id = 'o777'", "SELECT body FROM items WHERE id = 'o777'"),
        Question(
            "SELECT * FROM c WHERE c.id IN ('o7', 'o77', 'o777', 'o7777', 'o8888')",
            "SELECT body FROM items WHERE id IN ('o7', 'o77', 'o777', 'o7777', 'o8888')"),
        Question(
            "SELECT * FROM c WHERE c.customer = 'customer-77'",
            "SELECT body FROM items WHERE body->>'customer' = 'customer-77'"),
        Question(
            "SELECT * FROM c WHERE c.customer = 'customer-77' ORDER BY c.createdAt DESC",
            "SELECT body FROM items WHERE body->>'customer' = 'customer-77' ORDER BY body->>'createdAt' DESC"),
        Question(
            "SELECT TOP 10 * FROM c WHERE c.customer = 'customer-77' ORDER BY c.createdAt DESC",
            """
            SELECT body FROM items WHERE body->>'customer' = 'customer-77' \
            ORDER BY body->>'createdAt' DESC LIMIT 10
            """),
        Question(
            "SELECT * FROM c WHERE c.customer = 'customer-77' AND c.status IN ('placed', 'shipped')",
            """
            SELECT body FROM items \
            WHERE body->>'customer' = 'customer-77' AND body->>'status' IN ('placed', 'shipped')
            """),
        Question(
            "SELECT * FROM c WHERE c.customer IN ('customer-7', 'customer-70', 'customer-700')",
            "SELECT body FROM items WHERE body->>'customer' IN ('customer-7', 'customer-70', 'customer-700')"),
        Question(
            "SELECT TOP 20 * FROM c ORDER BY c.createdAt DESC",
            "SELECT body FROM items ORDER BY body->>'createdAt' DESC LIMIT 20"),
        Question(
            "SELECT * FROM c ORDER BY c.createdAt DESC OFFSET 1000 LIMIT 20",
            "SELECT body FROM items ORDER BY body->>'createdAt' DESC OFFSET 1000 LIMIT 20"),
        Question(
            "SELECT TOP 20 * FROM c WHERE c.status = 'placed' ORDER BY c.createdAt DESC",
            "SELECT body FROM items WHERE body->>'status' = 'placed' ORDER BY body->>'createdAt' DESC LIMIT 20"),
        Question(
            "SELECT TOP 20 * FROM c WHERE c.status != 'delivered'",
            "SELECT body FROM items WHERE body->>'status' <> 'delivered' LIMIT 20"),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE \(hours)", "SELECT COUNT(*) FROM items WHERE \(hoursInSQL)"),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE STARTSWITH(c.createdAt, '2026-01-15')",
            """
            SELECT COUNT(*) FROM items WHERE body->>'createdAt' >= '2026-01-15' AND body->>'createdAt' < '2026-01-16'
            """),
        Question(
            "SELECT c.id, c.total FROM c WHERE \(hours)",
            "SELECT body->'id', body->'total' FROM items WHERE \(hoursInSQL)"),
        Question(
            "SELECT VALUE SUM(c.total) FROM c WHERE \(hours)", "SELECT SUM(\(total)) FROM items WHERE \(hoursInSQL)"),
        Question(
            "SELECT c.status, COUNT(1) AS n, SUM(c.total) AS sum FROM c WHERE \(hours) GROUP BY c.status",
            "SELECT body->>'status', COUNT(*), SUM(\(total)) FROM items WHERE \(hoursInSQL) GROUP BY 1"),
        Question(
            "SELECT * FROM c WHERE \(hours) AND c.status = 'placed'",
            "SELECT body FROM items WHERE \(hoursInSQL) AND body->>'status' = 'placed'"),
        Question(
            "SELECT TOP 10 * FROM c WHERE \(hours) ORDER BY c.total DESC",
            "SELECT body FROM items WHERE \(hoursInSQL) ORDER BY \(total) DESC LIMIT 10"),
        Question(
            "SELECT TOP 10 * FROM c WHERE c.country = 'country-3' ORDER BY c.total DESC",
            "SELECT body FROM items WHERE body->>'country' = 'country-3' ORDER BY \(total) DESC LIMIT 10"),
        Question(
            "SELECT TOP 10 * FROM c WHERE c.country = 'country-3' AND c.status = 'shipped' ORDER BY c.total DESC",
            """
            SELECT body FROM items WHERE body->>'country' = 'country-3' AND body->>'status' = 'shipped' \
            ORDER BY \(total) DESC LIMIT 10
            """),
        Question(
            "SELECT c.id, c.total FROM c WHERE c.total > 998 AND c.channel = 'store'",
            "SELECT body->'id', body->'total' FROM items WHERE \(total) > 998 AND body->>'channel' = 'store'"),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE c.total BETWEEN 100 AND 200 AND c.status = 'shipped'",
            "SELECT COUNT(*) FROM items WHERE \(total) BETWEEN 100 AND 200 AND body @> '{\"status\":\"shipped\"}'"),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE c.status = 'shipped' AND c.country = 'country-3' AND c.gift",
            """
            SELECT COUNT(*) FROM items WHERE body @> '{"status":"shipped","country":"country-3","gift":true}'
            """),
        Question(
            "SELECT * FROM c WHERE c.address.city = 'city-77' AND c.status = 'shipped'",
            "SELECT body FROM items WHERE body @> '{\"address\":{\"city\":\"city-77\"},\"status\":\"shipped\"}'"),
        Question(
            "SELECT * FROM c WHERE c.address.zip = '10077' OR c.address.city = 'city-78'",
            """
            SELECT body FROM items \
            WHERE body @> '{"address":{"zip":"10077"}}' OR body @> '{"address":{"city":"city-78"}}'
            """),
        Question(
            "SELECT TOP 20 * FROM c WHERE ARRAY_CONTAINS(c.tags, 'tag-7') ORDER BY c.createdAt DESC",
            "SELECT body FROM items WHERE body @> '{\"tags\":[\"tag-7\"]}' ORDER BY body->>'createdAt' DESC LIMIT 20"),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE ARRAY_CONTAINS(c.tags, 'tag-7')",
            "SELECT COUNT(*) FROM items WHERE body @> '{\"tags\":[\"tag-7\"]}'"),
        Question(
            "SELECT * FROM c WHERE ARRAY_CONTAINS(c.lines, {sku: 'sku-77'}, true)",
            "SELECT body FROM items WHERE body @> '{\"lines\":[{\"sku\":\"sku-77\"}]}'"),
        Question(
            "SELECT * FROM c WHERE EXISTS (SELECT VALUE l FROM l IN c.lines WHERE l.sku = 'sku-77')",
            "SELECT body FROM items WHERE body @> '{\"lines\":[{\"sku\":\"sku-77\"}]}'"),
        Question(
            """
            SELECT * FROM c WHERE EXISTS (SELECT VALUE l FROM l IN c.lines WHERE l.sku = 'sku-77' AND l.quantity > 7)
            """,
            """
            SELECT body FROM items WHERE body @> '{"lines":[{"sku":"sku-77"}]}' \
            AND body @? '$.lines[*] ? (@.sku == "sku-77" && @.quantity > 7)'
            """),
        Question(
            """
            SELECT * FROM c WHERE EXISTS (SELECT VALUE l FROM l IN c.lines WHERE l.price >= 399 AND l.price < 400)
            """,
            "SELECT body FROM items WHERE body @? '$.lines[*] ? (@.price >= 399 && @.price < 400)'"),
        Question(
            "SELECT c.id, l.quantity FROM c JOIN l IN c.lines WHERE l.sku = 'sku-77'",
            """
            SELECT body->'id', line->'quantity' FROM items, jsonb_array_elements(body->'lines') AS line \
            WHERE body @> '{"lines":[{"sku":"sku-77"}]}' AND line->>'sku' = 'sku-77'
            """),
        Question(
            "SELECT VALUE SUM(l.quantity * l.price) FROM c JOIN l IN c.lines WHERE \(hours)",
            """
            SELECT SUM((line->>'quantity')::float8 * (line->>'price')::float8) \
            FROM items, jsonb_array_elements(body->'lines') AS line WHERE \(hoursInSQL)
            """),
        Question(
            """
            SELECT l.sku, SUM(l.quantity) AS sum FROM c JOIN l IN c.lines \
            WHERE c.customer = 'customer-77' GROUP BY l.sku
            """,
            """
            SELECT line->>'sku', SUM((line->>'quantity')::float8) \
            FROM items, jsonb_array_elements(body->'lines') AS line WHERE body->>'customer' = 'customer-77' GROUP BY 1
            """),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE IS_DEFINED(c.coupon)",
            "SELECT COUNT(*) FROM items WHERE body ? 'coupon'"),
        Question(
            "SELECT * FROM c WHERE c.coupon = 'SPRING-50'",
            "SELECT body FROM items WHERE body @> '{\"coupon\":\"SPRING-50\"}'"),
        Question(
            "SELECT TOP 20 * FROM c WHERE NOT IS_DEFINED(c.coupon) AND c.customer = 'customer-77'",
            "SELECT body FROM items WHERE NOT body ? 'coupon' AND body->>'customer' = 'customer-77' LIMIT 20"),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE IS_NULL(c.cancelledAt)",
            "SELECT COUNT(*) FROM items WHERE body @> '{\"cancelledAt\":null}'"),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE c.cancelledAt != null",
            "SELECT COUNT(*) FROM items WHERE body->>'cancelledAt' IS NOT NULL"),
        Question("SELECT VALUE COUNT(1) FROM c", "SELECT COUNT(*) FROM items"),
        Question("SELECT DISTINCT VALUE c.country FROM c", "SELECT DISTINCT body->>'country' FROM items"),
        Question(
            "SELECT DISTINCT c.country, c.status FROM c",
            "SELECT DISTINCT body->>'country', body->>'status' FROM items"),
        Question(
            "SELECT c.status, COUNT(1) AS n FROM c GROUP BY c.status",
            "SELECT body->>'status', COUNT(*) FROM items GROUP BY 1"),
        Question(
            "SELECT c.channel, AVG(c.total) AS mean FROM c GROUP BY c.channel",
            "SELECT body->>'channel', AVG(\(total)) FROM items GROUP BY 1"),
        Question("SELECT VALUE MAX(c.total) FROM c", "SELECT MAX(\(total)) FROM items"),
        Question(
            "SELECT VALUE MAX(c.createdAt) FROM c WHERE c.status = 'placed'",
            "SELECT MAX(body->>'createdAt') FROM items WHERE body @> '{\"status\":\"placed\"}'"),
        Question("SELECT VALUE SUM(c.total) FROM c", "SELECT SUM(\(total)) FROM items"),
        Question(
            "SELECT VALUE COUNT(1) FROM c WHERE CONTAINS(c.note, 'neighbour')",
            "SELECT COUNT(*) FROM items WHERE body->>'note' LIKE '%neighbour%'"),
        Question(
            "SELECT * FROM c WHERE CONTAINS(c.address.city, '-499')",
            "SELECT body FROM items WHERE body->'address'->>'city' LIKE '%-499%'"),
        Question(
            "SELECT * FROM c WHERE LOWER(c.address.city) = 'city-77'",
            "SELECT body FROM items WHERE LOWER(body->'address'->>'city') = 'city-77'"),
        Question(
            "SELECT * FROM c WHERE STRINGEQUALS(c.coupon, 'spring-50', true)",
            "SELECT body FROM items WHERE LOWER(body->>'coupon') = 'spring-50'"),
    ]

    func run() throws {
        let server = try OrreryServer()
        try server.fill(OrderDocument.self, documentCount: documentCount)
        let peer = PostgresPeer.isInstalled ? try PostgresPeer() : nil
        try peer?.load(
            (0..<documentCount).lazy.map { (OrderDocument.id($0), OrderDocument.text($0)) }, withIndexes: Self.indexes)
        try server.waitUntilIdle()
        print("\ncommon queries, \(documentCount) orders, one at a time: medians of \(roundCount) interleaved rounds")
        print(row("rows", "µs", "ratio", "PostgreSQL µs", "query"))
        for question in Self.questions {
            let request = OrreryServer.query(question.query)(0)
            let rowCount = try rowCount(try RawExchange.body(port: server.port, request: request))
            if let peer, try peer.rowCount(of: question.statement) != rowCount {
                throw BenchError(description: "PostgreSQL's rows are not \(rowCount): \(question.query)")
            }
            var (own, peers): ([Double], [Double]) = ([], [])
            for _ in 0..<roundCount {
                let load = LoadGenerator(port: server.port, connectionCount: 1, seconds: seconds) { request }
                own.append(try successful(load.run(), question.query).percentile(0.5))
                guard let peer else { continue }
                let result = try peer.measuringWork(
                    question.statement, parameterCount: 0, connectionCount: 1, threadCount: 1, seconds: seconds
                ) { [] }
                peers.append(try successful(result, question.statement).percentile(0.5))
            }
            let ratio = peers.isEmpty ? "-" : rounded(median(peers) / median(own), 1)
            print(
                row(
                    "\(rowCount)", rounded(median(own), 0), ratio, peers.isEmpty ? "-" : rounded(median(peers), 0),
                    question.query))
        }
    }

    /// A query that is refused takes no time.
    private func successful(_ result: LoadResult, _ text: String) throws -> LoadResult {
        if result.failureCount > 0 { throw BenchError(description: "refused: \(text)") }
        return result
    }

    /// The rows of a page, which is all of them: no question has more than a page.
    private func rowCount(_ body: [UInt8]) throws -> Int {
        let page = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        guard let count = page?["_count"] as? Int else { throw BenchError(description: "an answer without _count") }
        return count
    }

    private func row(_ cells: String...) -> String {
        let widths = [6, 9, 9, 15]
        let numbers = zip(cells, widths).map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }
        return numbers.joined() + "  " + (cells.last ?? "")
    }
}
