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

    /// A database's users and containers have names of their own, so a link into the one must not count as one into
    /// the other: permissions stand under users, and show tokens for everything.
    @Test func aUserNamedLikeTheContainerIsOutOfReach() throws {
        _ = service.send("POST", "/dbs/shop/users", body: #"{"id":"orders"}"#)
        let all = #"{"id":"q","permissionMode":"All","resource":"dbs/shop/colls/secrets"}"#
        _ = service.send("POST", "/dbs/shop/users/orders/permissions", body: all)
        let token = try token("All", "dbs/shop/colls/orders")
        let user = "/dbs/shop/users/orders"
        for (method, path) in [
            ("GET", user), ("PUT", user), ("DELETE", user), ("GET", user + "/permissions"),
            ("POST", user + "/permissions"), ("GET", user + "/permissions/q"), ("PUT", user + "/permissions/q"),
            ("DELETE", user + "/permissions/q"),
        ] {
            let body = path.hasSuffix("permissions") ? all.replacing("\"q\"", with: "\"r\"") : all
            #expect(status(token, method, path, key: nil, body: body) == 403, "\(method) \(path)")
        }
        let query = [(name: "x-ms-documentdb-isquery", value: "true")]
        let body = #"{"query":"SELECT * FROM c"}"#
        #expect(status(token, "POST", user + "/permissions", key: nil, body: body, query) == 403)
        // Nor does a permission on a user open what is named like it.
        let onUser = try self.token("All", "dbs/shop/users/orders")
        #expect(status(onUser, "GET", Self.item) != 200)
        #expect(status(onUser, "GET", user + "/permissions", key: nil) != 200)
    }

    /// A link of resource ids means by the same text another item than a link of names.
    @Test func anItemNamedLikeAnothersResourceIDIsNotIt() throws {
        func value(_ name: String, of target: String) throws -> String {
            let key = (name: "x-ms-documentdb-partitionkey", value: #"["a"]"#)
            return try #require(try JSONValue(parsing: service.send("GET", target, [key]).body)[name]?.string)
        }
        let link = try value("_self", of: Self.item)
        let resourceID = try value("_rid", of: Self.item)
        let created = service.send("POST", Self.items, body: #"{"id":"\#(resourceID)","pk":"a","decoy":true}"#)
        #expect(created.status == 201)
        let token = try token("Read", "dbs/shop/colls/orders/docs/\(resourceID)")
        #expect(status(token, "GET", Self.items + "/\(resourceID)") == 200)
        #expect(status(token, "GET", "/" + link) == 403)
    }

    @Test(arguments: [("600", 600), ("86400", 86_400), (nil, 3600)] as [(String?, Int64)])
    func tokensLastAsLongAsIsAsked(_ asked: String?, _ seconds: Int64) throws {
        let headers = asked.map { [(name: "x-ms-documentdb-expiry-seconds", value: $0)] } ?? []
        let body = #"{"id":"p","permissionMode":"Read","resource":"dbs/shop/colls/orders"}"#
        let permissions = "/dbs/shop/users/ada/permissions"
        let answers = [
            service.send("POST", permissions, headers, body: body), service.send("GET", permissions + "/p", headers),
            service.send("PUT", permissions + "/p", headers, body: body),
        ]
        for answer in answers {
            let token = try #require(try JSONValue(parsing: answer.body)["_token"]?.string)
            #expect(token.split(separator: ";").dropFirst().first == "\(TestService.nowSeconds + seconds)")
        }
    }

    @Test(arguments: ["599", "86401", "-1", "0", "soon", ""])
    func tokensLastNoShorterAndNoLonger(_ asked: String) {
        let answer = service.send(
            "POST", "/dbs/shop/users/ada/permissions", [("x-ms-documentdb-expiry-seconds", asked)],
            body: #"{"id":"p","permissionMode":"Read","resource":"dbs/shop/colls/orders"}"#)
        #expect(answer.status == (asked.isEmpty ? 201 : 400))
    }

    /// Whatever way a request reads items: of those under other keys nothing shows, neither their texts nor what can be
    /// counted of them.
    @Test func noWayOfReadingLeavesThePartitionKey() throws {
        for number in 2...30 {
            let body = #"{"id":"\#(number)","pk":"b","secret":"hidden","n":\#(1000 + number)}"#
            #expect(service.send("POST", Self.items, body: body).status == 201)
        }
        let token = try token("All", "dbs/shop/colls/orders", key: "a")
        let whole = service.send("GET", Self.items, [("x-ms-max-item-count", "3")])
        let continuation = try #require(whole.headers["x-ms-continuation"])
        var reads: [(headers: [(name: String, value: String)], body: String?)] = [
            ([], nil), ([("x-ms-continuation", continuation)], nil), ([("a-im", "Incremental Feed")], nil),
            ([("a-im", "Full-Fidelity Feed")], nil),
        ]
        for query in [
            "SELECT * FROM c", "SELECT VALUE COUNT(1) FROM c", "SELECT VALUE MAX(c.n) FROM c",
            "SELECT VALUE MIN(c.secret) FROM c", "SELECT DISTINCT VALUE c.secret FROM c",
            "SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk", "SELECT VALUE c.n FROM c ORDER BY c.n DESC",
            "SELECT * FROM c WHERE c.secret = 'hidden'", "SELECT VALUE SUM(c.n) FROM c WHERE c.n > 1000",
            "SELECT * FROM c WHERE c.pk = 'b'", "SELECT TOP 5 * FROM c ORDER BY c._ts DESC",
        ] {
            reads.append(([("x-ms-documentdb-isquery", "true")], #"{"query":"\#(query)"}"#))
        }
        let scopes: [[(name: String, value: String)]] = [
            [], [("x-ms-documentdb-partitionkeyrangeid", "0")],
            [("x-ms-start-epk", ""), ("x-ms-end-epk", "FF"), ("x-ms-read-key-type", "EffectivePartitionKeyRange")],
            [("x-ms-documentdb-query-enablecrosspartition", "True")],
        ]
        for (headers, body) in reads {
            for scope in scopes {
                let fields = headers + scope + [
                    (name: "authorization", value: PercentEncoding.encode(Array(token.utf8))),
                    (name: "x-ms-documentdb-partitionkey", value: #"["a"]"#),
                ]
                let answer = service.send(body == nil ? "GET" : "POST", Self.items, fields, body: body ?? "")
                let what = "\(headers) \(scope) \(body ?? "")"
                #expect(answer.status < 500 && answer.status != 403, "\(what)")
                let counted = try? JSONValue(parsing: answer.body)["Documents"]?.array?.first?.double
                #expect((counted ?? 0) <= 1, "\(what): \(answer.text)")
                for trace in ["hidden", #""pk":"b""#] {
                    #expect(!answer.text.contains(trace), "\(what): \(answer.text)")
                }
            }
        }
    }
}
