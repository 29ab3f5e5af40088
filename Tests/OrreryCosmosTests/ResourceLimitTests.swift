import OrreryHTTP
import Testing

@testable import OrreryCosmos

@Suite struct ResourceLimitTests {
    @Test func anAccountHasSoManyDatabasesAndContainers() throws {
        let service = try TestService()
        let key: [(name: String, value: String)] = [("authorization", "Bearer \(CosmosService.publicKey)")]
        #expect(service.send("POST", "/dbs", key, body: #"{"id":"first"}"#).status == 201)
        let container = #"{"id":"c","partitionKey":{"paths":["/p"],"kind":"Hash","version":2}}"#
        #expect(service.send("POST", "/dbs/first/colls", key, body: container).status == 201)
        for number in 2..<CosmosService.resourceCountMax {
            #expect(service.send("POST", "/dbs", key, body: #"{"id":"d\#(number)"}"#).status == 201)
        }
        let another = service.send("POST", "/dbs", key, body: #"{"id":"another"}"#)
        #expect(another.status == 403)
        #expect(another.text.contains("500 databases and containers"))
        #expect(service.send("POST", "/dbs/d2/colls", key, body: container).status == 403)
        #expect(service.send("DELETE", "/dbs/d2", key).status == 204)
        #expect(service.send("POST", "/dbs", key, body: #"{"id":"another"}"#).status == 201)
    }
}
