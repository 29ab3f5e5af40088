import Foundation
import OrreryHTTP
import Testing

/// The server over real sockets, asked improperly. After each case it must still answer a proper request.
@Suite struct HTTPServerHostileTests {
    private func withServer(
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in }, _ body: (HTTPServer) throws -> Void
    ) throws {
        var configuration = HTTPServerConfiguration()
        configuration.bodyBytesMax = 1000
        configuration.discardedBodyBytesMax = 100_000
        configuration.errorResponse = { refusal in
            HTTPResponse(status: refusal.status, contentType: "application/json", body: Array("{\"no\":1}".utf8))
        }
        change(&configuration)
        let server = try HTTPServer(configuration: configuration, handler: HTTPServerTests.echo)
        try body(server)
        let client = try RawClient(port: server.port)
        #expect(try client.exchange("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n").text == "/alive|")
        server.stop(withinSeconds: 0)
    }

    /// Sends the text on a connection of its own and gives the status, or nil where the server just closed.
    private func status(_ server: HTTPServer, _ text: String) throws -> Int? {
        let client = try RawClient(port: server.port)
        // The server may close while the client still sends.
        try? client.send(text)
        client.closeSending()
        do {
            return try client.response().status
        } catch RawClient.Failure.closed {
            return nil
        }
    }

    @Test func hugeHeaders() throws {
        try withServer { server in
            let value = String(repeating: "v", count: 21_000)
            #expect(try status(server, "GET / HTTP/1.1\r\nHost: x\r\nA: \(value)\r\n\r\n") == 431)
            let many = (0..<250).map { "Header-\($0): \(String(repeating: "v", count: 90))\r\n" }.joined()
            #expect(try status(server, "GET / HTTP/1.1\r\nHost: x\r\n\(many)\r\n") == 431)
            let few = (0..<150).map { "Header-\($0): \(String(repeating: "v", count: 90))\r\n" }.joined()
            #expect(try status(server, "GET / HTTP/1.1\r\nHost: x\r\n\(few)\r\n") == 200)
            for size in [100_000, 1_000_000] {
                let huge = String(repeating: "v", count: size)
                let refused = try status(server, "GET / HTTP/1.1\r\nHost: x\r\nA: \(huge)\r\n\r\n")
                #expect(refused == nil || refused == 431)
                let target = try status(server, "GET /\(huge) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(target == nil || target == 414)
            }
        }
    }

    @Test func bodyTooLargeIsReadAndRefused() throws {
        try withServer { server in
            let client = try RawClient(port: server.port)
            let body = String(repeating: "b", count: 90_000)
            let response = try client.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n\(body)")
            #expect(response.status == 413)
            #expect(response.text == "{\"no\":1}")
            #expect(response.headers["content-type"] == "application/json")
            try client.waitForClose()
            #expect(try status(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n") == 413)
            #expect(
                try status(
                    server,
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5DC\r\n"
                        + String(repeating: "b", count: 1500) + "\r\n0\r\n\r\n") == 413)
            // An endless chunked body is cut off.
            #expect(
                try status(
                    server,
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + String(repeating: "5DC\r\n" + String(repeating: "b", count: 1500) + "\r\n", count: 200))
                    == nil)
        }
    }

    @Test(arguments: [
        "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2\r\nContent-Length: 2",
        "Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Content-Length: -1", "Content-Length: 2x",
        "Content-Length: 0x2", "Content-Length: 99999999999999999999999", "Content-Length: +2",
    ])
    func framingThatContradictsItself(lines: String) throws {
        try withServer { server in
            let refused = try status(server, "POST / HTTP/1.1\r\nHost: x\r\n\(lines)\r\n\r\nhi\r\n0\r\n\r\n")
            #expect(refused == nil || refused == 400 || refused == 413)
        }
    }

    @Test(arguments: [
        "zz\r\nab\r\n", "-1\r\nab\r\n", "ffffffffffffffffffff\r\nab", "3\r\nabcdefgh\r\n0\r\n\r\n", "\r\n\r\n\r\n", "0",
    ])
    func badChunks(body: String) throws {
        try withServer { server in
            let refused = try status(server, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
            #expect(refused == nil || refused == 400 || refused == 413)
        }
    }

    @Test(arguments: [
        "", "\r\n", "GET", "GET /", "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: x", "GET / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", "\0\0\0\0\r\n\r\n",
        "GET / HTTP/1.1\r\n: empty\r\n\r\n", "GET / HTTP/1.1\r\nNo colon\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n",
        "GET /%zz%00%ff HTTP/1.1\r\nHost: x\r\nA: \u{1}\u{7f}\r\n\r\n", "GET  /  HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func brokenRequests(text: String) throws {
        try withServer { server in
            let answered = try status(server, text)
            #expect(answered == nil || (200..<600).contains(answered ?? 0))
        }
    }

    @Test func foldedHeaderDoesNotMakeAField() throws {
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { request, responder in
            let text = request.headers.all.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            responder.respond(HTTPResponse(status: 200, body: Array(text.utf8)))
        }
        let answered = try RawClient(port: server.port).exchange("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\n B: 2\r\n\r\n")
        #expect(answered.status == 400 || !answered.text.contains("B="))
        server.stop(withinSeconds: 0)
    }

    @Test func slowClientIsCutOff() throws {
        try withServer({ $0.idleTimeoutSeconds = 1 }) { server in
            let idle = try RawClient(port: server.port)
            let inHead = try RawClient(port: server.port)
            try inHead.send("GET / HTT")
            let inBody = try RawClient(port: server.port)
            try inBody.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            for client in [idle, inHead, inBody] { try client.waitForClose() }
        }
    }

    @Test func tricklingBodyIsCutOff() throws {
        try withServer({ $0.bodyTimeoutSeconds = 0 }) { server in
            let client = try RawClient(port: server.port)
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            #expect(throws: RawClient.Failure.self) {
                for _ in 0..<1000 {
                    try client.send("a")
                    Thread.sleep(forTimeInterval: 0.01)
                }
                _ = try client.response()
            }
        }
    }
}
