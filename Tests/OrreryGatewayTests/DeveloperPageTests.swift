import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryGateway

@Suite struct DeveloperPageTests {
    private static let here = HTTPPeerAddress(ipv4: 0x7F00_0001, port: 4000)

    private func get(
        _ gateway: TestGateway, _ path: String, host: String = "localhost:8081",
        _ more: [(name: String, value: String)] = [], from peer: HTTPPeerAddress = here, method: HTTPMethod = .get
    ) -> HTTPResponse? {
        let headers = HTTPHeaders([(name: "Host", value: host)] + more)
        return gateway.gateway.developerPage(
            for: HTTPRequest(method: method, target: Array(path.utf8), headers: headers, peer: peer))
    }

    @Test func thePageIsSelfContained() throws {
        let gateway = try TestGateway([])
        for (path, type) in [
            ("", "text/html; charset=utf-8"), ("/", "text/html; charset=utf-8"),
            ("/page.css", "text/css; charset=utf-8"), ("/page.js", "text/javascript; charset=utf-8"),
            ("/apis.json", "application/json"),
        ] {
            let part = try #require(get(gateway, "/_orrery/developer" + path))
            #expect(part.status == 200 && part.headers["content-type"] == type)
            #expect(part.headers["x-content-type-options"] == "nosniff")
            let policy = try #require(part.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"))
            // Nothing from elsewhere, nothing that would become markup, and nothing inline.
            for text in ["http://", "https://", "innerHTML", "insertAdjacent", "<script>", "<style", "style=\""] {
                #expect(!part.text.contains(text), "\(path) has \(text)")
            }
        }
        #expect(get(gateway, "/_orrery/developer/other") == nil)
        #expect(get(gateway, "/_orrery/developer", method: .post)?.status == 405)
    }

    /// A request from here, by a name of here, that nobody passed on; unless the settings say otherwise.
    @Test func elsewhereItIsNotShown() throws {
        let there = HTTPPeerAddress(ipv4: 0xC000_0201, port: 4000)
        let loopback6 = HTTPPeerAddress(ipv6High: 0, low: 1, port: 4000)
        let gateway = try TestGateway([])
        #expect(get(gateway, "/_orrery/developer", host: "[::1]:8081", from: loopback6)?.status == 200)
        #expect(get(gateway, "/_orrery/developer", host: "127.0.0.1")?.status == 200)
        #expect(get(gateway, "/_orrery/developer", from: there) == nil)
        #expect(get(gateway, "/_orrery/developer", from: .unknown) == nil)
        #expect(get(gateway, "/_orrery/developer", host: "evil.example") == nil)
        #expect(get(gateway, "/_orrery/developer", host: "localhost.evil.example") == nil)
        #expect(get(gateway, "/_orrery/developer", [(name: "X-Forwarded-For", value: "127.0.0.1")]) == nil)
        let on = try TestGateway([#"{"kind":"settings","id":"settings","developerPage":"on"}"#])
        #expect(get(on, "/_orrery/developer", host: "api.example.org", from: there)?.status == 200)
        let off = try TestGateway([#"{"kind":"settings","id":"settings","developerPage":"off"}"#])
        #expect(get(off, "/_orrery/developer") == nil)
    }

    /// What a configuration says stays a text of a document, and keys, digests and secrets are not in it.
    @Test func apisAndProductsAreTold() throws {
        let gateway = try TestGateway(
            StoryTests.documents + [
                #"{"kind":"api","id":"odd","path":"/odd","displayName":"</script><script>alert(1)</script>","#
                    + #""policies":[{"policy":"set-header","name":"X-Key","value":"{env.KEY}"}],"operations":[]}"#
            ])
        let part = try #require(get(gateway, "/_orrery/developer/apis.json"))
        #expect(part.headers["content-type"] == "application/json")
        #expect(part.json["apis"]?.array?.compactMap { $0["id"]?.string } == ["odd", "loads"])
        let products = try #require(part.json["products"]?.array)
        #expect(products.compactMap { $0["id"]?.string } == ["carrier", "internal", "shipper"])
        #expect(products[0]["limits"]?.description == #"["200 calls a second","2000000 calls a day"]"#)
        #expect(part.json["apis"]?[1]?["openapi"]?["paths"]?["/loads/{id}"]?["get"] != nil)
        #expect(!part.text.contains("s&cret") && !part.text.contains(Subscription.digest(ofKey: "aaaa1111")))
    }
}
