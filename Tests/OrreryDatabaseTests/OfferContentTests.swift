import OrreryDocuments
import Testing

@testable import OrreryDatabase

@Suite struct OfferContentTests {
    private func content(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }

    private func replaced(_ offer: OfferContent, _ text: String, gigabytes: Int = 0, sharing: Int = 0) throws
        -> OfferContent {
        try offer.replaced(by: try content(text), storedGigabytes: gigabytes, sharingContainers: sharing)
    }

    @Test(arguments: [
        (400, 0, 0, 400), (40_000, 0, 0, 400), (40_100, 0, 0, 500), (100_000, 0, 0, 1000), (400, 650, 0, 700),
        (400, 0, 30, 900),
    ])
    func manualMinimums(_ highest: Int, _ gigabytes: Int, _ sharing: Int, _ expected: Int) {
        let offer = OfferContent(.manual(requestUnitsPerSecond: highest))
        #expect(offer.minimum(isAutoscale: false, storedGigabytes: gigabytes, sharingContainers: sharing) == expected)
    }

    @Test(arguments: [(1000, 0, 1000), (10_000, 0, 1000), (11_000, 0, 2000), (1000, 250, 3000)])
    func autoscaleMinimums(_ highest: Int, _ gigabytes: Int, _ expected: Int) {
        let offer = OfferContent(.autoscale(requestUnitsPerSecondMax: highest, incrementPercent: nil))
        #expect(offer.minimum(isAutoscale: true, storedGigabytes: gigabytes, sharingContainers: 0) == expected)
    }

    @Test func theHighestEverIsRemembered() throws {
        var offer = OfferContent(.manual(requestUnitsPerSecond: 400))
        offer = try replaced(offer, #"{"offerThroughput":100000}"#)
        offer = try OfferContent(kept: offer.json)
        offer = try replaced(offer, #"{"offerThroughput":1000}"#)
        #expect(try OfferContent(kept: offer.json).highestEver == 100_000)
        let error = #expect(throws: DatabaseError.self) { try replaced(offer, #"{"offerThroughput":900}"#) }
        #expect(error == .invalid("Requested throughput 900 is less than required minimum throughput 1000"))
    }

    @Test func bucketsAreKept() throws {
        let offer = try replaced(
            OfferContent(.standard),
            #"{"offerThroughput":400,"throughputBuckets":[{"id":2,"maxThroughputPercentage":25},"#
                + #"{"id":1,"maxThroughputPercentage":10,"isDefaultBucket":true}]}"#)
        let kept = try OfferContent(kept: offer.json)
        #expect(kept.buckets.map(\.id) == [2, 1])
        #expect(kept.buckets.map(\.percentMax) == [25, 10])
        #expect(kept.buckets.map(\.isDefault) == [false, true])
    }

    @Test(arguments: [
        #"[{"id":0,"maxThroughputPercentage":1}]"#, #"[{"id":6,"maxThroughputPercentage":1}]"#,
        #"[{"id":1,"maxThroughputPercentage":0}]"#, #"[{"id":1,"maxThroughputPercentage":101}]"#, #"[{"id":1}]"#, "{}",
        #"[{"id":1,"maxThroughputPercentage":5},{"id":1,"maxThroughputPercentage":5}]"#,
    ])
    func badBucketsAreRefused(_ buckets: String) {
        #expect(throws: DatabaseError.self) {
            try replaced(OfferContent(.standard), #"{"offerThroughput":400,"throughputBuckets":\#(buckets)}"#)
        }
    }
}
