import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryCosmos

/// What clients are told while a container's partitions are split, and that what they hold of a range goes on in its
/// children (wire specification, sections 8 and 11 to 13).
@Suite struct RangeSplitTests {
    private static let container = "/dbs/shop/colls/orders"
    private static let incremental = (name: "a-im", value: "Incremental Feed")

    private func makeContainer(_ service: TestService) {
        _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
        _ = service.send(
            "POST", "/dbs/shop/colls", [("x-ms-offer-throughput", "400")],
            body: #"{"id":"orders","partitionKey":{"paths":["/pk"],"version":2}}"#)
    }

    private func create(_ service: TestService, _ numbers: Range<Int>) {
        for number in numbers {
            let created = service.send(
                "POST", "\(Self.container)/docs", body: #"{"id":"\#(number)","pk":"\#(number)"}"#)
            #expect(created.status == 201)
        }
    }

    private func raise(_ service: TestService, to requestUnits: Int) throws {
        let offers = try JSONValue(parsing: service.send("GET", "/offers").body)
        let resourceID = try #require(offers["Offers"]?.array?.first?["_rid"]?.string)
        let replaced = service.send(
            "PUT", "/offers/\(resourceID)", body: #"{"content":{"offerThroughput":\#(requestUnits)}}"#)
        #expect(replaced.status == 200)
        // Small partitions are split by the time that the answer comes, mostly; clients wait for the others.
        var isPending = replaced.headers["x-ms-offer-replace-pending"] == "true"
        while isPending {
            let content = try JSONValue(parsing: service.send("GET", "/offers/\(resourceID)").body)["content"]
            isPending = content?["isOfferReplacePending"] == true
        }
    }

    private func ranges(_ response: HTTPResponse) throws -> [String] {
        try JSONValue(parsing: response.body)["PartitionKeyRanges"]?.array?.compactMap { range in
            let parents = range["parents"]?.array?.compactMap(\.string).joined(separator: ",") ?? "?"
            return "\(range["id"]?.string ?? "") of \(parents)"
        } ?? []
    }

    @Test func clientsLearnOfChildrenByTheirParents() throws {
        let service = try TestService()
        makeContainer(service)
        create(service, 0..<20)
        let first = service.send("GET", "\(Self.container)/pkranges", [Self.incremental])
        #expect(try ranges(first) == ["0 of "])
        try raise(service, to: 11_000)
        let known = try #require(first.headers["etag"])
        let second = service.send("GET", "\(Self.container)/pkranges", [Self.incremental, ("if-none-match", known)])
        #expect(second.status == 200)
        #expect(try ranges(second) == ["1 of 0", "2 of 0"])
        try raise(service, to: 25_000)
        let etag = try #require(second.headers["etag"])
        let third = service.send("GET", "\(Self.container)/pkranges", [Self.incremental, ("if-none-match", etag)])
        // Only what changed.
        #expect(try ranges(third) == ["3 of 0,1", "4 of 0,1"])
        let last = try #require(third.headers["etag"])
        let none = service.send("GET", "\(Self.container)/pkranges", [Self.incremental, ("if-none-match", last)])
        #expect(none.status == 304)
        #expect(try ranges(service.send("GET", "\(Self.container)/pkranges")) == ["3 of 0,1", "4 of 0,1", "2 of 0"])
        for headers in [[], [Self.incremental]] {
            let gone = service.send(
                "GET", "\(Self.container)/docs", headers + [("x-ms-documentdb-partitionkeyrangeid", "0")])
            #expect(gone.status == 410)
            #expect(gone.headers["x-ms-substatus"] == "1002")
        }
    }

    @Test func sessionsAndFeedsGoOnInTheChildren() throws {
        let service = try TestService()
        makeContainer(service)
        create(service, 0..<20)
        let range = { (id: String) in (name: "x-ms-documentdb-partitionkeyrangeid", value: id) }
        let before = service.send("GET", "\(Self.container)/docs", [Self.incremental, range("0")])
        let session = try #require(before.headers["x-ms-session-token"])
        let etag = try #require(before.headers["etag"])
        #expect(session == "0:-1#20")
        try raise(service, to: 11_000)
        for number in 0..<20 {
            let read = service.send(
                "GET", "\(Self.container)/docs/\(number)",
                [("x-ms-documentdb-partitionkey", "[\"\(number)\"]"), ("x-ms-session-token", session)])
            #expect(read.status == 200)
            #expect(["1:-1#20", "2:-1#20"].contains(read.headers["x-ms-session-token"]))
        }
        create(service, 20..<40)
        var changes: [String] = []
        for id in ["1", "2"] {
            let feed = service.send(
                "GET", "\(Self.container)/docs", [Self.incremental, range(id), ("if-none-match", etag)])
            let documents = try JSONValue(parsing: feed.body)["Documents"]?.array ?? []
            changes += documents.compactMap { $0["id"]?.string }
        }
        #expect(changes.sorted() == (20..<40).map(String.init).sorted())
        // A token that is ahead of both children is ahead still.
        let ahead = service.send(
            "GET", "\(Self.container)/docs/1",
            [("x-ms-documentdb-partitionkey", "[\"1\"]"), ("x-ms-session-token", "0:-1#50")])
        #expect(ahead.status == 404)
        #expect(ahead.headers["x-ms-substatus"] == "1002")
    }
}
