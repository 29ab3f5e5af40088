import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryCosmos

/// What the holder of a permission's token may do, and what not.
@Suite struct PermissionTests {
    private let service: TestService

    init() throws {
        service = try TestService()
        _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
        for name in ["orders", "secrets"] {
            _ = service.send(
                "POST", "/dbs/shop/colls", body: #"{"id":"\#(name)","partitionKey":{"paths":["/pk"],"version":2}}"#)
            for key in ["a", "b"] {
                _ = service.send("POST", "/dbs/shop/colls/\(name)/docs", body: #"{"id":"1","pk":"\#(key)"}"#)
            }
        }
        _ = service.send("POST", "/dbs/shop/users", body: #"{"id":"ada"}"#)
    }

    private func token(_ mode: String, _ resource: String, key: String? = nil) throws -> String {
        let partitionKey = key.map { #","resourcePartitionKey":["\#($0)"]"# } ?? ""
        let created = service.send(
            "POST", "/dbs/shop/users/ada/permissions", [("x-ms-documentdb-is-upsert", "True")],
            body: #"{"id":"p","permissionMode":"\#(mode)","resource":"\#(resource)"\#(partitionKey)}"#)
        return try #require(try JSONValue(parsing: created.body)["_token"]?.string)
    }

    private func status(
        _ token: String, _ method: String, _ target: String, key: String? = "a", body: String = "",
        _ headers: [(name: String, value: String)] = []
    ) -> Int {
        var fields = headers + [(name: "authorization", value: PercentEncoding.encode(Array(token.utf8)))]
        if let key { fields.append((name: "x-ms-documentdb-partitionkey", value: #"["\#(key)"]"#)) }
        return service.send(method, target, fields, body: body).status
    }

    private static let item = "/dbs/shop/colls/orders/docs/1"
    private static let items = "/dbs/shop/colls/orders/docs"

    @Test func readersReadTheirContainer() throws {
        let token = try token("Read", "dbs/shop/colls/orders")
        #expect(status(token, "GET", "/", key: nil) == 200)
        #expect(status(token, "GET", "/dbs/shop/colls/orders", key: nil) == 200)
        #expect(status(token, "GET", "/dbs/shop/colls/orders/pkranges", key: nil) == 200)
        #expect(status(token, "GET", Self.item) == 200)
        #expect(status(token, "GET", Self.items, key: nil) == 200)
        #expect(status(token, "PUT", Self.item, body: #"{"id":"1","pk":"a"}"#) == 403)
        #expect(status(token, "DELETE", Self.item) == 403)
        #expect(status(token, "GET", "/dbs/shop/colls/secrets/docs/1") == 403)
        #expect(status(token, "GET", "/dbs/shop/colls/secrets", key: nil) == 403)
        #expect(status(token, "GET", "/dbs", key: nil) == 403)
        #expect(status(token, "GET", "/offers", key: nil) == 403)
        #expect(status(token, "DELETE", "/dbs/shop/colls/orders", key: nil) == 403)
        #expect(status(token, "GET", "/dbs/shop/users/ada/permissions", key: nil) == 403)
    }

    @Test func oneItemIsOneItem() throws {
        let token = try token("All", "dbs/shop/colls/orders/docs/1")
        #expect(status(token, "PUT", Self.item, body: #"{"id":"1","pk":"a"}"#) == 200)
        #expect(status(token, "GET", "/dbs/shop/colls/orders/pkranges", key: nil) == 200)
        #expect(status(token, "GET", Self.items, key: nil) == 403)
        #expect(status(token, "POST", Self.items, body: #"{"id":"2","pk":"a"}"#) == 403)
        #expect(status(token, "GET", "/dbs/shop/colls/orders/docs/2") == 403)
    }

    @Test func aPartitionKeyIsHeldTo() throws {
        let token = try token("All", "dbs/shop/colls/orders", key: "a")
        #expect(status(token, "GET", Self.item) == 200)
        #expect(status(token, "GET", Self.item, key: "b") == 403)
        #expect(status(token, "GET", Self.items, key: nil) == 403)
        #expect(status(token, "POST", Self.items, body: #"{"id":"9","pk":"b"}"#) == 400)
        // Nor by the way of a bulk request whose operations name keys of their own.
        let bulk = #"[{"operationType":"Read","id":"1","partitionKey":"[\"b\"]"}]"#
        let headers = [(name: "x-ms-cosmos-is-batch-request", value: "True")]
        #expect(status(token, "POST", Self.items, key: nil, body: bulk, headers) == 403)
        #expect(status(token, "POST", Self.items, body: bulk, headers) == 207)
        #expect(status(token, "POST", "/dbs/shop/colls/orders/operations/partitionkeydelete", key: "b") == 403)
        #expect(status(token, "DELETE", Self.item, key: "b") == 403)
        #expect(service.send("GET", Self.item, [("x-ms-documentdb-partitionkey", #"["b"]"#)]).status == 200)
    }

    @Test func aDeletedPermissionIsWorthNothing() throws {
        let token = try token("All", "dbs/shop/colls/orders")
        _ = service.send("DELETE", "/dbs/shop/users/ada/permissions/p")
        #expect(status(token, "GET", Self.item) == 401)
        #expect(status(token + "x", "GET", Self.item) == 401)
    }
}
