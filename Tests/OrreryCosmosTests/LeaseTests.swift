import Foundation
import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryCosmos

/// Leases over HTTP, under a clock that stands still: what is waited for ends all the same.
@Suite(.timeLimit(.minutes(1))) struct LeaseTests {
    private let service: TestService
    private static let path = "/_orrery/leases/shop/orders/sum"

    init() throws {
        service = try TestService()
        #expect(service.send("POST", "/dbs", body: #"{"id":"shop"}"#).status == 201)
        let definition = #"{"id":"orders","partitionKey":{"paths":["/customer"],"kind":"Hash","version":2}}"#
        #expect(service.send("POST", "/dbs/shop/colls", body: definition).status == 201)
    }

    private func send(
        _ method: String, _ target: String, key: String? = nil, body: String = ""
    ) async -> HTTPResponse {
        let headers = key.map { [(name: "authorization", value: "Bearer \($0)")] } ?? []
        return await service.begin(method, target, headers, body: body).response()
    }

    private func acquire(_ owner: String, waiting: Int = 0, key: String? = nil) async -> HTTPResponse {
        await send(
            "POST", "\(Self.path)/acquire", key: key,
            body: #"{"owner":"\#(owner)","waitMilliseconds":\#(waiting),"milliseconds":600000}"#)
    }

    @Test func waitsEndThoughTheClockStandsStill() async throws {
        #expect(await acquire("one").status == 200)
        #expect(await acquire("two", waiting: 20).status == 409)
        let page = await send("GET", "\(Self.path)/0/changes?epoch=1&waitMilliseconds=20")
        #expect(page.status == 200)
        #expect(try JSONValue(parsing: page.body)["changes"] == .array([]))
    }

    @Test func aWaitEndsWithTheFirstChange() async throws {
        #expect(await acquire("one").status == 200)
        let waiting = service.begin("GET", "\(Self.path)/0/changes?epoch=1&waitMilliseconds=60000", [])
        let created = service.begin(
            "POST", "/dbs/shop/colls/orders/docs", [(name: "x-ms-documentdb-partitionkey", value: #"["ada"]"#)],
            body: #"{"id":"1","customer":"ada"}"#)
        #expect(await created.response().status == 201)
        #expect(try JSONValue(parsing: await waiting.response().body)["changes"]?.array?.count == 1)
    }

    @Test func aWaitEndsWithItsContainer() async throws {
        #expect(await acquire("one").status == 200)
        let waiting = service.begin("GET", "\(Self.path)/0/changes?epoch=1&waitMilliseconds=60000", [])
        #expect(await send("DELETE", "/dbs/shop/colls/orders").status == 204)
        let answer = await waiting.response()
        #expect([404, 410].contains(answer.status), "\(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
    }

    @Test func aKeyThatOnlyReadsSeesLeasesAndChanges() async throws {
        #expect(await acquire("one").status == 200)
        let key = try #require(service.operate(.get, "/control/keys").body?["primaryReadonlyMasterKey"]?.string)
        for path in [Self.path, "\(Self.path)/0/changes?epoch=1", "/_orrery/handlers"] {
            #expect(await send("GET", path, key: key).status == 200)
        }
        let refused = CosmosError.readOnlyKey.status
        #expect(await acquire("two", key: key).status == refused)
        #expect(await send("POST", "\(Self.path)/0/renew", key: key, body: #"{"epoch":1}"#).status == refused)
        #expect(await send("DELETE", "/_orrery/handlers/sum", key: key).status == refused)
    }
}
