import OrreryDocuments
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

    /// Gives the only offer buckets.
    private func divide(_ service: TestService, _ buckets: String) throws {
        let offers = try JSONValue(parsing: service.send("GET", "/offers").body)
        let id = try #require(offers["Offers"]?.array?.first?["_rid"]?.string)
        let content = #"{"content":{"offerThroughput":400,"throughputBuckets":\#(buckets)}}"#
        #expect(service.send("PUT", "/offers/\(id)", body: content).status == 200)
    }

    private func read(_ service: TestService, bucket: String?) -> HTTPResponse {
        let header = bucket.map { [(name: "x-ms-cosmos-throughput-bucket", value: $0)] } ?? []
        return service.send("GET", "/dbs/shop/colls/orders/docs/1", key + header)
    }

    @Test func aBucketThatIsUsedUpLeavesTheRestToOthers() throws {
        let service = try service(enforcing: true)
        try divide(service, #"[{"id":1,"maxThroughputPercentage":1},{"id":2,"maxThroughputPercentage":100}]"#)
        let item = #"{"id":"1","customer":"ada"}"#
        let bucket = [(name: "x-ms-cosmos-throughput-bucket", value: "1")]
        #expect(service.send("POST", "/dbs/shop/colls/orders/docs", key + bucket, body: item).status == 201)
        let refused = read(service, bucket: "1")
        #expect(refused.status == 429)
        #expect(refused.headers["x-ms-substatus"] == "3212")
        #expect(refused.headers["x-ms-retry-after-ms"] != nil)
        #expect(read(service, bucket: "2").status == 200)
        #expect(read(service, bucket: nil).status == 200)
        // A bucket that the offer does not have bounds nothing.
        #expect(read(service, bucket: "5").status == 200)
        for bad in ["0", "6", "x"] { #expect(read(service, bucket: bad).status == 400) }
    }

    @Test func requestsThatNameNoBucketCountAsTheDefaultOnes() throws {
        let service = try service(enforcing: true)
        try divide(service, #"[{"id":1,"maxThroughputPercentage":1,"isDefaultBucket":true}]"#)
        let item = #"{"id":"1","customer":"ada"}"#
        #expect(service.send("POST", "/dbs/shop/colls/orders/docs", key, body: item).status == 201)
        #expect(read(service, bucket: nil).headers["x-ms-substatus"] == "3212")
    }

    @Test func anOfferTellsItsMinimumAndKeepsToIt() throws {
        let service = try service(enforcing: false)
        let offers = try JSONValue(parsing: service.send("GET", "/offers").body)
        let link = "/offers/" + (try #require(offers["Offers"]?.array?.first?["_rid"]?.string))
        #expect(service.send("GET", link).headers["x-ms-cosmos-min-throughput"] == "400")
        #expect(service.send("PUT", link, body: #"{"content":{"offerThroughput":100000}}"#).status == 200)
        #expect(service.send("GET", link).headers["x-ms-cosmos-min-throughput"] == "1000")
        let refused = service.send("PUT", link, body: #"{"content":{"offerThroughput":400}}"#)
        #expect(refused.status == 400)
        #expect(refused.text.contains("less than required minimum throughput 1000"))
    }

    @Test func twentyFiveContainersMayShareADatabase() throws {
        let service = try TestService()
        _ = service.send("POST", "/dbs", [(name: "x-ms-offer-throughput", value: "400")], body: #"{"id":"d"}"#)
        func create(_ number: Int, _ headers: [(name: String, value: String)] = []) -> Int {
            let body = #"{"id":"c\#(number)","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#
            return service.send("POST", "/dbs/d/colls", headers, body: body).status
        }
        for number in 0..<25 { #expect(create(number) == 201) }
        #expect(create(25) == 400)
        #expect(create(25, [(name: "x-ms-offer-throughput", value: "400")]) == 201)
    }
}
