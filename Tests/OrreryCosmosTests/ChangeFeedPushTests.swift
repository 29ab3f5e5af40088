import OrreryDocuments
import Testing

@testable import OrreryCosmos
@testable import OrreryHTTP

/// Change feeds whose clients wait: long polls and server-sent events, woken by the commit.
@Suite struct ChangeFeedPushTests {
    private let service: TestService
    private let latest = (name: "a-im", value: "Incremental Feed")

    init() throws {
        service = try TestService()
        #expect(service.send("POST", "/dbs", body: #"{"id":"d"}"#).status == 201)
        let container = #"{"id":"c","partitionKey":{"paths":["/k"],"kind":"Hash","version":2}}"#
        #expect(service.send("POST", "/dbs/d/colls", body: container).status == 201)
    }

    private func create(_ id: String, in key: String) {
        let status = service.send("POST", "/dbs/d/colls/c/docs", body: #"{"id":"\#(id)",\#n"k":"\#(key)"}"#).status
        #expect(status == 201)
    }

    // MARK: Long polls

    @Test func aLongPollIsAnsweredByTheCommit() throws {
        let wait = (name: "x-orrery-wait-milliseconds", value: "60000")
        let answer = service.begin("GET", "/dbs/d/colls/c/docs", [latest, wait])
        #expect(!answer.isThere)
        create("1", in: "a")
        let response = answer.wait()
        #expect(response.status == 200)
        #expect(response.text.contains(#""id":"1""#))
        #expect(response.headers["etag"] == "\"1\"")
    }

    @Test func aLongPollIsAnsweredAtOnceWhereThereAreChanges() throws {
        create("1", in: "a")
        let wait = (name: "x-orrery-wait-milliseconds", value: "60000")
        #expect(service.send("GET", "/dbs/d/colls/c/docs", [latest, wait]).status == 200)
    }

    @Test func aLongPollEndsWithItsTime() throws {
        create("1", in: "a")
        let response = service.send("GET", "/dbs/d/colls/c/docs", [
            latest, (name: "x-orrery-wait-milliseconds", value: "20"), (name: "if-none-match", value: "\"1\""),
        ])
        #expect(response.status == 304)
        #expect(response.headers["etag"] == "\"1\"")
    }

    @Test func aLongPollOfOneKeyPassesOthersBy() throws {
        let answer = service.begin("GET", "/dbs/d/colls/c/docs", [
            latest, (name: "x-orrery-wait-milliseconds", value: "60000"),
            (name: "x-ms-documentdb-partitionkey", value: #"["a"]"#),
        ])
        create("1", in: "b")
        create("2", in: "b")
        create("3", in: "a")
        let response = answer.wait()
        #expect(response.status == 200)
        #expect(response.text.contains(#""id":"3""#) && !response.text.contains(#""id":"1""#))
    }

    @Test func aLongPollOnAContainerThatGoesIsToldSo() throws {
        let answer = service.begin("GET", "/dbs/d/colls/c/docs", [
            latest, (name: "x-orrery-wait-milliseconds", value: "60000"),
        ])
        #expect(service.send("DELETE", "/dbs/d/colls/c").status == 204)
        #expect(answer.wait().status == 404)
    }

    @Test(arguments: ["-1", "60001", "soon", ""])
    func waitsHaveBounds(value: String) {
        let response = service.send("GET", "/dbs/d/colls/c/docs", [
            latest, (name: "x-orrery-wait-milliseconds", value: value),
        ])
        #expect(response.status == 400)
    }

    // MARK: Server-sent events

    @Test func changesAreSentAsTheyCome() throws {
        create("1", in: "a")
        let events = try EventReader(service.events([latest]))
        #expect(events.next() == ServerSentEvent(id: "0"))
        #expect(events.next()?.text(of: "id") == "1")
        create("2", in: "b")
        let second = events.next()
        #expect(second?.text(of: "id") == "2")
        #expect(second?.id == "2")
    }

    @Test func aFeedGoesOnAfterAnEvent() throws {
        for id in ["1", "2", "3"] { create(id, in: "a") }
        let events = try EventReader(service.events([latest, (name: "last-event-id", value: "2")]))
        #expect(events.next() == ServerSentEvent(id: "2"))
        #expect(events.next()?.text(of: "id") == "3")
    }

    /// A client that goes on after an id gets the whole of the LSN that it had a part of.
    @Test func onlyTheLastOfABatchHasAnID() throws {
        let batch = (1...3).map {
            #"{"operationType":"Create","resourceBody":{"id":"\#($0)","k":"a"}}"#
        }.joined(separator: ",")
        let response = service.send("POST", "/dbs/d/colls/c/docs", [
            (name: "x-ms-cosmos-is-batch-request", value: "True"), (name: "x-ms-cosmos-batch-atomic", value: "True"),
            (name: "x-ms-documentdb-partitionkey", value: #"["a"]"#),
        ], body: "[\(batch)]")
        #expect(response.status == 200)
        let events = try EventReader(service.events([latest]))
        #expect(events.next() == ServerSentEvent(id: "0"))
        #expect([events.next()?.id, events.next()?.id, events.next()?.id] == [nil, nil, "1"])
    }

    @Test func deletesAreSentToo() throws {
        create("1", in: "a")
        let key = (name: "x-ms-documentdb-partitionkey", value: #"["a"]"#)
        #expect(service.send("DELETE", "/dbs/d/colls/c/docs/1", [key]).status == 204)
        let events = try EventReader(service.events([(name: "a-im", value: "Full-Fidelity Feed")]))
        #expect(events.next() == ServerSentEvent(id: "0"))
        #expect(events.next()?.data.contains(#""operationType":"create""#) == true)
        #expect(events.next()?.data.contains(#""operationType":"delete""#) == true)
    }

    @Test func aFeedEndsWithItsContainer() throws {
        let events = try EventReader(service.events([latest]))
        #expect(events.next() == ServerSentEvent(id: "0"))
        #expect(service.send("DELETE", "/dbs/d/colls/c").status == 204)
        #expect(events.next()?.name == "error")
        #expect(!events.stream.write([0]))
    }

    /// A stream may last for days: what was allowed at its beginning need not be so still.
    @Test func aFeedEndsWithTheRightToReadIt() throws {
        let keys = try #require(service.operate(.get, "/control/keys").body)
        let key = try #require(keys["secondaryReadonlyMasterKey"]?.string)
        let events = try EventReader(service.events([latest, (name: "authorization", value: "Bearer \(key)")]))
        #expect(events.next() == ServerSentEvent(id: "0"))
        create("1", in: "a")
        #expect(events.next()?.text(of: "id") == "1")
        #expect(service.operate(.post, "/control/keys/secondaryReadonly/regenerate").status == 200)
        create("2", in: "a")
        let last = try #require(events.next())
        #expect(last.name == "error" && last.data.contains("Unauthorized") && !last.data.contains(#""id":"2""#))
    }

    @Test func aFeedThatCannotBeginIsAnOrdinaryError() {
        let response = service.send("GET", "/dbs/d/colls/none/docs", [
            latest, (name: "accept", value: "text/event-stream"),
        ])
        #expect(response.status == 404)
        #expect(response.stream == nil)
    }
}

extension TestService {
    fileprivate func events(_ headers: [(name: String, value: String)]) -> HTTPResponse {
        send("GET", "/dbs/d/colls/c/docs", headers + [(name: "accept", value: "text/event-stream")])
    }
}
