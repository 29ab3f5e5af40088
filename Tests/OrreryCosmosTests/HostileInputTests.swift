import OrreryHTTP
import Testing

@testable import OrreryCosmos

/// Whatever is sent, the answer is the service's own refusal: never an error of the server's, never its end.
@Suite struct HostileInputTests {
    private static let targets = [
        "/", "/dbs", "/dbs/shop", "/dbs/shop/colls", "/dbs/shop/colls/orders", "/dbs/shop/colls/orders/docs",
        "/dbs/shop/colls/orders/docs/1", "/dbs/shop/colls/orders/pkranges", "/dbs/shop/colls/orders/sprocs",
        "/dbs/shop/colls/orders/sprocs/p", "/dbs/shop/colls/orders/triggers", "/dbs/shop/colls/orders/udfs/f",
        "/dbs/shop/colls/orders/conflicts", "/dbs/shop/colls/orders/conflicts/c", "/dbs/shop/users",
        "/dbs/shop/users/u", "/dbs/shop/users/u/permissions", "/dbs/shop/users/u/permissions/p", "/offers",
        "/offers/AwAA", "/dbs/shop/colls/orders/operations/partitionkeydelete",
    ]
    private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"]
    private static let bodies: [[UInt8]] = [
        [], Array("{".utf8), Array("{\"id\":".utf8), Array("null".utf8), Array("[]".utf8), Array("{}".utf8),
        Array("{\"id\":null}".utf8), Array("{\"id\":{\"id\":\"x\"}}".utf8), Array("{\"id\":\"\\ud800\"}".utf8),
        [0xFF, 0xFE, 0x00], Array("{\"id\":\"\u{0}\"}".utf8), Array(String(repeating: "[", count: 5000).utf8),
        Array("{\"id\":1e999,\"id\":\"a\"}".utf8), Array("\u{FEFF}{\"id\":\"a\"}".utf8),
        Array("{\"query\":5}".utf8), Array("{\"query\":\"SELECT\"}".utf8),
        Array("{\"id\":\"orders\",\"partitionKey\":{\"paths\":7,\"kind\":[]}}".utf8),
        Array("{\"operations\":[{\"op\":\"add\"}]}".utf8), Array("[{\"operationType\":\"Create\"}]".utf8),
    ]
    private static let headers: [[(name: String, value: String)]] = [
        [],
        [("x-ms-max-item-count", "-7")], [("x-ms-max-item-count", "99999999999999999999")],
        [("x-ms-max-item-count", "many")], [("x-ms-continuation", "\u{1}%%%")],
        [("x-ms-continuation", "-1")], [("x-ms-continuation", "AAAA")],
        [("x-ms-documentdb-partitionkey", "[")], [("x-ms-documentdb-partitionkey", "[[1]]")],
        [("x-ms-documentdb-partitionkey", "[\"a\",\"b\",\"c\",\"d\",\"e\"]")],
        [("x-ms-documentdb-partitionkey", "\"a\"")], [("x-ms-documentdb-partitionkey", "[1e999]")],
        [("x-ms-session-token", "0")], [("x-ms-session-token", "0:-1#99999999999")],
        [("x-ms-session-token", ",,,,")],
        [("x-ms-documentdb-isquery", "true")], [("x-ms-cosmos-is-batch-request", "True")],
        [("x-ms-cosmos-is-query-plan-request", "True")], [("x-ms-documentdb-is-upsert", "True")],
        [("a-im", "Incremental Feed"), ("if-none-match", "\"99999999999999999999\"")],
        [("a-im", "Incremental Feed"), ("if-none-match", "\"18446744073709551615\"")],
        [("a-im", "Full-Fidelity Feed"), ("if-none-match", "\"18446744073709551615\"")],
        [("x-ms-continuation", "0.18446744073709551615")], [("x-ms-continuation", "18446744073709551615.1")],
        [("a-im", "Incremental Feed"), ("if-modified-since", "yesterday")],
        [("a-im", "Full-Fidelity Feed")],
        [("x-ms-documentdb-partitionkeyrangeid", "99999999999999999999999")],
        [("x-ms-documentdb-partitionkeyrangeid", "x")],
        [("x-ms-start-epk", "ZZ"), ("x-ms-end-epk", "")],
        [("if-match", "\"")], [("if-none-match", "*")],
        [("x-ms-offer-throughput", "-9223372036854775808")], [("x-ms-offer-throughput", "1e5")],
        [("x-ms-cosmos-offer-autopilot-settings", "{\"maxThroughput\":1e300}")],
        [("x-ms-cosmos-intended-collection-rid", "????")],
        [("x-ms-activity-id", String(repeating: "a", count: 3000))],
    ]

    private func prepared() throws -> TestService {
        let service = try TestService()
        _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
        _ = service.send(
            "POST", "/dbs/shop/colls", body: #"{"id":"orders","partitionKey":{"paths":["/pk"],"version":2}}"#)
        return service
    }

    @Test(arguments: targets) func everyMethodBodyAndHeader(_ target: String) throws {
        let service = try prepared()
        // What deletes the rest's ground is left to other tests.
        let keeps = target == "/dbs/shop" || target == "/dbs/shop/colls/orders" ? Self.methods.filter { $0 != "DELETE" }
            : Self.methods
        for method in keeps {
            for (number, body) in Self.bodies.enumerated() {
                for headers in [Self.headers[0], Self.headers[number % Self.headers.count]] {
                    check(service.send(method, Array(target.utf8), headers, body: body), method, target, headers)
                }
            }
            for headers in Self.headers {
                let body = Array(#"{"id":"a","pk":"b"}"#.utf8)
                check(service.send(method, Array(target.utf8), headers, body: body), method, target, headers)
            }
        }
        #expect(service.send("GET", "/dbs/shop/colls/orders").status == 200)
    }

    private func check(
        _ response: HTTPResponse, _ method: String, _ target: String, _ headers: [(name: String, value: String)]
    ) {
        if response.status >= 500 {
            Issue.record("\(method) \(target) \(headers): \(response.status) \(response.text)")
        }
    }

    @Test(arguments: [
        "/%", "/dbs/%zz", "/dbs/%ff", "//", "/dbs//", "/dbs/shop/colls/orders/docs/%00", "*", "http://x/nowhere",
        "/..%2f..", "/dbs/..", "/dbs/shop/colls/orders/docs/1/attachments/2",
        "/dbs/AQAAAA==/colls/AQAAAIAAAAI=/docs/%3F%3F%3F%3F",
        "/dbs/AQAAAA==/colls/AAAA/docs/AAAA", "/dbs/shop/colls/AQAAAIAAAAI=/docs/AQAAAIAAAAIAAAAAAAAAAA==",
        "/offers/!!!!", "/offers/AQAAAA==",
    ])
    func oddTargets(_ target: String) throws {
        let service = try prepared()
        for method in Self.methods {
            let response = service.send(method, target)
            #expect((400..<500).contains(response.status), "\(method) \(target): \(response.status)")
        }
    }
}
