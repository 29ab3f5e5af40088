import Testing

@testable import OrreryGateway
@testable import OrreryHTTP

/// Answers that are passed back as they come.
@Suite struct ProxyStreamTests {
    private func gateway(_ more: String = "") throws -> TestGateway {
        let gateway = try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":["#
                + #"{"id":"get","method":"GET","path":"/{*rest}","backend":{"url":"http://back.example"\#(more)}},"#
                + #"{"id":"head","method":"HEAD","path":"/{*rest}","backend":{"url":"http://back.example"}}]}"#
        ])
        gateway.tellSlowly()
        return gateway
    }

    private func head(_ headers: [(name: String, value: String)] = []) -> HTTPClientEvent {
        .head(HTTPClientResponse(status: 200, headers: HTTPHeaders(headers)))
    }

    @Test func piecesArePassedOnAsTheyCome() throws {
        let gateway = try gateway()
        let call = gateway.begin("GET", "/a")
        #expect(gateway.tell(head([("Content-Type", "text/event-stream")])) == .proceed)
        let stream = try #require(call.answer?.stream)
        #expect(call.answer?.headers["content-type"] == "text/event-stream" && stream.lengthBytes == nil)
        gateway.tell(.piece(Array("one".utf8)))
        #expect(stream.takePending() == Array("one".utf8))
        gateway.tell(.piece(Array("two".utf8)))
        gateway.tell(.finished)
        #expect(stream.takePending() == Array("two".utf8) && stream.isWhole)
    }

    @Test func aSlowCallerHoldsTheServerUp() throws {
        let gateway = try gateway()
        let call = gateway.begin("GET", "/a")
        gateway.tell(head())
        let stream = try #require(call.answer?.stream)
        let piece = [UInt8](repeating: 7, count: 16_384)
        var count = 0
        while gateway.tell(.piece(piece)) == .proceed {
            count += piece.count
            try #require(count < 1 << 20)
        }
        #expect(count + piece.count == 256 * 1024 && gateway.orders.isEmpty)
        #expect(stream.takePending().count == 256 * 1024)
        #expect(gateway.orders == [.resume])
        #expect(gateway.tell(.piece(piece)) == .proceed)
    }

    @Test func aServerIsToldThatTheCallerIsGone() throws {
        let gateway = try gateway()
        let call = gateway.begin("GET", "/a")
        gateway.tell(head())
        try #require(call.answer?.stream).end()
        #expect(gateway.orders == [.cancel])
        gateway.tell(.piece([1]))
        gateway.tell(.failed(.cancelled))
    }

    /// A body that is replaced by another is not fetched to its end.
    @Test func aServerIsToldThatNobodyReads() throws {
        let gateway = try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":[{"id":"get","#
                + #""method":"GET","response":{"body":"mine"},"backend":{"url":"http://back.example"}}]}"#
        ])
        gateway.tellSlowly()
        let call = gateway.begin("GET", "/a")
        gateway.tell(head())
        #expect(call.answer?.text == "mine" && call.answer?.stream == nil)
        #expect(gateway.tell(.piece([1])) == .pause)
        #expect(gateway.orders == [.cancel])
    }

    @Test func aBodyThatBreaksOffIsNotTakenForWhole() throws {
        let gateway = try gateway(#","retry":{"count":3}"#)
        let call = gateway.begin("GET", "/a")
        gateway.tell(head([("Content-Length", "1000000")]))
        let stream = try #require(call.answer?.stream)
        #expect(stream.lengthBytes == 1_000_000)
        gateway.tell(.piece([1, 2]))
        gateway.tell(.failed(.broken))
        #expect(!stream.isWhole && gateway.passedOn.count == 1)
    }

    @Test func aSmallBodyThatBreaksOffIsAFailure() throws {
        let gateway = try gateway()
        let call = gateway.begin("GET", "/a")
        gateway.tell(head([("Content-Length", "3")]))
        gateway.tell(.piece([1, 2]))
        #expect(call.answer == nil)
        gateway.tell(.failed(.broken))
        #expect(call.answer?.status == 502 && call.answer?.stream == nil)
    }

    @Test func smallAnswersArePassedBackWhole() throws {
        let gateway = try gateway()
        let call = gateway.begin("GET", "/a")
        gateway.tell(head([("Content-Length", "4")]))
        gateway.tell(.piece([1, 2]))
        gateway.tell(.piece([3, 4]))
        gateway.tell(.finished)
        #expect(call.answer?.body == [1, 2, 3, 4] && call.answer?.stream == nil)
    }

    @Test func anAnswerToHeadKeepsItsLength() throws {
        let gateway = try gateway()
        let call = gateway.begin("HEAD", "/a")
        gateway.tell(head([("Content-Length", "70")]))
        gateway.tell(.finished)
        #expect(call.answer?.stream?.lengthBytes == 70)
    }

    /// A caller says which of its own fields are for the connection, and takes nothing away that policies set.
    @Test func aCallerTakesNoFieldAway() throws {
        let gateway = try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":["#
                + #"{"policy":"set-header","name":"X-Role","value":"guest"},"#
                + #"{"policy":"set-header","name":"X-Set","value":"1"}],"operations":["#
                + #"{"id":"get","method":"GET","backend":{"url":"http://back.example"}}]}"#
        ])
        _ = gateway.send("GET", "/a", [
            ("Connection", "X-Role, x-own,\tX-Forwarded-For, x-set"), ("X-Own", "1"), ("X-Role", "admin"),
        ])
        let fields = try #require(gateway.passedOn.last).headers.map { "\($0.name): \($0.value)" }.sorted()
        #expect(fields == ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: http", "X-Role: guest", "X-Set: 1"])
    }

    @Test func linesThatAreNoFieldsAreNotPassedBack() {
        let headers = ProxyBackend.passedBack([
            (" X-Folded", "1"), ("X A", "1"), ("X-B", "2"), ("", "3"), ("Keep-Alive", "5"), ("Content-Length", "9"),
        ])
        #expect(headers.all.map(\.name) == ["X-B"])
    }
}
