import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryCosmos

@Suite struct RoleTests {
    private static let token: [(name: String, value: String)] = [
        ("authorization", "type%3Daad%26ver%3D1.0%26sig%3D\(SignedTokens.good)")
    ]
    private static let key: (name: String, value: String) = ("x-ms-documentdb-partitionkey", #"["a"]"#)

    private func service(_ configure: (inout CosmosService.Configuration) -> Void = { _ in }) throws -> TestService {
        let service = try TestService { configuration in
            configuration.issuer = TokenIssuer.Configuration(
                issuer: SignedTokens.issuer, audience: SignedTokens.audience,
                readKeys: { Array(SignedTokens.keySet.utf8) })
            configure(&configuration)
        }
        return service
    }

    private func fill(_ service: TestService) {
        for database in ["shop", "other"] {
            _ = service.send("POST", "/dbs", body: #"{"id":"\#(database)"}"#)
            for container in ["orders", "people"] {
                let body = #"{"id":"\#(container)","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}"#
                _ = service.send("POST", "/dbs/\(database)/colls", body: body)
                _ = service.send("POST", "/dbs/\(database)/colls/\(container)/docs", body: #"{"id":"1","pk":"a"}"#)
            }
        }
    }

    private func assign(_ service: TestService, _ role: Role, _ scope: String, to principal: String = "ada") -> String {
        let answer = service.operate(
            .post, "/control/roleAssignments",
            #"{"roleDefinitionId":"\#(role.id)","principalId":"\#(principal)","scope":"\#(scope)"}"#)
        #expect(answer.status == 201)
        return answer.body?["id"]?.string ?? ""
    }

    /// What the token's bearer gets from requests of every kind on a container.
    private func statuses(_ service: TestService, _ database: String, _ container: String) -> [Int] {
        let link = "/dbs/\(database)/colls/\(container)"
        let query = Self.token + [("x-ms-documentdb-isquery", "true"), Self.key]
        return [
            service.send("GET", "/dbs/\(database)", Self.token),
            service.send("GET", link, Self.token),
            service.send("GET", link + "/pkranges", Self.token),
            service.send("GET", link + "/docs/1", Self.token + [Self.key]),
            service.send("POST", link + "/docs", query, body: #"{"query":"SELECT * FROM c"}"#),
            service.send("GET", link + "/docs", Self.token + [("a-im", "Incremental Feed")]),
            service.send("POST", link + "/docs", Self.token, body: #"{"id":"2","pk":"a"}"#),
            service.send("DELETE", link + "/docs/2", Self.token + [Self.key]),
        ].map(\.status)
    }

    @Test func withoutARoleATokenOpensNothing() throws {
        let service = try service()
        fill(service)
        #expect(statuses(service, "shop", "orders") == Array(repeating: 403, count: 8))
        #expect(service.send("GET", "/", Self.token).status == 403)
    }

    @Test func readersRead() throws {
        let service = try service()
        fill(service)
        _ = assign(service, .reader, "/")
        #expect(statuses(service, "shop", "orders") == [200, 200, 200, 200, 200, 200, 403, 403])
        #expect(service.send("GET", "/", Self.token).status == 200)
        #expect(service.send("GET", "/dbs", Self.token).status == 200)
    }

    @Test func contributorsWriteItemsAndNothingElse() throws {
        let service = try service()
        fill(service)
        _ = assign(service, .contributor, "/")
        #expect(statuses(service, "shop", "orders") == [200, 200, 200, 200, 200, 200, 201, 204])
        for (method, path) in [
            ("POST", "/dbs"), ("DELETE", "/dbs/shop"), ("POST", "/dbs/shop/colls"), ("PUT", "/dbs/shop/colls/orders"),
            ("DELETE", "/dbs/shop/colls/orders"), ("GET", "/offers"), ("GET", "/dbs/shop/users"),
            ("POST", "/dbs/shop/users"), ("POST", "/dbs/shop/colls/orders/triggers"),
        ] {
            let response = service.send(method, path, Self.token, body: #"{"id":"x"}"#)
            #expect(response.status == 403, "\(method) \(path)")
            #expect(response.headers["x-ms-substatus"] == "5300")
        }
        #expect(service.send("GET", "/control/keys", Self.token).status == 401)
    }

    @Test func aRoleHoldsInItsScopeOnly() throws {
        let service = try service()
        fill(service)
        _ = assign(service, .contributor, "/dbs/shop/colls/orders")
        _ = assign(service, .reader, "/dbs/other")
        let contributor = [403, 200, 200, 200, 200, 200, 201, 204]
        #expect(statuses(service, "shop", "orders") == contributor)
        #expect(statuses(service, "shop", "people") == Array(repeating: 403, count: 8))
        #expect(statuses(service, "other", "people") == [200, 200, 200, 200, 200, 200, 403, 403])
        #expect(service.send("GET", "/dbs", Self.token).status == 403)
    }

    @Test func linksOfResourceIDsLeadNoFurther() throws {
        let service = try service()
        fill(service)
        _ = assign(service, .reader, "/dbs/shop/colls/orders")
        func selfLink(_ container: String) -> String {
            let text = service.send("GET", "/dbs/shop/colls/\(container)").text
            return text.components(between: #""_self":""#, and: #"""#)
        }
        #expect(service.send("GET", "/" + selfLink("orders"), Self.token).status == 200)
        #expect(service.send("GET", "/" + selfLink("people"), Self.token).status == 403)
        let rid = String(selfLink("people").split(separator: "/").last ?? "")
        #expect(service.send("GET", "/dbs/shop/colls/\(rid)", Self.token).status == 403)
    }

    /// Resource ids are short enough to be guessed: whoever may read nothing learns no names by them.
    @Test func refusalsTellNoNames() throws {
        let service = try service()
        fill(service)
        let container = try JSONValue(parsing: service.send("GET", "/dbs/shop/colls/people").body)
        let link = try #require(container["_self"]?.string)
        for path in [link, link + "docs/1", String(link.split(separator: "/").prefix(2).joined(separator: "/"))] {
            let refusal = service.send("GET", "/" + path, Self.token)
            #expect(refusal.status == 403)
            #expect(!refusal.text.contains("shop") && !refusal.text.contains("people"), "\(refusal.text)")
        }
    }

    @Test func assignmentsOfOthersCountForOthers() throws {
        let service = try service()
        fill(service)
        _ = assign(service, .contributor, "/", to: "Ada")
        _ = assign(service, .contributor, "/", to: "s-1")
        #expect(statuses(service, "shop", "orders") == Array(repeating: 403, count: 8))
    }

    @Test func aRevokedRoleEndsAtOnce() throws {
        let service = try service()
        fill(service)
        let id = assign(service, .reader, "/")
        #expect(service.send("GET", "/dbs/shop", Self.token).status == 200)
        #expect(service.operate(.delete, "/control/roleAssignments/\(id)").status == 204)
        #expect(service.send("GET", "/dbs/shop", Self.token).status == 403)
        #expect(service.operate(.delete, "/control/roleAssignments/\(id)").status == 404)
    }

    @Test func refusalsAreTheServicesOwn() throws {
        let service = try service()
        fill(service)
        _ = assign(service, .reader, "/")
        let response = service.send("POST", "/dbs/shop/colls/orders/docs", Self.token, body: #"{"id":"2","pk":"a"}"#)
        #expect(response.headers["x-ms-substatus"] == "5302")
        #expect(response.text.contains("principal [ada] does not have required RBAC permissions to perform action "
            + "[Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/create]"))
    }

    @Test func keysCanBeDisabled() throws {
        let service = try service { $0.refusesKeys = true }
        let response = service.send("GET", "/dbs")
        #expect(response.status == 401)
        #expect(response.headers["x-ms-substatus"] == "5202")
        #expect(service.send("GET", "/control/keys").status == 401)
        _ = assign(service, .reader, "/")
        #expect(service.send("GET", "/dbs", Self.token).status == 200)
        #expect(service.send("GET", "/dbs", [("authorization", "Bearer \(SignedTokens.good)")]).status == 200)
    }

    @Test(arguments: [
        ("{}", 400), (#"{"roleDefinitionId":"owner","principalId":"ada"}"#, 400),
        (#"{"roleDefinitionId":"reader"}"#, 400), (#"{"roleDefinitionId":"reader","principalId":""}"#, 400),
        (#"{"roleDefinitionId":"reader","principalId":"ada","scope":"/colls/x"}"#, 400), ("nonsense", 400),
        (#"{"roleDefinitionId":"reader","principalId":"ada"}"#, 201),
        (#"{"properties":{"roleDefinitionId":"/subscriptions/s/00000000-0000-0000-0000-000000000002","#
            + #""principalId":"ada","scope":"/subscriptions/s/databaseAccounts/a/dbs/shop"}}"#, 201),
    ])
    func bodiesAreChecked(_ body: String, _ status: Int) throws {
        let service = try TestService()
        #expect(service.operate(.post, "/control/roleAssignments", body).status == status)
    }

    @Test func twinsAreRefused() throws {
        let service = try TestService()
        let body = #"{"roleDefinitionId":"reader","principalId":"ada"}"#
        #expect(service.operate(.post, "/control/roleAssignments", body).status == 201)
        #expect(service.operate(.post, "/control/roleAssignments", body).status == 409)
    }

    @Test(arguments: [
        ("/", "/"), ("", "/"), ("/dbs/a", "/dbs/a"), ("dbs/a/colls/b/", "/dbs/a/colls/b"),
        ("/subscriptions/s/resourceGroups/g/providers/Microsoft.DocumentDB/databaseAccounts/x", "/"),
        ("/subscriptions/s/databaseAccounts/x/dbs/a", "/dbs/a"), ("/dbs", nil), ("/dbs/a/users/b", nil),
        ("/dbs/databaseaccounts/colls", nil), ("/dbs/databaseAccounts/colls/x", "/dbs/databaseAccounts/colls/x"),
    ])
    func scopesAreRead(_ text: String, _ expected: String?) {
        #expect(RoleScope(text: text)?.text == expected)
    }
}

extension String {
    fileprivate func components(between start: String, and end: String) -> String {
        guard let from = firstRange(of: start)?.upperBound, let to = self[from...].firstRange(of: end)?.lowerBound
        else { return "" }
        return String(self[from..<to])
    }
}
