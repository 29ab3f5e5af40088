import OrreryDocuments
import OrreryHTTP
import TestSupport
import Testing

@testable import OrreryGateway

@Suite struct PolicyTests {
    private func api(
        _ policies: String, path: String = "/{id}", method: String = "GET", _ more: String = ""
    ) -> String {
        #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":[\#(policies)],"operations":["#
            + #"{"id":"o","method":"\#(method)","path":"\#(path)","backend":{"handler":"echo"}\#(more)}]}"#
    }

    private func echo(
        _ policies: String, _ target: String = "/a/7", _ headers: [(name: String, value: String)] = []
    ) throws -> JSONValue {
        let answer = try #require(try TestGateway([api(policies)]).send("GET", target, headers))
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json
    }

    // MARK: What is changed

    @Test(arguments: [("override", "new"), ("skip", "old"), ("append", "new"), ("delete", nil)] as [(String, String?)])
    func headersOfRequestsAreChanged(_ action: String, _ expected: String?) throws {
        let policy = #"{"policy":"set-header","name":"X-Lane","action":"\#(action)","value":"new"}"#
        #expect(try echo(policy, "/a/7", [("x-lane", "old")])["header:x-lane"]?.string == expected)
        #expect(try echo(policy)["header:x-lane"]?.string == (action == "delete" ? nil : "new"))
    }

