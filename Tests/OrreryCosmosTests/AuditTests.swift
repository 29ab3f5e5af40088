import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryCosmos

@Suite struct AuditTests {
    private static let wrong: [(name: String, value: String)] = [("authorization", "Bearer d3Jvbmc=")]

    /// Runs against an account, and reads the trail once everything in it is kept: after a restart.
    private func trail(_ body: (TestService) async throws -> Void) async throws -> [JSONValue] {
        let directory = NSTemporaryDirectory() + "orrery-audit-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do {
            let service = try TestService(directory: directory) { $0.keepsAuditTrail = true }
            try await body(service)
        }
        let service = try TestService(directory: directory) { $0.keepsAuditTrail = true }
        let response = service.send(
            "POST", "/dbs/_orrery/colls/audit/docs",
            [("x-ms-documentdb-isquery", "true"), ("x-ms-documentdb-partitionkey", #"["2026-11-20"]"#)],
            body: #"{"query":"SELECT * FROM c ORDER BY c._ts"}"#)
        #expect(response.status == 200)
        return try JSONValue(parsing: response.body)["Documents"]?.array ?? []
    }

    private func texts(_ events: [JSONValue], _ member: String) -> [String] {
        events.map { $0[member]?.string ?? "" }
    }

    @Test func changesAreWrittenDown() async throws {
        let events = try await trail { service in
            _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
            _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
            _ = service.send("DELETE", "/dbs/shop")
            _ = service.send("POST", "/control/keys/secondary/regenerate")
            _ = service.operate(.post, "/control/roleAssignments", #"{"roleDefinitionId":"reader","principalId":"a"}"#)
        }
        #expect(texts(events, "operation").sorted() == [
            "createDatabase", "createDatabase", "deleteDatabase", "keepRoleAssignment", "regenerateKey:secondary",
        ])
        #expect(Set(events.compactMap { $0["status"]?.int64 }) == [200, 201, 204, 409])
        #expect(Set(texts(events, "actor")) == ["key:primary", "operator"])
        #expect(Set(texts(events, "day")) == ["2026-11-20"])
    }

    @Test func whatIsDoneToHandlersIsWrittenDown() async throws {
        let verbs = ["pause", "resume", "replay?lsn=0", "redrive"]
        let events = try await trail { service in
            for verb in verbs {
                let answer = await service.begin("POST", "/_orrery/handlers/tax/\(verb)", []).response()
                #expect(answer.status == 404)
            }
            #expect(await service.begin("DELETE", "/_orrery/handlers/tax", []).response().status == 404)
            #expect(await service.begin("GET", "/_orrery/handlers", []).response().status == 200)
            #expect(await service.begin("POST", "/_orrery/handlers/tax/pause", Self.wrong).response().status == 401)
        }
        let wanted = ["pauseHandler", "resumeHandler", "replayHandler", "redriveHandler", "forgetHandler", "handlers"]
        #expect(texts(events, "operation").sorted() == wanted.sorted())
        #expect(texts(events, "resource").contains("_orrery/handlers/tax/pause"))
        #expect(Set(texts(events, "kind")) == ["controlPlane", "refusal"])
    }

    /// Whoever has seen the keys has them; whoever was given a role can be found by it.
    @Test func keysThatWereShownAndRolesThatWereGivenAreWrittenDown() async throws {
        let events = try await trail { service in
            _ = service.send("GET", "/control/keys")
            _ = service.operate(.get, "/control/keys")
            let body = #"{"roleDefinitionId":"contributor","principalId":"ada","scope":"/dbs/shop"}"#
            let made = service.send("POST", "/control/roleAssignments", body: body)
            let id = try JSONValue(parsing: made.body)["id"]?.string ?? ""
            _ = service.send("DELETE", "/control/roleAssignments/\(id)")
            _ = service.send("POST", "/control/keys/primary/regenerate", Self.wrong)
            #expect(service.send("GET", "/control/roleAssignments").status == 200)
        }
        #expect(texts(events, "operation").sorted() == [
            "control", "deleteRoleAssignment", "keepRoleAssignment", "listKeys", "listKeys",
        ])
        func event(_ operation: String) -> JSONValue? { events.first { $0["operation"]?.string == operation } }
        #expect(event("control")?["resource"]?.string == "control/keys/primary/regenerate")
        #expect(event("listKeys")?["resource"]?.string == "control/keys")
        let kept = try #require(event("keepRoleAssignment"))
        let id = try #require(event("deleteRoleAssignment")?["resource"]?.string)
        #expect(kept["resource"]?.string == "control/roleAssignments")
        #expect(kept["detail"]?.string == "contributor for ada in /dbs/shop as \(id.split(separator: "/").last ?? "")")
    }

    @Test func whatIsDoneWhileNoServerRunsIsWrittenDown() throws {
        let directory = NSTemporaryDirectory() + "orrery-audit-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do { _ = try TestService(directory: directory) { $0.keepsAuditTrail = true } }
        do {
            let account = try Account(directory: directory)
            defer { account.close() }
            let answer = try CosmosService.answerOperator(
                on: account, .post, path: Array("/control/keys/secondary/regenerate".utf8), body: [],
                clock: { TestService.nowSeconds })
            #expect(answer.status == 200)
        }
        let service = try TestService(directory: directory) { $0.keepsAuditTrail = true }
        let text = service.send("GET", "/dbs/_orrery/colls/audit/docs").text
        #expect(text.contains("regenerateKey:secondary") && text.contains(#""actor":"operator""#))
    }

    @Test func refusalsAreWrittenDownAndBounded() async throws {
        let events = try await trail { service in
            for _ in 0..<50 { _ = service.send("GET", "/dbs/shop/colls/orders/docs/secret-id", Self.wrong) }
            _ = service.send("DELETE", "/dbs/_orrery")
        }
        #expect(events.count == 20)
        #expect(Set(texts(events, "kind")) == ["refusal"])
        #expect(Set(texts(events, "resource")) == ["dbs/shop/colls/orders"])
        #expect(Set(texts(events, "actor")) == ["unknown"])
    }

    @Test func noKeyAndNoDocumentIsEverInIt() async throws {
        var secrets = ["d3Jvbmc=", CosmosService.publicKey, "a secret of the document"]
        let events = try await trail { service in
            _ = service.send("POST", "/dbs", body: #"{"id":"shop"}"#)
            _ = service.send(
                "POST", "/dbs/shop/colls", body: #"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash"}}"#)
            _ = service.send(
                "POST", "/dbs/shop/colls/c/docs", body: #"{"id":"1","pk":"a","text":"a secret of the document"}"#)
            _ = service.send("GET", "/dbs?key=d3Jvbmc=", Self.wrong)
            _ = service.send("POST", "/control/keys/secondary/regenerate")
            let keys = service.operate(.get, "/control/keys").body?.members ?? []
            secrets += keys.compactMap { $0.value.string }
        }
        #expect(events.count == 5)
        let text = events.map { String(decoding: $0.text, as: UTF8.self) }.joined()
        for secret in secrets { #expect(!text.contains(secret)) }
    }

    @Test func theTrailCanBeReadAndNotChanged() throws {
        let service = try TestService { $0.keepsAuditTrail = true }
        #expect(service.send("GET", "/dbs/_orrery/colls/audit").status == 200)
        #expect(!service.send("GET", "/dbs").text.contains("_orrery"))
        for (method, path) in [
            ("DELETE", "/dbs/_orrery"), ("DELETE", "/dbs/_orrery/colls/audit"), ("PUT", "/dbs/_orrery/colls/audit"),
            ("POST", "/dbs/_orrery/colls"), ("POST", "/dbs/_orrery/colls/audit/docs"), ("POST", "/dbs/_orrery/users"),
        ] {
            #expect(service.send(method, path, body: #"{"id":"1","day":"x"}"#).status == 403, "\(method) \(path)")
        }
        let database = try JSONValue(parsing: service.send("GET", "/dbs/_orrery").body)
        let link = try #require(database["_self"]?.string)
        #expect(service.send("DELETE", "/" + link).status == 403)
        #expect(!service.send("GET", "/offers").text.contains(link))
    }

    @Test func anAllowanceComesBackWithTime() {
        var allowance = AuditAllowance(.refusal, nowSeconds: 1000)
        for _ in 0..<20 { #expect(allowance.take(nowSeconds: 1000) == 0) }
        for _ in 0..<5 { #expect(allowance.take(nowSeconds: 1009) == nil) }
        #expect(allowance.take(nowSeconds: 1010) == 5)
        #expect(allowance.take(nowSeconds: 1010) == nil)
        #expect(allowance.take(nowSeconds: .max) == 1)
        #expect(allowance.take(nowSeconds: 0) != nil)
    }

    @Test func datesAreWrittenAsISO8601Says() {
        let date = AuditDate(seconds: TestService.nowSeconds)
        #expect(date.day == "2026-11-20")
        #expect(date.time == "2026-11-20T23:40:00Z")
    }
}
