import OrreryDocuments
import OrreryHTTP
import TestSupport
import Testing

@testable import OrreryGateway

/// Containers as resources: what the database is asked, and what callers see of its answers.
@Suite struct ContainerBackendTests {
    private func gateway(_ more: String = "") throws -> TestGateway {
        try TestGateway([
            #"{"kind":"api","id":"loads","path":"/loads","requiresSubscription":false,"resource":{"#
                + #""container":"shop/my loads","partitionKey":["{request.querystring.lane}"],"#
                + #""filters":["status","a/b"]\#(more)}}"#
        ])
    }

    private func line(_ request: HTTPRequest?) -> String {
        guard let request else { return "" }
        return "\(request.method.name) \(request.path) \(request.headers["x-ms-documentdb-partitionkey"] ?? "-")"
    }

    @Test func oneItem() throws {
        let gateway = try gateway()
        var item = HTTPResponse(
            status: 200, contentType: "application/json",
            body: Array(#"{"id":"1","lane":"é","_rid":"x","_self":"x","_etag":"\"e\"","_ts":1,"_own":2}"#.utf8))
        item.headers.append("etag", "\"e\"")
        item.headers.append("x-ms-request-charge", "1")
        gateway.answerDatabase(item)
        let answer = gateway.send("GET", "/loads/a%2Fb?lane=%C3%A9", [("If-None-Match", "\"f\"")])
        #expect(answer?.text == #"{"id":"1","lane":"é","_own":2}"#)
        #expect(answer?.headers.all.map(\.name) == ["ETag", "Content-Type"])
        #expect(line(gateway.asked.last) == #"GET /dbs/shop/colls/my%20loads/docs/a%2Fb ["\u00e9"]"#)
        #expect(gateway.asked.last?.headers["if-none-match"] == "\"f\"")
    }

    @Test func theCallersTraceGoesOn() throws {
        let gateway = try gateway()
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        _ = gateway.send("PUT", "/loads/1?lane=A", [("traceparent", trace)], body: "{}")
        #expect(gateway.asked.last?.headers["traceparent"] == trace)
        _ = gateway.send("PUT", "/loads/1?lane=A", body: "{}")
        #expect(gateway.asked.count == 2 && gateway.asked.last?.headers["traceparent"] == nil)
    }

    @Test func writes() throws {
        let gateway = try gateway()
        gateway.answerDatabase(
            HTTPResponse(status: 201, contentType: "application/json", body: Array(#"{"id":"x y"}"#.utf8)))
        let made = gateway.send("POST", "/loads?lane=A", body: #"{"id":"x y","lane":"A"}"#)
        #expect(made?.status == 201 && made?.headers["location"] == "/loads/x%20y")
        #expect(line(gateway.asked.last) == #"POST /dbs/shop/colls/my%20loads/docs ["A"]"#)
        #expect(gateway.asked.last.map { String(decoding: $0.body, as: UTF8.self) } == #"{"id":"x y","lane":"A"}"#)
        gateway.answerDatabase(HTTPResponse(status: 204))
        #expect(gateway.send("DELETE", "/loads/1?lane=A", [("if-match", "\"e\"")])?.status == 204)
        #expect(line(gateway.asked.last) == #"DELETE /dbs/shop/colls/my%20loads/docs/1 ["A"]"#)
        #expect(gateway.asked.last?.headers["if-match"] == "\"e\"")
    }

    @Test func lists() throws {
        let gateway = try gateway()
        var page = HTTPResponse(
            status: 200, contentType: "application/json",
            body: Array(#"{"_rid":"r","Documents":[{"id":"1","_ts":1},{"id":"2"}],"_count":2}"#.utf8))
        page.headers.append("x-ms-continuation", "token")
        gateway.answerDatabase(page)
        let answer = gateway.send("GET", "/loads?lane=A&status=open&limit=2&continuation=c&a/b=7&other=x")
        #expect(answer?.text == #"{"items":[{"id":"1"},{"id":"2"}],"continuation":"token"}"#)
        let asked = try #require(gateway.asked.last)
        #expect(line(asked) == #"POST /dbs/shop/colls/my%20loads/docs ["A"]"#)
        #expect(asked.headers["x-ms-max-item-count"] == "2" && asked.headers["x-ms-continuation"] == "c")
        let query = try JSONValue(parsing: asked.body)
        #expect(query["query"]?.string == #"SELECT * FROM c WHERE c["status"] = @p0 AND "#
            + #"(c["a"]["b"] = @p1 OR c["a"]["b"] = @p2)"#)
        #expect(query["parameters"]?.description == #"[{"name":"@p0","value":"open"},{"name":"@p1","value":"7"},"#
            + #"{"name":"@p2","value":7}]"#)
        for limit in ["0", "1001", "x", ""] {
            #expect(gateway.send("GET", "/loads?lane=A&limit=\(limit)")?.status == 400)
        }
    }

    /// A part of the key that a caller leaves out must not open all partitions.
    @Test func whoNamesNoPartitionReadsNone() throws {
        let gateway = try gateway()
        for (method, target) in [
            ("GET", "/loads"), ("GET", "/loads?lane="), ("GET", "/loads/1"), ("DELETE", "/loads/1"),
        ] {
            #expect(gateway.send(method, target)?.status == 400)
        }
        #expect(gateway.asked.isEmpty)
        let across = try self.gateway(#","acrossPartitions":true"#)
        across.answerDatabase(
            HTTPResponse(status: 200, contentType: "application/json", body: Array(#"{"Documents":[]}"#.utf8)))
        #expect(across.send("GET", "/loads")?.text == #"{"items":[]}"#)
        #expect(across.asked.last?.headers["x-orrery-cross-partition"] == "server")
        #expect(across.send("GET", "/loads/1")?.status == 400)
    }

    @Test func tenantsKeepToThemselves() throws {
        let gateway = try TestGateway([
            #"{"kind":"api","id":"loads","path":"/loads","requiresSubscription":false,"policies":[{"#
                + #""policy":"validate-jwt","jwks":"file:keys.json","tenantClaim":"tenant"}],"#
                + #""resource":{"container":"shop/loads","partitionKey":["{tenant}"]}}"#
        ])
        let token = [(name: "authorization", value: "Bearer \(SampleTokens.rs256)")]
        _ = gateway.send("GET", "/loads/1?tenant=south", token)
        #expect(line(gateway.asked.last) == #"GET /dbs/shop/colls/loads/docs/1 ["north"]"#)
        // What the caller says to the database itself does not come through.
        _ = gateway.send("GET", "/loads", token + [("x-ms-documentdb-partitionkey", #"["south"]"#)])
        #expect(line(gateway.asked.last) == #"POST /dbs/shop/colls/loads/docs ["north"]"#)
        #expect(gateway.asked.last?.headers["authorization"] == nil)
    }

    @Test(arguments: [(404, 404), (409, 409), (412, 412), (429, 429), (500, 500)])
    func errorsAreFlat(_ status: Int, _ expected: Int) throws {
        let gateway = try gateway()
        var failure = HTTPResponse(
            status: status, contentType: "application/json",
            body: Array(#"{"code":"X","message":"What went wrong.\r\nActivityId: 1, secret"}"#.utf8))
        failure.headers.append("x-ms-retry-after-ms", "1500")
        gateway.answerDatabase(failure)
        let answer = gateway.send("GET", "/loads/1?lane=A")
        let message = status == 500 ? "The database failed." : "What went wrong."
        #expect(answer?.status == expected)
        #expect(answer?.text == #"{"statusCode":\#(status),"message":"\#(message)"}"#)
        #expect(answer?.headers["retry-after"] == "2")
    }
}
