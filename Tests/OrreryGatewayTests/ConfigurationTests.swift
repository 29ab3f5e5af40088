import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryGateway

@Suite struct ConfigurationTests {
    @Test(arguments: [
        (#"{"kind":"api","path":"/a"}"#, "api: id must be a text"),
        (
            #"{"kind":"api","id":"a b","path":"/a"}"#,
            "api: id must be 1 to 80 letters, digits, dots, hyphens and underscores"
        ),
        (#"{"kind":"api","id":"a","path":"a"}"#, "api: path must be a path that begins with a slash and has no braces"),
        (#"{"kind":"api","id":"a","path":"/dbs"}"#, "api: path must be another: '/dbs' is the server's own"),
        (
            #"{"kind":"api","id":"a","path":"/_orrery/x"}"#,
            "api: path must be another: '/_orrery/x' is the server's own"
        ),
        (#"{"kind":"api","id":"a","path":"/a","polices":[]}"#, "api: there is no 'polices'"),
        (
            #"{"kind":"api","id":"a","path":"/a","policies":[{"policy":"x"}]}"#,
            "api/a, policy 1: there is no policy 'x'"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","policies":[{"policy":"rate-limit","calls":1,"seconds":301}]}"#,
            "api/a, policy 1: seconds must be a number from 1 to 300"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","policies":[{"policy":"validate-jwt"}]}"#,
            "api/a, policy 1: jwks must be there, or secrets"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","policies":[{"policy":"validate-jwt","#
                + #""secrets":[{"secret":"a secret in the open"}]}]}"#,
            "api/a, policy 1, secrets: secret must be a reference such as env:NAME or file:PATH that leads to a secret"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","policies":[{"policy":"validate-jwt","#
                + #""secrets":[{"secret":"env:SHORT"}]}]}"#,
            "api/a, policy 1, secrets: secret must be as long as the codes of HS256"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","policies":[{"policy":"cors","origins":["*"],"#
                + #""allowCredentials":true}]}"#,
            "api/a, policy 1: allowCredentials must be false where every origin is allowed"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","resource":{"container":"_orrery/gateway"}}"#,
            "api 'a', resource: container must be database/container, and not one of the server's own"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","resource":{"container":"shop/loads"}}"#,
            "api 'a', resource: partitionKey must say where a request has the partition key"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","operations":[{"id":"o","method":"GET","path":"/{*rest}/x"}]}"#,
            "api 'a', operation: nothing can follow {*…} in the path '/{*rest}/x'"
        ),
        (
            #"{"kind":"api","id":"a","path":"/a","operations":[{"id":"o","method":"GET","schema":{"contains":{}}}]}"#,
            "api 'a', operation 'o', schema: there is no 'contains'"
        ),
        (#"{"kind":"settings","trustedProxies":["all"]}"#, "settings: trustedProxies must be a list of addresses"),
        (#"{"kind":"thing"}"#, "a document of the configuration has no kind"),
        ("7", "a document of the configuration has no kind"),
    ])
    func mistakesAreNamed(_ document: String, _ message: String) throws {
        let gateway = try TestGateway([])
        #expect(gateway.gateway.configure([try JSONValue(parsing: document)]).map(\.description) == [message])
    }

    @Test func whatCannotBeReadIsNotServed() throws {
        let gateway = try TestGateway([])
        let good = #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":[{"id":"o","#
            + #""method":"GET","backend":{"handler":"echo"}}]}"#
        let broken = good.replacing("\"a\"", with: "\"b\"").replacing("/a", with: "/b")
            .replacing("[{\"id\":\"o\"", with: "[{\"no\":1,\"id\":\"o\"")
        let errors = gateway.gateway.configure(try [good, broken].map { try JSONValue(parsing: $0) })
        #expect(errors.count == 1)
        #expect(gateway.send("GET", "/a")?.status == 200)
        #expect(gateway.send("GET", "/b") == nil)
    }

    @Test func versionsAreToldApart() throws {
        func api(_ id: String, _ version: String, _ path: String = "/a") -> String {
            #"{"kind":"api","id":"\#(id)","path":"\#(path)","requiresSubscription":false,\#(version)"operations":["#
                + #"{"id":"o","method":"GET","policies":[{"policy":"mock-response","body":"\#(id)"}]}]}"#
        }
        let gateway = try TestGateway([
            api("plain", ""), api("path", #""version":{"scheme":"path","value":"v2"},"#),
            api("header", #""version":{"scheme":"header","name":"X-Version","value":"3"},"#),
            api("query", #""version":{"scheme":"query","value":"4"},"#), api("longer", "", "/a/b"),
        ])
        #expect(gateway.send("GET", "/a")?.text == "plain")
        #expect(gateway.send("GET", "/a/v2")?.text == "path")
        #expect(gateway.send("GET", "/a", [("x-version", "3")])?.text == "header")
        #expect(gateway.send("GET", "/a?api-version=4")?.text == "query")
        #expect(gateway.send("GET", "/a?api-version=5")?.text == "plain")
        #expect(gateway.send("GET", "/a/b")?.text == "longer")
        #expect(gateway.send("GET", "/a/v3")?.status == 404)
    }

    /// What the API with the longest path has no operation for is not found, as in API Management: none with a shorter
    /// path is asked, whatever it would take.
    @Test func noShorterPathIsMeant() throws {
        func api(_ id: String, _ path: String, _ operation: String, _ version: String = "") -> String {
            #"{"kind":"api","id":"\#(id)","path":"\#(path)","requiresSubscription":false,\#(version)"operations":["#
                + #"{"id":"o","method":"GET","path":"\#(operation)","#
                + #""policies":[{"policy":"mock-response","body":"\#(id)"}]}]}"#
        }
        let gateway = try TestGateway([
            api("root", "/", "/{*rest}"), api("short", "/a", "/{*rest}"), api("long", "/a/b", "/x"),
            api("versioned", "/a/c", "/x", #""version":{"scheme":"header","name":"v","value":"1"},"#),
        ])
        #expect(gateway.send("GET", "/a/b/x")?.text == "long")
        #expect(gateway.send("GET", "/a/b/y")?.status == 404)
        #expect(gateway.send("POST", "/a/b/x")?.status == 405)
        #expect(gateway.send("GET", "/a/c/x", [("v", "1")])?.text == "versioned")
        for version in ["", "2"] { #expect(gateway.send("GET", "/a/c/x", [("v", version)])?.status == 404) }
        #expect(gateway.send("GET", "/a/bb")?.text == "short" && gateway.send("POST", "/a/bb")?.status == 405)
        #expect(gateway.send("GET", "/other")?.text == "root" && gateway.send("POST", "/other")?.status == 405)
    }

    @Test func aNameMayStandBetweenTexts() throws {
        let template = try PathTemplate("/topics/{topic}:publish", at: "a")
        #expect(template.match(["topics", "a:b:publish"]) == ["topic": "a:b"])
        #expect(template.match(["topics", ":publish"]) == nil)
        #expect(template.match(["topics", "publish"]) == nil)
        #expect(try PathTemplate("/a-{b}", at: "a").match(["a-é"]) == ["b": "é"])
        for wrong in ["/{a}{b}", "/{}", "/}a{", "/{a", "/{{a}}"] {
            #expect(throws: ConfigurationError.self) { try PathTemplate(wrong, at: "a") }
        }
    }

    @Test func theMostSpecificPathWins() throws {
        func operation(_ id: String, _ path: String) -> String {
            #"{"id":"\#(id)","method":"GET","path":"\#(path)","policies":[{"policy":"mock-response","body":"\#(id)"}]}"#
        }
        let operations = [operation("rest", "/{*all}"), operation("one", "/{id}"), operation("list", "/list")]
        let all = operations.joined(separator: ",")
        let gateway = try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":[\#(all)]}"#
        ])
        #expect(gateway.send("GET", "/a/list")?.text == "list")
        #expect(gateway.send("GET", "/a/other")?.text == "one")
        #expect(gateway.send("GET", "/a/x/y")?.text == "rest")
    }
}