    @Test func valuesAreTakenFromTheCall() throws {
        let value = "{request.method} {path.id} {request.headers.x-a}|{request.querystring.b}|{client.address}"
            + "|{claims.sub}"
        let seen = try echo(
            #"{"policy":"set-header","name":"X-All","value":"\#(value)"}"#, "/a/7?b=%C3%A9", [("X-A", "1")])
        #expect(seen["header:x-all"]?.string == "GET 7 1|é|192.0.2.1|")
    }

    /// A value from a request ends no line of another.
    @Test func valuesEndNoLines() throws {
        let seen = try echo(
            #"{"policy":"set-header","name":"X-All","value":"{request.querystring.b}"}"#, "/a/7?b=x%0D%0AX-Evil:%201")
        #expect(seen["header:x-all"]?.string == "x  X-Evil: 1")
        #expect(seen["header:x-evil"] == nil)
    }

    @Test func headersOfAnswersAreChanged() throws {
        let gateway = try TestGateway([
            api(#"{"policy":"set-header","of":"response","name":"content-type","value":"text/plain"},"#
                + #"{"policy":"set-header","of":"response","name":"X-Id","value":"{path.id}"}"#)
        ])
        let answer = gateway.send("GET", "/a/7")
        #expect(answer?.headers["content-type"] == "text/plain")
        #expect(answer?.headers["x-id"] == "7")
        #expect(answer?.headers.all.count == 2)
    }

    @Test func queriesAndPathsAreChanged() throws {
        let policies = #"{"policy":"set-query","name":"v","value":"{path.id}"},"#
            + #"{"policy":"rewrite-uri","template":"/x/{path.id}/y"}"#
        #expect(try echo(policies, "/a/7?v=1&w=a%20b")["path"]?.string == "/x/7/y?w=a%20b&v=7")
        #expect(try echo(policies, "/a/a%2Fb")["path"]?.string == "/x/a%2Fb/y?v=a%2Fb")
        let up = try TestGateway([api(policies)]).send("GET", "/a/..%2F..")
        #expect(up?.status == 400)
    }

    /// What a caller says stays in the place that the template gives it.
    @Test(arguments: [
        ("/internal/orders/{path.id}", "/a/7%2Fdelete", "/internal/orders/7%2Fdelete"),
        ("/q/{request.querystring.w}", "/a/7?w=a/b%3Fc", "/q/a%2Fb%3Fc?w=a%2Fb%3Fc"),
        ("/v2{request.path}", "/a/b%2Fc", "/v2/a/b%2Fc"),
        ("/p q/{path.rest}", "/b/one/two%2Fthree/%3F", "/p%20q/one/two%2Fthree/%3F"),
        ("/p/{path.rest}", "/b", "/p/"),
    ]) func whatStandsInAPathIsEncoded(_ template: String, _ target: String, _ path: String) throws {
        let all = #"{"kind":"api","id":"b","path":"/b","requiresSubscription":false,"operations":[{"id":"o","#
            + #""method":"GET","path":"/{*rest}","backend":{"handler":"echo"},"policies":["#
            + #"{"policy":"rewrite-uri","template":"\#(template)"}]}]}"#
        let one = template.contains("rest") ? [] : [api(#"{"policy":"rewrite-uri","template":"\#(template)"}"#)]
        let gateway = try TestGateway(one + [all])
        #expect(gateway.send("GET", target)?.json["path"]?.string == path)
    }

    @Test func mocksAnswerThemselves() throws {
        let gateway = try TestGateway([api(#"{"policy":"mock-response","status":202,"body":{"a":1}}"#)])
        let answer = gateway.send("GET", "/a/7")
        #expect(answer?.status == 202 && answer?.text == #"{"a":1}"# && gateway.calls.isEmpty)
    }

    // MARK: What is refused

    @Test func largeBodiesAreRefused() throws {
        let gateway = try TestGateway([api(#"{"policy":"request-limit","bodyBytes":3}"#, method: "POST")])
        #expect(gateway.send("POST", "/a/7", body: "123")?.status == 200)
        #expect(gateway.send("POST", "/a/7", body: "1234")?.status == 413)
    }

    @Test(arguments: [
        ("/a/7?q=1%20UNION%20SELECT%20x", "", 403), ("/a/7?q=union%20select", "", 403), ("/a/7?q=union", "", 200),
        ("/a/7?q=union%20select&z=%", "", 403), ("/a/7?%&q=union%20select&%2&%2g=%%20", "", 403),
        ("/a/7?q=union%2&z= select", "", 200), ("/a/%2e%2e", "", 403),
        ("/a/7", "<SCRIPT>alert(1)", 403), ("/a/7", "script", 200), ("/a/wp-admin", "", 200),
    ])
    func rulesRefuse(_ target: String, _ body: String, _ status: Int) throws {
        let rules = #"{"query":"union select"},{"path":".."},{"body":"<script"},{"path":"wp-","methods":["PUT"]}"#
        let gateway = try TestGateway([api(#"{"policy":"request-rules","refuse":[\#(rules)]}"#, method: "POST")])
        #expect(gateway.send("POST", target, body: body)?.status == status)
    }

    /// What whoever answers may read otherwise than the first reader does: pluses, and a field's second value.
    @Test func rulesLookAtEveryReading() throws {
        let rules = #"{"query":"union select"},{"query":"a+b"},{"header":"User-Agent","headerText":"sqlmap"}"#
        let gateway = try TestGateway([api(#"{"policy":"request-rules","refuse":[\#(rules)]}"#)])
        for target in ["/a/7?q=1+UNION+select+2", "/a/7?q=a+b", "/a/7?q=a%2Bb"] {
            #expect(gateway.send("GET", target)?.status == 403, "\(target)")
        }
        #expect(gateway.send("GET", "/a/7?q=a%20b")?.status == 200)
        let agents = [(name: "User-Agent", value: "curl"), (name: "user-agent", value: "SQLMap/1")]
        #expect(gateway.send("GET", "/a/7", agents)?.status == 403)
        #expect(gateway.send("GET", "/a/7", [agents[0]])?.status == 200)
    }

    @Test func schemasAreHeldTo() throws {
        let schema = #"""
            ,"schema":{"type":"object","required":["lane"],"additionalProperties":false,"properties":{
              "lane":{"type":"string","minLength":2,"maxLength":4},"tons":{"type":"number","minimum":0,"maximum":40},
              "kind":{"enum":["dry","cold"]},"stops":{"type":"array","maxItems":2,"items":{"type":"integer"}}}}
            """#
        let gateway = try TestGateway([api("", method: "POST", schema)])
        for (body, fault) in [
            (#"{"lane":"AB","tons":40,"kind":"dry","stops":[1,2]}"#, nil), ("{", "The body is not JSON."),
            ("[]", "the body must be of type object"), ("{}", "/lane is required"),
            (#"{"lane":"A"}"#, "/lane must have from 2 to 4 characters"),
            (#"{"lane":"AB","tons":41}"#, "/tons must be at most 40"),
            (#"{"lane":"AB","kind":"hot"}"#, #"/kind must be one of "dry", "cold""#),
            (#"{"lane":"AB","stops":[1,2,3]}"#, "/stops must have from 0 to 2 elements"),
            (#"{"lane":"AB","stops":[1.5]}"#, "/stops/0 must be of type integer"),
            (#"{"lane":"AB","x":1}"#, "/x is not known"),
        ] as [(String, String?)] {
            let answer = gateway.send("POST", "/a/7", body: body)
            #expect(answer?.status == (fault == nil ? 200 : 400), "\(body)")
            if let fault { #expect(answer?.json["message"]?.string?.contains(fault) == true, "\(answer?.text ?? "")") }
        }
    }

    // MARK: Origins

    private static let cors = #"""
        {"policy":"cors","origins":["https://app.example"],"methods":["GET","PUT"],"headers":["x-a"],
         "exposedHeaders":["ETag"],"allowCredentials":true,"maxAgeSeconds":60}
        """#

    @Test(arguments: [
        ("https://app.example", "GET", "x-a", 204), ("https://app.example", "GET", "", 204),
        ("https://app.example", "GET", "X-A", 204), ("https://app.example", "GET", "x-b", 403),
        ("https://app.example", "DELETE", "", 405), ("https://app.example.evil", "GET", "", 403),
        ("null", "GET", "", 403), ("https://APP.example", "GET", "", 403),
    ])
    func preflights(_ origin: String, _ method: String, _ headers: String, _ status: Int) throws {
        let gateway = try TestGateway([api(Self.cors)])
        var fields = [(name: "Origin", value: origin), (name: "Access-Control-Request-Method", value: method)]
        if !headers.isEmpty { fields.append((name: "Access-Control-Request-Headers", value: headers)) }
        let answer = gateway.send("OPTIONS", "/a/7", fields)
        #expect(answer?.status == status)
        #expect((answer?.headers["access-control-allow-origin"] == origin) == (status == 204))
        #expect(gateway.calls.isEmpty)
    }

    @Test func answersNameTheOrigin() throws {
        let gateway = try TestGateway([api(Self.cors)])
        let answer = gateway.send("GET", "/a/7", [("Origin", "https://app.example")])
        #expect(answer?.headers["access-control-allow-origin"] == "https://app.example")
        #expect(answer?.headers["access-control-allow-credentials"] == "true")
        #expect(answer?.headers["vary"] == "Origin")
        let other = gateway.send("GET", "/a/7", [("Origin", "https://evil.example")])
        #expect(other?.status == 200 && other?.headers["access-control-allow-origin"] == nil)
        let without = try TestGateway([api("")])
        let asked = without.send("OPTIONS", "/a/7", [("Origin", "x"), ("Access-Control-Request-Method", "GET")])
        #expect(asked?.status == 403)
    }

    // MARK: Order

    /// Locks come before doors, wherever the configuration has them.
    @Test func policiesHaveTheirOrder() throws {
        let gateway = try TestGateway([
            #"{"kind":"settings","policies":[{"policy":"mock-response","status":204}]}"#,
            api(#"{"policy":"rate-limit","calls":1,"seconds":60},{"policy":"validate-jwt","jwks":"file:keys.json"},"#
                + #"{"policy":"request-limit","bodyBytes":0}"#),
        ])
        let token = [(name: "authorization", value: "Bearer \(SampleTokens.rs256)")]
        #expect(gateway.send("GET", "/a/7", token, body: "x")?.status == 413)
        // Who is refused for the token does not count.
        for _ in 0..<3 { #expect(gateway.send("GET", "/a/7")?.status == 401) }
        #expect(gateway.send("GET", "/a/7", token)?.status == 204)
        #expect(gateway.send("GET", "/a/7", token)?.status == 429)
    }
}
