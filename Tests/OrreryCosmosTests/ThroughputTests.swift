import OrreryHTTP
import Testing

@Suite struct ThroughputTests {
    private let key = [(name: "x-ms-documentdb-partitionkey", value: #"["ada"]"#)]

    private func service(enforcing: Bool) throws -> TestService {
        let service = try TestService(enforcesThroughput: enforcing)
        _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
        _ = service.send(
            "POST", "/dbs/shop/colls", [(name: "x-ms-offer-throughput", value: "400")],
            body: #"{"id":"orders","partitionKey":{"paths":["/customer"],"kind":"Hash","version":2}}"#)
        return service
    }

    /// Writes 400 KB, which cost about 190 request units, until it is refused; answers the answer, or nil after twenty.
    private func writeUntilRefused(_ service: TestService) -> HTTPResponse? {
        let text = String(repeating: "x", count: 400 << 10)
        for _ in 0..<20 {
            let answer = service.send(
                "POST", "/dbs/shop/colls/orders/docs", key + [(name: "x-ms-documentdb-is-upsert", value: "True")],
                body: #"{"id":"1","customer":"ada","text":"\#(text)"}"#)
            if answer.status == 429 { return answer }
        }
        return nil
    }

    @Test func whoUsesMoreThanTheOfferIsToldToWait() throws {
        let service = try service(enforcing: true)
        let refused = try #require(writeUntilRefused(service))
        #expect(refused.headers["x-ms-substatus"] == "3200")
        let wait = try #require(refused.headers["x-ms-retry-after-ms"].flatMap { Int($0) })
        #expect((1...60_000).contains(wait))
        #expect(refused.text.hasPrefix(#"{"code":"TooManyRequests","message":"Request rate is large."#))
        // What is not work on items goes on.
        #expect(service.send("GET", "/dbs/shop/colls/orders", body: "").status == 200)
    }

    @Test func unlessTheServerIsAskedNothingIsRefused() throws {
        #expect(writeUntilRefused(try service(enforcing: false)) == nil)
    }
}
