import OrreryHTTP
import Synchronization
import Testing

@Suite struct HTTPResponseTests {
    @Test func headersKeepTheirOrder() {
        var headers = HTTPResponseHeaders()
        headers.append("Content-Type", "application/json" as StaticString)
        headers.append("x-ms-item-count", 12)
        headers.append("etag", "\"a\"")
        headers.append("x-empty", "")
        headers.append("x-raw", [0x61, 0x62][...])
        headers.append(dynamicName: "x-any", "v")
        #expect(headers.all.map(\.name) == ["Content-Type", "x-ms-item-count", "etag", "x-raw", "x-any"])
        #expect(headers["X-MS-ITEM-COUNT"] == "12")
        #expect(headers["x-raw"] == "ab")
    }

    @Test(arguments: [0, 9, 10, -1, -120, Int.max, Int.min])
    func integersAreWrittenInDecimal(_ number: Int) {
        var headers = HTTPResponseHeaders()
        headers.append("x-number", number)
        #expect(headers["x-number"] == "\(number)")
    }

    @Test func valuesAreWrittenInPlace() {
        var headers = HTTPResponseHeaders()
        headers.append("x-none") { _ in }
        headers.append("x-two") { $0 += "1\n2".utf8 }
        headers.append("x-three", 3)
        #expect(headers.all.map(\.name) == ["x-two", "x-three"])
        #expect(headers["x-two"] == "1 2" && headers["x-none"] == nil)
    }

    @Test func headersAreTakenAway() {
        var headers = HTTPResponseHeaders()
        for (name, value) in [("a", "1"), ("B", "b"), ("A", "2"), ("ab", "3"), ("c", "a")] {
            headers.append(dynamicName: name, value)
        }
        #expect(headers.contains(named: "b") && !headers.contains(named: "1"))
        headers.removeAll(named: "a")
        #expect(headers.all.map(\.value) == ["b", "3", "a"] && headers["a"] == nil)
        headers.removeAll(named: "C")
        headers.removeAll(named: "none")
        #expect(headers.all.map(\.name) == ["B", "ab"])
    }

    @Test func noValueEndsItsLine() {
        var headers = HTTPResponseHeaders()
        headers.append("a", "1\r\nSet-Cookie: x\0y")
        #expect(headers["a"] == "1  Set-Cookie: x y")
        #expect(headers.all.count == 1)
    }

    @Test func responderAnswersOnce() {
        let answers = Mutex<[Int?]>([])
        do {
            let responder = HTTPResponder { answer in answers.withLock { $0.append(answer?.status) } }
            #expect(responder.respond(HTTPResponse(status: 200)))
            #expect(!responder.respond(HTTPResponse(status: 201)))
        }
        #expect(answers.withLock { $0 } == [200])
    }

    @Test func responderLetGoSaysSo() {
        let answers = Mutex<[Int?]>([])
        do { _ = HTTPResponder { answer in answers.withLock { $0.append(answer?.status) } } }
        #expect(answers.withLock { $0 } == [nil])
    }
}
