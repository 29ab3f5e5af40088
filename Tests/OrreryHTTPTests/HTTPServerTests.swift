import Foundation
import OrreryHTTP
import Synchronization
import Testing

/// The server over real sockets, asked properly.
@Suite struct HTTPServerTests {
    /// Answers with what it was asked: method, target and body.
    static let echo: HTTPServer.Handler = { request, responder in
        let target = String(decoding: request.target, as: UTF8.self)
        var response = HTTPResponse(status: 200)
        response.headers.append("x-method", request.method.name)
        response.headers.append("x-peer", request.peer.description)
        response.body = Array("\(target)|".utf8) + request.body
        responder.respond(response)
    }

    private func start(
        _ configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        _ handler: @escaping HTTPServer.Handler = echo
    ) throws -> HTTPServer {
        try HTTPServer(configuration: configuration, handler: handler)
    }

    @Test func keepsConnectionsAliveAndTargetsRaw() throws {
        let server = try start()
        let client = try RawClient(port: server.port)
        for _ in 0..<3 {
            let response = try client.exchange("GET /a%20b/%C3%A9?q=%41&r= HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(response.status == 200)
            #expect(response.text == "/a%20b/%C3%A9?q=%41&r=|")
            #expect(response.headers["x-peer"]?.hasPrefix("127.0.0.1:") == true)
        }
        #expect(server.openConnectionCount == 1)
        server.stop(withinSeconds: 0)
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
    func methods(method: String) throws {
        let server = try start()
        let client = try RawClient(port: server.port)
        let head = "\(method) /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
        for _ in 0..<2 {
            let response = try client.exchange(head + "hi")
            #expect(response.headers["x-method"] == method)
            #expect(response.text == "/x|hi")
        }
        server.stop(withinSeconds: 0)
    }

    @Test func headHasNoBody() throws {
        let server = try start()
        let client = try RawClient(port: server.port)
        let response = try client.exchange("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n", toHead: true)
        #expect(response.headers["content-length"] == "3")
        #expect(try client.exchange("GET /y HTTP/1.1\r\nHost: x\r\n\r\n").text == "/y|")
        server.stop(withinSeconds: 0)
    }

    @Test func bodiesOfAllSizes() throws {
        let server = try start()
        let client = try RawClient(port: server.port)
        for size in [0, 1, 1023, 65_536, 2 * 1024 * 1024] {
            let body = [UInt8](repeating: 0x61, count: size)
            try client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: \(size)\r\n\r\n")
            try client.send(body)
            #expect(try client.response().body == Array("/b|".utf8) + body)
        }
        server.stop(withinSeconds: 0)
    }

    @Test func chunkedBody() throws {
        let server = try start()
        let client = try RawClient(port: server.port)
        let response = try client.exchange(
            "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
        #expect(response.text == "/c|abcde")
        server.stop(withinSeconds: 0)
    }

    @Test func expectContinue() throws {
        let server = try start()
        let client = try RawClient(port: server.port)
        try client.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.response().status == 100)
        #expect(try client.exchange("ok").text == "/e|ok")
        server.stop(withinSeconds: 0)
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let server = try start()
        let client = try RawClient(port: server.port)
        let count = 50
        let requests = (0..<count).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }
        try client.send(requests.joined())
        for index in 0..<count { #expect(try client.response().text == "/\(index)|") }
        server.stop(withinSeconds: 0)
    }

    @Test func http10Closes() throws {
        let server = try start()
        let client = try RawClient(port: server.port)
        #expect(try client.exchange("GET /old HTTP/1.0\r\n\r\n").text == "/old|")
        try client.waitForClose()
        server.stop(withinSeconds: 0)
    }

    @Test func addressInUse() throws {
        let server = try start()
        var configuration = HTTPServerConfiguration()
        configuration.port = server.port
        #expect(throws: HTTPServerError.addressInUse(host: "127.0.0.1", port: server.port)) {
            try start(configuration)
        }
        server.stop(withinSeconds: 0)
        // And the port is free again at once.
        try start(configuration).stop(withinSeconds: 0)
    }

    @Test(arguments: ["256.0.0.1", "no.such.host.invalid", "192.0.2.1"])
    func badHost(host: String) {
        var configuration = HTTPServerConfiguration()
        configuration.host = host
        #expect(throws: HTTPServerError.badHost(host)) { try start(configuration) }
    }

    @Test func statusAndHeadersOfTheHandler() throws {
        let server = try start(HTTPServerConfiguration()) { request, responder in
            var response = HTTPResponse(status: 404, contentType: "application/json", body: Array("{}".utf8))
            response.headers.append("x-odd", "a\r\nb: c")
            responder.respond(response)
        }
        let client = try RawClient(port: server.port)
        let response = try client.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(response.status == 404)
        #expect(response.headers["content-type"] == "application/json")
        #expect(response.headers["x-odd"] == "a  b: c")
        #expect(response.headers["b"] == nil)
        server.stop(withinSeconds: 0)
    }

    /// Here every second descriptor is a client's, so that those of the server are all odd or all even.
    @Test func connectionsAreDealtOutAmongTheThreads() throws {
        var configuration = HTTPServerConfiguration()
        configuration.threadCount = 2
        let counts = Mutex<[UInt: Int]>([:])
        let server = try start(configuration) { request, responder in
            counts.withLock { $0[UInt(pthread_self()), default: 0] += 1 }
            Self.echo(request, responder)
        }
        let clients = try (0..<32).map { _ in
            let client = try RawClient(port: server.port)
            _ = try client.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            return client
        }
        // Other tests open and close descriptors meanwhile.
        let smallest = counts.withLock { $0.count == 2 ? $0.values.min() ?? 0 : 0 }
        #expect(smallest >= 8, "\(counts.withLock { $0 })")
        withExtendedLifetime(clients) { server.stop(withinSeconds: 0) }
    }

    @Test func connectionsPerAddressAreLimited() throws {
        var configuration = HTTPServerConfiguration()
        configuration.connectionCountPerAddressMax = 2
        let server = try start(configuration)
        let clients = try (0..<2).map { _ in try RawClient(port: server.port) }
        for client in clients { _ = try client.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }
        let third = try RawClient(port: server.port)
        try third.waitForClose()
        for client in clients {
            #expect(try client.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
        }
        server.stop(withinSeconds: 0)
    }
}
