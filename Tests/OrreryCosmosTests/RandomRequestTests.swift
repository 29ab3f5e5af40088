import Foundation
import OrreryHTTP
import TestSupport
import Testing

@testable import OrreryCosmos

/// Requests put together at random from pieces that mean something, and then damaged: none may be answered with an
/// error of the server's, and none may end it. A failure prints its seed; ORRERY_RANDOM_SEED runs that one again, and
/// ORRERY_RANDOM_REQUESTS asks for more of them.
@Suite struct RandomRequestTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["ORRERY_RANDOM_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...(.max))
    private static let count = environment["ORRERY_RANDOM_REQUESTS"].flatMap { Int($0) } ?? 3000

    private static let segments = [
        "dbs", "colls", "docs", "pkranges", "offers", "users", "permissions", "sprocs", "operations",
        "partitionkeydelete", "shop", "orders", "1", "2", "AQAAAA==", "AQAAAIAAAAI=", "AQAAAIAAAAIBAAAAAAAAAA==",
        "%20", "caf%C3%A9", "%FF", "", "conflicts", "triggers",
    ]
    private static let paths = [
        "/dbs/shop/colls/orders/docs", "/dbs/shop/colls/orders/docs/1", "/dbs/shop/colls/orders", "/dbs/shop/colls",
        "/dbs/shop/colls/orders/pkranges", "/offers", "/dbs", "/dbs/shop/users",
    ]
    private static let headers: [(name: String, values: [String])] = [
        ("x-ms-documentdb-partitionkey",
            [#"["a"]"#, "[1]", "[null]", "[{}]", "[]", #"["a",null]"#, "[-0.0]", "[", "{}"]),
        ("x-ms-documentdb-isquery", ["true", "True", "1"]), ("x-ms-documentdb-is-upsert", ["True"]),
        ("x-ms-cosmos-is-batch-request", ["True"]), ("x-ms-cosmos-batch-atomic", ["True", "False"]),
        ("x-ms-cosmos-is-query-plan-request", ["True"]),
        ("x-ms-cosmos-supported-query-features", ["Aggregate,OrderBy,Top,GroupBy", "", "DCount"]),
        ("x-ms-documentdb-query-enablecrosspartition", ["True"]), ("x-ms-max-item-count", ["1", "-1", "0", "7", "x"]),
        ("x-ms-continuation", ["0.1", "0.", "9.9", "AQEAAAAA", "1", "\u{7F}", "0.AQEAAAAA"]),
        ("x-ms-session-token", ["0:-1#1", "0:-1#99", "0:5", "x"]), ("if-match", ["*", "\"x\"", "\""]),
        ("if-none-match", ["*", "\"1\"", "\"18446744073709551615\""]),
        ("a-im", ["Incremental Feed", "Full-Fidelity Feed"]),
        ("x-ms-documentdb-partitionkeyrangeid", ["0", "1", "-1"]), ("prefer", ["return=minimal"]),
        ("x-ms-start-epk", ["", "1F", "FF", "0"]), ("x-ms-end-epk", ["", "3F", "FF", "GG"]),
        ("x-ms-offer-throughput", ["400", "30000", "1"]), ("content-type", ["application/query+json"]),
    ]
    private static let bodies = [
        #"{"id":"1","pk":"a"}"#, #"{"id":"2","pk":"a","n":[1,2,{"x":null}]}"#, #"{"id":"3"}"#,
        #"{"id":"orders","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"defaultTtl":5}"#,
        #"{"query":"SELECT * FROM c WHERE c.n[0] > 1 ORDER BY c.id OFFSET 1 LIMIT 2"}"#,
        #"{"query":"SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk"}"#, #"{"query":"SELECT VALUE MAX(c.n) FROM c"}"#,
        #"{"query":"SELECT DISTINCT VALUE x FROM c JOIN x IN c.n","parameters":[{"name":"@p","value":1}]}"#,
        #"{"operations":[{"op":"add","path":"/n/0","value":1},{"op":"move","from":"/n","path":"/m"}]}"#,
        #"[{"operationType":"Create","resourceBody":{"id":"9","pk":"a"}},{"operationType":"Read","id":"9"}]"#,
        #"{"id":"u","permissionMode":"all","resource":"dbs/shop/colls/orders"}"#,
        #"{"content":{"offerThroughput":800}}"#,
    ]

    @Test func noneIsAnsweredWithAnErrorOfTheServers() throws {
        var random = SplitMix64(seed: Self.seed)
        let service = try TestService()
        for number in 0..<Self.count {
            if number % 200 == 0 {
                _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
                _ = service.send(
                    "POST", "/dbs/shop/colls", body: #"{"id":"orders","partitionKey":{"paths":["/pk"],"version":2}}"#)
            }
            let (method, target, headers, body) = request(&random)
            let response = service.send(method, target, headers, body: body)
            if response.status >= 500 {
                let (link, content) = (String(decoding: target, as: UTF8.self), String(decoding: body, as: UTF8.self))
                Issue.record(
                    """
                    seed \(Self.seed), request \(number): \(method) \(link) \(headers) \(content)
                    \(response.status) \(response.text)
                    """)
                return
            }
        }
    }

    private func request(
        _ random: inout SplitMix64
    ) -> (String, [UInt8], [(name: String, value: String)], [UInt8]) {
        let method = ["GET", "POST", "POST", "POST", "PUT", "PATCH", "DELETE"].randomElement(using: &random) ?? "GET"
        var target = Self.paths.randomElement(using: &random) ?? "/"
        if Int.random(in: 0..<4, using: &random) == 0 {
            let count = Int.random(in: 0..<8, using: &random)
            target = "/" + (0..<count).map { _ in Self.segments.randomElement(using: &random) ?? "" }
                .joined(separator: "/")
        }
        var headers: [(name: String, value: String)] = []
        for header in Self.headers where Int.random(in: 0..<5, using: &random) == 0 {
            headers.append((header.name, damaged(header.values.randomElement(using: &random) ?? "", &random)))
        }
        let body = Self.bodies.randomElement(using: &random) ?? ""
        return (method, Array(damaged(target, &random).utf8), headers, Array(damaged(body, &random).utf8))
    }

    /// Most texts stay; of the others a byte is lost, doubled or changed, or the end is cut off.
    private func damaged(_ text: String, _ random: inout SplitMix64) -> String {
        var bytes = Array(text.utf8)
        guard !bytes.isEmpty, Int.random(in: 0..<6, using: &random) == 0 else { return text }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(bytes[place], at: place)
        case 2: bytes[place] = UInt8.random(in: 1...127, using: &random)
        default: bytes.removeSubrange(place...)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
