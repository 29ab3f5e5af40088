import Foundation
import OrreryCrypto
import Synchronization
import Testing

@testable import OrreryHTTP

/// The client against this project's own server, over loopback.
@Suite struct HTTPClientTests {
    private func client(_ change: (inout HTTPClientConfiguration) -> Void = { _ in }) throws -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        configuration.addressPolicy = .everywhere
        change(&configuration)
        return try HTTPClient(configuration: configuration)
    }

    private func answer(
        _ client: HTTPClient, _ request: HTTPClientRequest
    ) async -> Result<HTTPClientResponse, HTTPClientError> {
        await withCheckedContinuation { continuation in
            client.send(request) { continuation.resume(returning: $0) }
        }
    }

    private func failure(_ client: HTTPClient, _ request: HTTPClientRequest) async -> HTTPClientError? {
        guard case .failure(let error) = await answer(client, request) else { return nil }
        return error
    }

    /// Answers with the request's method, headers and body.
    private static let mirror: HTTPServer.Handler = { request, responder in
        var response = HTTPResponse(status: 201)
        response.headers.append("x-method", request.method.name)
        response.headers.append("x-target", String(decoding: request.target, as: UTF8.self))
        response.headers.append("x-names", request.headers.all.map(\.name).sorted().joined(separator: ","))
        response.headers.append("x-mine", request.headers["x-mine"] ?? "none")
        response.body = request.body
        responder.respond(response)
    }

    @Test(arguments: [
        HTTPMethod.get, .head, .post, .put, .patch, .delete, .options, .other("BREW"),
    ])
    func everyMethodWithAndWithoutABody(method: HTTPMethod) async throws {
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: Self.mirror)
        let client = try client()
        for body in ["", "hello"] where method != .head || body.isEmpty {
            var request = HTTPClientRequest(method, "http://127.0.0.1:\(server.port)/a%20b?q=%41")
            request.headers = [("X-Mine", "1, 2")]
            request.body = Array(body.utf8)
            let response = try await answer(client, request).get()
            #expect(response.status == 201)
            #expect(response.headers["x-method"] == method.name)
            #expect(response.headers["x-target"] == "/a%20b?q=%41")
            #expect(response.headers["x-mine"] == "1, 2")
            let hasLength = !body.isEmpty || [.post, .put, .patch].contains(method)
            #expect(response.headers["x-names"] == (hasLength ? "Content-Length,Host,X-Mine" : "Host,X-Mine"))
            #expect(response.body == Array((method == .head ? "" : body).utf8))
        }
        #expect(client.openCount == 0)
        server.stop(withinSeconds: 0)
    }

    @Test func connectionsAreKeptAndBounded() async throws {
        let most = Atomic(0)
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { _, responder in
            DispatchQueue.global().asyncAfter(deadline: .now() + 0.002) {
                responder.respond(HTTPResponse(status: 200))
            }
        }
        let client = try client { $0.connectionsPerHostMax = 4 }
        let url = "http://127.0.0.1:\(server.port)/"
        await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<200 {
                group.addTask { try? await answer(client, HTTPClientRequest(.get, url)).get().status }
            }
            for await status in group {
                #expect(status == 200)
                most.max(server.openConnectionCount, ordering: .relaxed)
            }
        }
        #expect(most.load(ordering: .relaxed) <= 4)
        #expect(most.load(ordering: .relaxed) > 0)
        server.stop(withinSeconds: 0)
    }

    @Test func largeBodies() async throws {
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: Self.mirror)
        let client = try client()
        var request = HTTPClientRequest(.post, "http://127.0.0.1:\(server.port)/")
        request.body = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try await answer(client, request).get().body == request.body)
        request.responseBytesMax = 1_000_000
        #expect(await failure(client, request) == .tooLarge)
        request.truncatesResponse = true
        let cut = try await answer(client, request).get()
        #expect(cut.isTruncated && cut.body == Array(request.body.prefix(1_000_000)))
        server.stop(withinSeconds: 0)
    }

    @Test func timeIsLimited() async throws {
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { _, responder in
            DispatchQueue.global().asyncAfter(deadline: .now() + 20) { responder.respond(HTTPResponse(status: 200)) }
        }
        var request = HTTPClientRequest(.get, "http://127.0.0.1:\(server.port)/")
        request.timeoutMilliseconds = 50
        #expect(await failure(try client(), request) == .timedOut)
        server.stop(withinSeconds: 0)
    }

    @Test func addressesAreRefusedWhenConnecting() async throws {
        let asked = Atomic(0)
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { _, responder in
            asked.add(1, ordering: .relaxed)
            responder.respond(HTTPResponse(status: 200))
        }
        let guarded = try client { $0.addressPolicy = HTTPAddressPolicy() }
        for host in ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"] {
            let error = await failure(guarded, HTTPClientRequest(.get, "http://\(host):\(server.port)/"))
            #expect(error == .refusedAddress, "\(host)")
        }
        for host in ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00::1]"] {
            let error = await failure(guarded, HTTPClientRequest(.get, "http://\(host)/"))
            #expect(error == .refusedAddress, "\(host)")
        }
        #expect(asked.load(ordering: .relaxed) == 0)
        server.stop(withinSeconds: 0)
    }

    @Test func redirectsAreNotFollowed() async throws {
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { request, responder in
            var response = HTTPResponse(status: request.path == "/" ? 302 : 200)
            response.headers.append("Location", "/elsewhere")
            responder.respond(response)
        }
        let response = try await answer(try client(), HTTPClientRequest(.get, "http://127.0.0.1:\(server.port)/")).get()
        #expect(response.status == 302)
        #expect(response.headers["location"] == "/elsewhere")
        server.stop(withinSeconds: 0)
    }

    @Test func badRequestsAreNotSent() async throws {
        let client = try client()
        for url in ["", "http://", "file:///etc/passwd", "gopher://127.0.0.1/", "http://a b/", "http://x/\r\nX: y"] {
            #expect(await failure(client, HTTPClientRequest(.get, url)) == .badRequest, "\(url)")
        }
        for header in [("X-A", "b\r\nX-B: c"), ("X A", "b"), ("", "b"), ("X:", "b")] {
            let request = HTTPClientRequest(.get, "http://127.0.0.1:1/", headers: [header])
            #expect(await failure(client, request) == .badRequest, "\(header)")
        }
        #expect(await failure(client, HTTPClientRequest(.other("GET /\r\n"), "http://127.0.0.1:1/")) == .badRequest)
    }

    @Test func failuresAreToldApart() async throws {
        let client = try client()
        #expect(await failure(client, HTTPClientRequest(.get, "http://name.invalid/")) == .unresolved)
        let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: Self.mirror)
        let port = server.port
        server.stop(withinSeconds: 0)
        #expect(await failure(client, HTTPClientRequest(.get, "http://127.0.0.1:\(port)/")) == .unreachable)
    }

    @Test func requestsAreBoundedAndStopEndsThem() async throws {
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { _, responder in
            DispatchQueue.global().asyncAfter(deadline: .now() + 20) { responder.respond(HTTPResponse(status: 200)) }
        }
        let client = try client { $0.requestsMax = 2 }
        let request = HTTPClientRequest(.get, "http://127.0.0.1:\(server.port)/")
        let errors = Mutex<[HTTPClientError]>([])
        for _ in 0..<3 {
            client.send(request) { result in
                if case .failure(let error) = result { errors.withLock { $0.append(error) } }
            }
        }
        #expect(errors.withLock { $0 } == [.overloaded])
        client.stop()
        #expect(errors.withLock { $0 } == [.overloaded, .cancelled, .cancelled])
        #expect(await failure(client, request) == .cancelled)
        client.stop()
        server.stop(withinSeconds: 0)
    }

    @Test func tlsIsChecked() async throws {
        let certificate = try SelfSignedCertificate()
        var configuration = HTTPServerConfiguration()
        configuration.tls = HTTPServerTLS(certificatePEM: certificate.certificatePEM, keyPEM: certificate.keyPEM)
        let server = try HTTPServer(configuration: configuration, handler: Self.mirror)
        let request = HTTPClientRequest(.get, "https://localhost:\(server.port)/")
        #expect(await failure(try client(), request) == .untrusted)
        let trusted = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).pem")
        try certificate.certificatePEM.write(to: trusted, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: trusted) }
        let trusting = try client { $0.trustedCertificatesPath = trusted.path }
        #expect(try await answer(trusting, request).get().status == 201)
        server.stop(withinSeconds: 0)
    }
}
