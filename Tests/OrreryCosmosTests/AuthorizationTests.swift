import OrreryCrypto
import OrreryHTTP
import Testing

@testable import OrreryCosmos

@Suite struct AuthorizationTests {
    private static let key = CosmosService.publicKey

    private func signed(
        _ method: String, _ path: String, text: String, date: String = "Fri, 20 Nov 2026 23:40:00 GMT",
        key: String = key
    ) throws -> CosmosRequest {
        let message = "\(method.lowercased())\n\(text)\n\(date.lowercased())\n\n"
        let signature = Base64.encode(
            hmacSHA256(key: try #require(Base64.decode(key)), message: Array(message.utf8)).bytes)
        let token = PercentEncoding.encode(Array("type=master&ver=1.0&sig=\(signature)".utf8))
        return try request(method, path, [("authorization", token), ("x-ms-date", date)])
    }

    private func request(
        _ method: String, _ path: String, _ headers: [(name: String, value: String)]
    ) throws -> CosmosRequest {
        let http = HTTPRequest(
            method: HTTPMethod(method), target: Array(path.utf8), headers: HTTPHeaders(headers))
        return CosmosRequest(http, link: try #require(ResourceLink(rawPath: http.rawPath)))
    }

    private func authorize(_ request: CosmosRequest) throws(CosmosError) {
        _ = try Authorizer(primaryKey: Self.key).caller(of: request, nowSeconds: TestService.nowSeconds)
    }

    /// The example that the service's documentation gives for its signatures.
    @Test func documentedSignature() throws {
        let key = "dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw=="
        let authorizer = Authorizer(primaryKey: key)
        let documented = try request("GET", "/dbs/ToDoList", [
            ("authorization", "type%3dmaster%26ver%3d1.0%26sig%3dc09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu%2bc%2bc%3d"),
            ("x-ms-date", "Thu, 27 Apr 2017 00:51:12 GMT"),
        ])
        #expect(try authorizer.caller(of: documented, nowSeconds: 1_493_254_272) == .keyHolder(.primary))
    }

    @Test(arguments: [
        ("GET", "/", "\n"),
        ("GET", "/dbs/", "dbs\n"),
        ("POST", "/dbs/Shop/colls/Orders/docs/", "docs\ndbs/Shop/colls/Orders"),
        ("PATCH", "/dbs/Shop/colls/Orders/docs/caf%C3%A9", "docs\ndbs/Shop/colls/Orders/docs/café"),
        ("GET", "/dbs/AQAAAA==/colls/AQAAAIAAAAI=/", "colls\naqaaaiaaaai="),
        ("GET", "/dbs/AQAAAA==/colls/AQAAAIAAAAI=/docs/", "docs\naqaaaiaaaai="),
        ("GET", "/offers/AwAA/", "offers\nawaa"),
        ("POST", "/offers", "offers\n"),
        ("POST", "/dbs/s/colls/c/operations/partitionkeydelete", "colls\ndbs/s/colls/c"),
        // A database may have a name that looks like a resource id.
        ("GET", "/dbs/AQAAAA==", "dbs\ndbs/AQAAAA=="),
    ])
    func acceptsASignature(_ method: String, _ path: String, _ text: String) throws {
        try authorize(signed(method, path, text: text))
    }

    @Test func refusesAnotherKey() throws {
        let request = try signed("GET", "/dbs/", text: "dbs\n", key: Base64.encode([1, 2, 3]))
        #expect(throws: CosmosError.unauthorized) { try authorize(request) }
    }

    @Test func refusesTheSignatureOfAnotherRequest() throws {
        let request = try signed("GET", "/dbs/shop", text: "dbs\ndbs/other")
        #expect(throws: CosmosError.unauthorized) { try authorize(request) }
    }

    @Test(arguments: [
        ("Fri, 20 Nov 2026 23:54:59 GMT", true), ("Fri, 20 Nov 2026 23:25:01 GMT", true),
        ("Fri, 20 Nov 2026 23:55:01 GMT", false), ("Fri, 20 Nov 2026 23:24:59 GMT", false),
    ])
    func allowsAQuarterOfAnHour(_ date: String, _ passes: Bool) throws {
        let request = try signed("GET", "/dbs/", text: "dbs\n", date: date)
        if passes {
            try authorize(request)
        } else {
            #expect(throws: CosmosError.expiredAuthorization) { try authorize(request) }
        }
    }

    @Test(arguments: [
        "", "type%3Dmaster", "type%3Dmaster%26ver%3D1.0%26sig%3D", "type=other&ver=1.0&sig=AAAA", "%", "nonsense",
        "type%3Dmaster%26ver%3D1.0%26sig%3D%%%", "type=master&ver=1.0&sig=not base64", "Bearer ", "Bearer AAAA",
        "type=resource&ver=1&sig=;;;", "type=aad&ver=1.0&sig=a.b.c", "type%3dmaster%26ver%3d1.0%26sig%3d%ff%fe",
    ])
    func refusesWhatIsNoToken(_ value: String) throws {
        let request = try request("GET", "/dbs", [
            ("authorization", value), ("x-ms-date", "Fri, 20 Nov 2026 23:40:00 GMT"),
        ])
        let error = #expect(throws: CosmosError.self) { try authorize(request) }
        #expect(error?.status == 401)
    }

    @Test func resourceTokensAreSigned() throws {
        let key = HMACSHA256(key: [1, 2, 3])
        let authorizer = Authorizer(keys: KeyRing([:], signingKey: [1, 2, 3]))
        let permission = try #require(ResourceLink(rawPath: Array("/offers/AwAA".utf8))?.resourceID(at: 0))
        let text = authorizer.resourceToken(for: permission, nowSeconds: 1000)
        let token = try #require(ResourceToken(text, key: key))
        #expect(token.permission == permission)
        #expect(token.expirySeconds == 1000 + ResourceToken.lifetimeSeconds)
        #expect(ResourceToken(text, key: HMACSHA256(key: [9])) == nil)
        #expect(ResourceToken(text.replacing(";4600;", with: ";9999;"), key: key) == nil)
    }
}

@Suite struct EmulatorTokenTests {
    private func encoded(_ text: String) -> String {
        Base64.encode(Array(text.utf8)).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private func token(
        kid: String = "CosmosEmulatorPrimaryMaster", audience: String = "https://localhost.localhost",
        expiry: Int64 = TestService.nowSeconds + 1000, proof: String = "a2V5"
    ) -> String {
        [
            encoded(#"{"typ":"JWT","alg":"RS256","kid":"\#(kid)"}"#),
            encoded(#"{"aud":"\#(audience)","nbf":900,"exp":\#(expiry)}"#), encoded(proof),
        ].joined(separator: ".")
    }

    private func isGood(_ token: String) -> Bool {
        let http = HTTPRequest(
            method: .get, target: Array("/dbs".utf8),
            headers: HTTPHeaders([("authorization", "type%3Daad%26ver%3D1.0%26sig%3D\(token)")]))
        guard let link = ResourceLink(rawPath: http.rawPath) else { return false }
        let caller = try? Authorizer(primaryKey: "a2V5", readOnlyKey: "b25seQ==")
            .caller(of: CosmosRequest(http, link: link), nowSeconds: TestService.nowSeconds)
        return caller == .emulatorIdentity
    }

    @Test func onlyWhoHasAMasterKeyCanMakeOne() {
        #expect(isGood(token()))
        #expect(!isGood(token(kid: "Another")))
        #expect(!isGood(token(audience: "https://example.org")))
        #expect(!isGood(token(expiry: TestService.nowSeconds)))
        #expect(!isGood(token(proof: "b3RoZXI=")))
        #expect(!isGood(token(proof: "b25seQ==")))
        #expect(!isGood(token(proof: "")))
        #expect(!isGood(token() + "."))
        for text in ["", ".", "..", "a.b.c", "e30.e30.", "%.%.%"] { #expect(!isGood(text)) }
    }
}

extension Authorizer {
    /// Believes one key, or one and a read-only one.
    init(primaryKey: String, readOnlyKey: String? = nil) {
        var texts: [AccountKeyKind: [UInt8]] = [.primary: Array(primaryKey.utf8)]
        if let readOnlyKey { texts[.primaryReadonly] = Array(readOnlyKey.utf8) }
        self.init(keys: KeyRing(texts, signingKey: [1]))
    }
}
