import Dispatch
import OrreryDocuments
import OrreryHTTP
import OrreryTelemetry
import Synchronization
import TestSupport
import Testing

@testable import OrreryGateway

/// Keys of an identity provider over real connections.
@Suite(.timeLimit(.minutes(1))) struct KeySetWireTests {
    /// A provider that publishes what the test says, and counts how often it was asked.
    private final class Provider: Sendable {
        private let published: Mutex<String>
        private let asked = Atomic(0)
        private let seconds = Atomic(Int(SampleTokens.nowSeconds))

        init(_ keys: String) { published = Mutex(keys) }

        var askedCount: Int { asked.load(ordering: .sequentiallyConsistent) }
        func publish(_ keys: String) { published.withLock { $0 = keys } }
        func pass(seconds count: Int) { seconds.add(count, ordering: .sequentiallyConsistent) }
        var nowSeconds: Int64 { Int64(seconds.load(ordering: .sequentiallyConsistent)) }

        func serve() throws -> HTTPServer {
            try HTTPServer(configuration: HTTPServerConfiguration()) { [self] _, responder in
                asked.add(1, ordering: .sequentiallyConsistent)
                let keys = published.withLock { $0 }
                responder.respond(HTTPResponse(status: 200, contentType: "application/json", body: Array(keys.utf8)))
            }
        }
    }

    private func gateway(_ provider: Provider, port: UInt16, _ client: HTTPClient) throws -> Gateway {
        let services = GatewayServices(
            database: { _, _ in }, handler: { _, _, _ in false }, backend: { client.stream($0, observer: $1) },
            secret: { _ in nil }, nowSeconds: { provider.nowSeconds },
            nowNanoseconds: { DispatchTime.now().uptimeNanoseconds }, schedule: { _, _ in },
            fetch: { client.send($0, completion: $1) }, log: .silent)
        let gateway = Gateway(services: services, quotas: MemoryQuotas(), metrics: MetricsRegistry())
        let api = #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":[{"policy":"#
            + #""validate-jwt","jwks":"http://127.0.0.1:\#(port)/keys"},{"policy":"mock-response"}],"#
            + #""operations":[{"id":"o","method":"GET"}]}"#
        #expect(gateway.configure([try JSONValue(parsing: api)]) == [])
        return gateway
    }

    private func status(_ gateway: Gateway, _ token: String) -> Int? {
        let answered = DispatchSemaphore(value: 0)
        let status = Mutex<Int?>(nil)
        let request = HTTPRequest(
            method: .get, target: Array("/a".utf8), headers: HTTPHeaders([("Authorization", "Bearer \(token)")]))
        _ = gateway.answer(
            request,
            HTTPResponder { answer in
                status.withLock { $0 = answer?.status }
                answered.signal()
            })
        guard answered.wait(timeout: .now() + 20) == .success else { return nil }
        return status.withLock { $0 }
    }

    private func client(allowsLoopback: Bool = true) throws -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        configuration.addressPolicy = HTTPAddressPolicy(allowsLoopback: allowsLoopback)
        return try HTTPClient(configuration: configuration)
    }

    private static let without = SampleTokens.keySet.replacing(#""kid":"e""#, with: #""kid":"former""#)

    @Test func aNewKeyIsFetchedAndTheProviderMayGoAway() throws {
        let provider = Provider(Self.without)
        let server = try provider.serve()
        let client = try client()
        let gateway = try gateway(provider, port: server.port, client)
        #expect(status(gateway, SampleTokens.rs256) == 200 && provider.askedCount == 1)
        // The provider has a new key; a token of it has the set fetched anew, though not twice within a minute.
        provider.publish(SampleTokens.keySet)
        #expect(status(gateway, SampleTokens.es256) == 401 && provider.askedCount == 1)
        provider.pass(seconds: 60)
        #expect(status(gateway, SampleTokens.es256) == 200 && provider.askedCount == 2)
        // Without it, what it published goes on being good: the changed set had all tokens checked anew.
        server.stop()
        provider.pass(seconds: 60)
        #expect(status(gateway, SampleTokens.rs256) == 200)
        let forged = String(SampleTokens.rs256.dropLast(8)) + "AAAAAAAA"
        #expect(status(gateway, forged) == 401 && provider.askedCount == 2)
        client.stop()
    }

    @Test func aProviderThatWasNeverThere() throws {
        let provider = Provider(SampleTokens.keySet)
        let gone = try provider.serve()
        let port = gone.port
        gone.stop()
        let client = try client()
        let gateway = try gateway(provider, port: port, client)
        #expect(status(gateway, SampleTokens.rs256) == 503 && provider.askedCount == 0)
        client.stop()
    }

    /// Who may write the configuration must not make the server ask its own surroundings.
    @Test func addressesWithinAreRefused() throws {
        let provider = Provider(SampleTokens.keySet)
        let server = try provider.serve()
        let client = try client(allowsLoopback: false)
        let gateway = try gateway(provider, port: server.port, client)
        #expect(status(gateway, SampleTokens.rs256) == 503 && provider.askedCount == 0)
        client.stop()
        server.stop()
    }
}
