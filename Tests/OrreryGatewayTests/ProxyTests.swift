import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryGateway

/// What servers behind the gateway are asked, and what callers see of their answers.
@Suite struct ProxyTests {
    private func gateway(_ more: String = "", policies: String = "") throws -> TestGateway {
        try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":[\#(policies)],"operations":["#
                + #"{"id":"get","method":"GET","path":"/{*rest}","#
                + #""backend":{"url":"http://back.example/base/"\#(more)}},"#
                + #"{"id":"post","method":"POST","path":"/{*rest}","backend":{"url":"http://back.example"}}]}"#
        ])
    }

    @Test func requestsArePassedOn() throws {
        let gateway = try gateway(#","timeoutMilliseconds":50"#)
        let answer = gateway.send("GET", "/a/x%20y/z?b=%26&c=", [
            ("Host", "api.example"), ("Connection", "keep-alive, X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "5"),
            ("TE", "trailers"), ("Transfer-Encoding", "chunked"), ("Content-Length", "5"), ("Upgrade", "h2c"),
            ("Accept", "text/plain"), ("traceparent", "00-1-2-01"), ("X-Forwarded-For", "10.9.9.9"),
            ("X-Forwarded-Proto", "gopher"), ("Proxy-Authorization", "x"),
        ])
        #expect(answer?.status == 200)
        let asked = try #require(gateway.passedOn.last)
        #expect(asked.url == "http://back.example/base/x%20y/z?b=%26&c=")
        #expect(asked.timeoutMilliseconds == 50)
        let fields = asked.headers.map { "\($0.name): \($0.value)" }.sorted()
        #expect(fields == [
            "Accept: text/plain", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: api.example",
            "X-Forwarded-Proto: http", "traceparent: 00-1-2-01",
        ])
    }

    @Test func bodiesAndRewrittenPathsArePassedOn() throws {
        let gateway = try gateway(policies: #"{"policy":"rewrite-uri","template":"/v2/{path.rest}"}"#)
        _ = gateway.send("POST", "/a/orders", [("Ocp-Apim-Subscription-Key", "")], body: "text")
        let asked = try #require(gateway.passedOn.last)
        #expect(asked.url == "http://back.example/v2/orders" && asked.body == Array("text".utf8))
    }

    @Test(arguments: [
        "/a/../b", "/a/x/../../b", "/a/%2e%2e/b", "/a/.", "/a/x%2F..%2Fy",
        "/a/x%2f..%2f..%2fadmin", "/a/x%2F%2e%2e", "/a/..%2Fx", "/a/x%5C..%5Cy", "/a/x/..;v=1/y",
    ])
    func pathsLeadNotUpwards(_ path: String) throws {
        let gateway = try gateway()
        #expect(gateway.send("GET", path)?.status == 400)
        #expect(gateway.passedOn.isEmpty)
    }

    /// An escaped slash stays inside its segment.
    @Test func segmentsStayWhole() throws {
        let gateway = try gateway()
        _ = gateway.send("GET", "/a/x%2F..y%2F...%2Fz..;.")
        #expect(gateway.passedOn.last?.url == "http://back.example/base/x%2F..y%2F...%2Fz..%3B.")
    }

    @Test func answersArePassedBack() throws {
        let gateway = try gateway()
        gateway.answerBackend(
            .success(
                HTTPClientResponse(
                    status: 418,
                    headers: HTTPHeaders([
                        ("Content-Type", "text/plain"), ("Connection", "close, X-Own"), ("X-Own", "1"),
                        ("Transfer-Encoding", "chunked"), ("Content-Length", "9"), ("Date", "now"), ("X-A", "1"),
                        ("X-A", "2"),
                    ]), body: Array("teapot".utf8))))
        let answer = try #require(gateway.send("GET", "/a/x"))
        #expect(answer.status == 418 && answer.text == "teapot")
        let fields = answer.headers.all.map { "\($0.name): \($0.value)" }
        #expect(fields == ["Content-Type: text/plain", "X-A: 1", "X-A: 2"])
    }

    @Test(arguments: [
        (.timedOut, 504), (.unreachable, 502), (.broken, 502), (.tooLarge, 502), (.refusedAddress, 502),
        (.overloaded, 503),
    ] as [(HTTPClientError, Int)])
    func failuresAreTheGatewaysToTell(_ error: HTTPClientError, _ status: Int) throws {
        let gateway = try gateway()
        gateway.answerBackend(.failure(error))
        let answer = gateway.send("GET", "/a/x")
        #expect(answer?.status == status && answer?.json["statusCode"]?.int64 == Int64(status))
    }

    @Test(arguments: [
        "", "ftp://x", "http://", "http://x?y", "http://u@x", "http://x#y", "http://x/{a}", "http:// x", "//x",
    ])
    func whatIsNoBackEnd(_ url: String) throws {
        let gateway = try TestGateway([])
        let document = #"{"kind":"api","id":"a","path":"/a","operations":[{"id":"o","method":"GET","backend":{"#
            + #""url":"\#(url)"}}]}"#
        #expect(gateway.gateway.configure([try JSONValue(parsing: document)]).count == 1)
    }
}
