import OrreryCrypto
import OrreryHTTP
import Testing

@testable import OrreryCosmos

/// What an SDK is told to do with a query that names neither a partition key nor a range. SDKs sign; people do not.
@Suite struct QueryRoutingTests {
    private func send(
        _ service: TestService, _ query: String, _ headers: [(name: String, value: String)]
    ) throws -> HTTPResponse {
        let date = "Fri, 20 Nov 2026 23:40:00 GMT"
        let text = "post\ndocs\ndbs/shop/colls/orders\n\(date.lowercased())\n\n"
        let key = try #require(Base64.decode(CosmosService.publicKey))
        let signature = Base64.encode(hmacSHA256(key: key, message: Array(text.utf8)).bytes)
        let signed = [
            (name: "authorization", value: "type=master&ver=1.0&sig=\(signature)"), (name: "x-ms-date", value: date),
            (name: "x-ms-documentdb-isquery", value: "true"),
        ]
        return service.send(
            "POST", "/dbs/shop/colls/orders/docs", signed + headers, body: "{\"query\":\"\(query)\"}")
    }

    private static let crossPartition = (name: "x-ms-documentdb-query-enablecrosspartition", value: "True")

    @Test func manyPartitionsMustBeAllowedAndMerged() throws {
        let service = try TestService()
        _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
        _ = service.send(
            "POST", "/dbs/shop/colls", [("x-ms-offer-throughput", "30000")],
            body: #"{"id":"orders","partitionKey":{"paths":["/pk"],"version":2}}"#)
        for number in 0..<20 {
            let created = service.send(
                "POST", "/dbs/shop/colls/orders/docs", body: #"{"id":"\#(number)","pk":"\#(number)"}"#)
            #expect(created.status == 201)
        }
        let disabled = try send(service, "SELECT * FROM c", [])
        #expect(disabled.status == 400)
        #expect(disabled.text.contains("Cross partition query is required but disabled"))
        let merged = try send(service, "SELECT VALUE COUNT(1) FROM c", [Self.crossPartition])
        #expect(merged.status == 400)
        #expect(merged.headers["x-ms-substatus"] == "1004")
        // Unless the client asks the server to do it.
        let served = try send(
            service, "SELECT VALUE COUNT(1) FROM c", [(name: "x-orrery-cross-partition", value: "server")])
        #expect(served.status == 200)
        #expect(served.text.contains("\"Documents\":[20]"))
        let streamed = try send(service, "SELECT VALUE c.id FROM c", [Self.crossPartition])
        #expect(streamed.status == 200)
        // One range a page: this one's rows, its progress, and where the next one begins.
        #expect(streamed.headers["x-ms-documentdb-partitionkeyrangeid"] == "0")
        #expect(streamed.headers["x-ms-continuation"] == "1.")
        let pinned = try send(service, "SELECT VALUE COUNT(1) FROM c WHERE c.pk = '7'", [])
        #expect(pinned.status == 200)
        #expect(pinned.text.contains(#""Documents":[1]"#))
        let ranged = try send(
            service, "SELECT VALUE COUNT(1) FROM c",
            [("x-ms-documentdb-partitionkeyrangeid", "3"), Self.crossPartition])
        #expect(ranged.status == 200)
    }

    @Test func pagesOfManyRangesHoldEachRowOnce() throws {
        let service = try TestService()
        _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
        _ = service.send(
            "POST", "/dbs/shop/colls", [("x-ms-offer-throughput", "30000")],
            body: #"{"id":"orders","partitionKey":{"paths":["/pk"],"version":2}}"#)
        for number in 0..<50 {
            _ = service.send("POST", "/dbs/shop/colls/orders/docs", body: #"{"id":"i\#(number)","pk":"\#(number)"}"#)
        }
        var rows: [String] = []
        var headers = [Self.crossPartition, (name: "x-ms-max-item-count", value: "7")]
        for _ in 0..<20 {
            let page = try send(service, "SELECT VALUE c.id FROM c", headers)
            rows += page.text.split(separator: "\"").map(String.init).filter { $0.hasPrefix("i") }
            guard let continuation = page.headers["x-ms-continuation"] else { break }
            headers = [Self.crossPartition, ("x-ms-max-item-count", "7"), ("x-ms-continuation", continuation)]
        }
        #expect(Set(rows) == Set((0..<50).map { "i\($0)" }))
        #expect(rows.count == 50)
    }
}
