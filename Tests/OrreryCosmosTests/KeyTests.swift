import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryCosmos

@Suite struct KeyTests {
    private func bearer(_ key: String) -> [(name: String, value: String)] { [("authorization", "Bearer \(key)")] }

    private func keys(_ service: TestService) throws -> [String: String] {
        let members = try #require(service.operate(.get, "/control/keys").body?.members)
        return Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value.string ?? "") })
    }

    private func regenerated(_ service: TestService, _ kind: String) throws -> String {
        let answer = service.operate(.post, "/control/keys/\(kind)/regenerate")
        #expect(answer.status == 200)
        return try #require(answer.body?.members?.first?.value.string)
    }

    @Test func fourKeysOpenWhatTheyShould() throws {
        let service = try TestService()
        let keys = try keys(service)
        #expect(Set(keys.values).count == 4)
        #expect(keys["primaryMasterKey"] == CosmosService.publicKey)
        for (name, key) in keys {
            let isReadOnly = name.contains("Readonly")
            #expect(service.send("GET", "/dbs", bearer(key)).status == 200)
            let created = service.send("POST", "/dbs", bearer(key), body: #"{"id":"\#(name)"}"#)
            #expect(created.status == (isReadOnly ? 401 : 201), "\(name)")
            if isReadOnly { #expect(created.text.contains("MAC signature")) }
        }
    }

    @Test func readOnlyKeysSeeNoTokensThatWrite() throws {
        let service = try TestService()
        let key = try #require(try keys(service)["secondaryReadonlyMasterKey"])
        _ = service.send("POST", "/dbs", body: #"{"id":"d"}"#)
        _ = service.send("POST", "/dbs/d/users", body: #"{"id":"u"}"#)
        #expect(service.send("GET", "/dbs/d/users/u", bearer(key)).status == 200)
        #expect(service.send("GET", "/dbs/d/users/u/permissions", bearer(key)).status == 401)
        #expect(service.send("GET", "/control/keys", bearer(key)).status == 401)
    }

    @Test(arguments: [("primary", "secondaryMasterKey"), ("secondary", "primaryMasterKey")])
    func aKeyMadeAnewEndsTheOldOneAtOnce(_ kind: String, _ other: String) throws {
        let service = try TestService()
        let old = try keys(service)
        let new = try regenerated(service, kind)
        #expect(service.send("GET", "/dbs", bearer(try #require(old["\(kind)MasterKey"]))).status == 401)
        #expect(service.send("GET", "/dbs", bearer(new)).status == 200)
        #expect(service.send("GET", "/dbs", bearer(try #require(old[other]))).status == 200)
    }

    @Test func regenerationOutlastsARestartAndTheCommandLine() throws {
        let directory = NSTemporaryDirectory() + "orrery-keys-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = Data("first key".utf8).base64EncodedString()
        let second = Data("second key".utf8).base64EncodedString()
        func open(_ key: String) throws -> TestService { try TestService(directory: directory) { $0.key = key } }

        let new: String
        let secondary: String?
        do {
            let service = try open(first)
            secondary = try keys(service)["secondaryMasterKey"]
            new = try regenerated(service, "primary")
        }
        do {
            let service = try open(first)
            #expect(service.send("GET", "/dbs", bearer(first)).status == 401)
            #expect(service.send("GET", "/dbs", bearer(new)).status == 200)
            #expect(try keys(service)["secondaryMasterKey"] == secondary)
        }
        // Another key on the command line is the operator's word again.
        let service = try open(second)
        #expect(service.send("GET", "/dbs", bearer(second)).status == 200)
        #expect(service.send("GET", "/dbs", bearer(new)).status == 401)
        #expect(service.send("GET", "/dbs", bearer(first)).status == 401)
    }

    @Test func theControlPlaneOverHTTPNeedsAMasterKey() throws {
        let service = try TestService()
        let listed = service.send("GET", "/control/keys")
        #expect(listed.status == 200)
        #expect(listed.text.contains("secondaryReadonlyMasterKey"))
        #expect(listed.headers["cache-control"] == "no-store")
        #expect(service.send("GET", "/control/keys", [("authorization", "")]).status == 401)
        #expect(service.send("GET", "/control/keys", [("authorization", "Bearer AAAA")]).status == 401)
        #expect(service.send("POST", "/control/keys/tertiary/regenerate").status == 400)
        #expect(service.send("GET", "/control/nothing").status == 404)
        #expect(service.send("POST", "/control/keys/primaryReadonly/regenerate").status == 200)
    }

    @Test func aKeyThatIsNotBase64IsRefused() throws {
        #expect(throws: DatabaseError.invalid("the key is not base64")) {
            _ = try TestService { $0.key = "not base64" }
        }
    }
}
