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

    @Test func statisticsTellWhatRangesHold() throws {
        let service = try TestService()
        makeContainer(service)
        create(service, 0..<20)
        try raise(service, to: 11_000)
        let read = service.send("GET", Self.container, [
            ("x-ms-documentdb-populatequotainfo", "true"), ("x-ms-documentdb-populatepartitionstatistics", "true"),
        ])
        let parts = try JSONValue(parsing: read.body)["statistics"]?.array ?? []
        #expect(parts.compactMap { $0["id"]?.string } == ["1", "2"])
        #expect(parts.compactMap { $0["documentCount"]?.int64 }.reduce(0, +) == 20)
        #expect(parts.allSatisfy { ($0["sizeInKB"]?.int64 ?? 0) > 0 })
        let usage = read.headers["x-ms-resource-usage"] ?? ""
        #expect(usage.hasPrefix("functions=0;storedProcedures=0;triggers=0;") && usage.contains("documentsCount=20;"))
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

    /// Follows the feed of a scope from a tag on until there is no more. Answers the ids that it shows, and the tag.
    private func follow(
        _ service: TestService, after tag: String?, _ scope: [(name: String, value: String)]
    ) throws -> (ids: [String], tag: String) {
        var (ids, tag): ([String], String?) = ([], tag)
        while true {
            let known = tag.map { [(name: "if-none-match", value: $0)] } ?? []
            let count = (name: "x-ms-max-item-count", value: "3")
            let feed = service.send("GET", "\(Self.container)/docs", [Self.incremental, count] + scope + known)
            tag = feed.headers["etag"]
            if feed.status == 304 { return (ids, try #require(tag)) }
            try #require(feed.status == 200, "\(feed.text)")
            let documents = try JSONValue(parsing: feed.body)["Documents"]?.array ?? []
            ids += documents.compactMap { $0["id"]?.string }
        }
    }

    @Test(arguments: [[], [(name: "x-ms-start-epk", value: "0A"), (name: "x-ms-end-epk", value: "35")]])
    func aFeedOfManyRangesGoesOnAcrossSplits(_ scope: [(name: String, value: String)]) throws {
        let service = try TestService()
        makeContainer(service)
        create(service, 0..<30)
        let whole = try follow(service, after: nil, scope)
        var (shown, tag) = whole
        #expect(tag == "\"30\"")
        var next = 30
        for requestUnits in [11_000, 25_000, 45_000] {
            create(service, next..<(next + 10))
            try raise(service, to: requestUnits)
            create(service, (next + 10)..<(next + 30))
            let more = try follow(service, after: tag, scope)
            (shown, tag) = (shown + more.ids, more.tag)
            next += 30
        }
        #expect(tag.contains(":"))
        // Each change was shown once: what a feed shows that begins now, no more and no less.
        #expect(shown.sorted() == (try follow(service, after: nil, scope)).ids.sorted())
        if scope.isEmpty { #expect(shown.count == 120) } else { #expect(shown.count > 10 && shown.count < 120) }
    }

    /// Reads on while the range is split again and again, each time between a look and the next wait or in a wait.
    @Test(.timeLimit(.minutes(2))) func aStreamOutlivesSplits() throws {
        let service = try TestService()
        makeContainer(service)
        let events = try EventReader(
            service.send("GET", "\(Self.container)/docs", [Self.incremental, ("accept", "text/event-stream")]))
        #expect(events.next()?.id == "0")
        var next = 0
        var shown: [String] = []
        for requestUnits in [11_000, 25_000, 45_000] {
            create(service, next..<(next + 20))
            try raise(service, to: requestUnits)
            create(service, (next + 20)..<(next + 30))
            next += 30
            while shown.count < next, let event = events.next() {
                if let id = event.text(of: "id") { shown.append(id) }
            }
        }
        #expect(shown.sorted() == (0..<next).map(String.init).sorted())
    }

    /// Who waits on one range by its id is told that it is gone, and not left waiting.
    @Test func aLongPollOnARangeIsToldOfItsEnd() throws {
        let service = try TestService()
        makeContainer(service)
        create(service, 0..<1)
        let poll = service.begin("GET", "\(Self.container)/docs", [
            Self.incremental, ("x-orrery-wait-milliseconds", "60000"), ("if-none-match", "\"1\""),
            ("x-ms-documentdb-partitionkeyrangeid", "0"),
        ])
        try raise(service, to: 11_000)
        let answer = poll.wait()
        #expect(answer.status == 410)
        #expect(answer.headers["x-ms-substatus"] == "1002")
    }

    @Test(.timeLimit(.minutes(1))) func aWaitingWorkerIsToldOfASplitAndGoesOn() async throws {
        let service = try TestService()
        makeContainer(service)
        create(service, 0..<20)
        let leases = "/_orrery/leases/shop/orders/sum"
        func acquire() async throws -> (range: String, epoch: Int64) {
            let answer = await service.begin("POST", "\(leases)/acquire", [], body: #"{"owner":"one"}"#).response()
            let lease = try JSONValue(parsing: answer.body)
            return (range: lease["range"]?.string ?? "", epoch: lease["epoch"]?.int64 ?? 0)
        }
        let first = try await acquire()
        #expect(first.range == "0")
        let handled = await service.begin("POST", "\(leases)/0/commit", [], body: #"{"epoch":1,"lsn":20}"#).response()
        #expect(handled.status == 200)
        let waiting = service.begin("GET", "\(leases)/0/changes?epoch=1&waitMilliseconds=60000", [])
        try raise(service, to: 11_000)
        let answer = await waiting.response()
        #expect(answer.status == 410)
        #expect(answer.headers["x-ms-substatus"] == "1002")
        create(service, 20..<40)
        var ids: [String] = []
        for _ in 0..<2 {
            let child = try await acquire()
            let path = "\(leases)/\(child.range)/changes?epoch=\(child.epoch)"
            let page = try JSONValue(parsing: await service.begin("GET", path, []).response().body)
            ids += page["changes"]?.array?.compactMap { $0["id"]?.string } ?? []
        }
        #expect(ids.sorted() == (20..<40).map(String.init).sorted())
    }

    @Test func aLongPollOutlivesASplit() throws {
        let service = try TestService()
        makeContainer(service)
        create(service, 0..<1)
        let poll = service.begin(
            "GET", "\(Self.container)/docs",
            [Self.incremental, ("x-orrery-wait-milliseconds", "60000"), ("if-none-match", "\"1\"")])
        try raise(service, to: 11_000)
        #expect(!poll.isThere)
        create(service, 1..<2)
        let answer = poll.wait()
        #expect(answer.status == 200)
        #expect(answer.text.contains(#""id":"1""#))
        #expect(answer.headers["etag"]?.contains(":") == true)
    }
}
