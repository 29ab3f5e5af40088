import OrreryHTTP
import Testing

@testable import OrreryCosmos

/// Queries over resources of the control plane: what is no handful of work holds up no thread that reads requests.
@Suite struct ResourceQueryTests {
    private static let isQuery = [(name: "x-ms-documentdb-isquery", value: "true")]
    private static let long = "SELECT * FROM c WHERE RegexMatch(REPLICATE('a', 1000), '(?:a?){20}[bc]')"

    private func service(userCount: Int) throws -> TestService {
        let service = try TestService()
        #expect(service.send("POST", "/dbs", body: #"{"id":"shop"}"#).status == 201)
        for number in 0..<userCount {
            #expect(service.send("POST", "/dbs/shop/users", body: #"{"id":"u\#(number)"}"#).status == 201)
        }
        return service
    }

    private func status(_ service: TestService, _ target: String, _ query: String) -> Int {
        service.send("POST", target, Self.isQuery, body: #"{"query":"\#(query)"}"#).status
    }

    @Test func longQueriesGoToOtherThreads() throws {
        let service = try service(userCount: 1)
        service.stopQueries()
        for target in ["/dbs", "/dbs/shop/colls", "/dbs/shop/users", "/offers"] {
            #expect(status(service, target, "SELECT * FROM c WHERE c.id = 'x'") == 200, "\(target)")
        }
        for target in ["/dbs", "/dbs/shop/users"] { #expect(status(service, target, Self.long) == 429, "\(target)") }
    }

    /// Which thread it was does not show.
    @Test func manyResourcesAreAnswered() throws {
        let service = try service(userCount: 300)
        let answer = service.send(
            "POST", "/dbs/shop/users", Self.isQuery, body: #"{"query":"SELECT VALUE COUNT(1) FROM c"}"#)
        #expect(answer.status == 200 && answer.text.contains("[300]"))
    }
}
