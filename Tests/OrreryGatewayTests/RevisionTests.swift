import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryGateway

/// Versions are for callers to choose, revisions for operators to try before they release them.
@Suite struct RevisionTests {
    private func api(_ id: String, _ more: String = #""path":"/a""#, body: String) -> String {
        #"{"kind":"api","id":"\#(id)",\#(more),"requiresSubscription":false,"operations":[{"id":"read","method":"GET","#
            + #""path":"/x","policies":[{"policy":"rate-limit","calls":3,"seconds":1},"#
            + #"{"policy":"mock-response","body":"\#(body)"}]}]}"#
    }

    @Test func revisionsAreNamedInThePath() throws {
        let gateway = try TestGateway([
            api("a", #""path":"/a","revision":2"#, body: "two"), api("a;rev=1", #""path":"/other""#, body: "one"),
            api("a;rev=3", #""displayName":"third""#, body: "three"),
        ])
        #expect(gateway.send("GET", "/a/x")?.text == "two")
        #expect(gateway.send("GET", "/a;rev=2/x")?.text == "two")
        #expect(gateway.send("GET", "/a;rev=1/x")?.text == "one")
        // All revisions are one API to whoever counts.
        #expect(gateway.send("GET", "/a;rev=3/x")?.status == 429)
        gateway.pass(seconds: 1)
        #expect(gateway.send("GET", "/a;rev=3/x")?.text == "three")
        for other in ["/a;rev=4/x", "/a;rev=/x", "/a;rev=03/x", "/other/x", "/a;rev=1x/x"] {
            #expect(gateway.send("GET", other)?.status != 200, "\(other)")
        }
        let combined = gateway.gateway.openAPI(server: "s")["paths"]?.members?.map(\.name)
        #expect(combined == ["/a/x"])
        let third = gateway.gateway.openAPI(server: "s", ofAPI: "a;rev=3")
        #expect(third?["paths"]?.members?.map(\.name) == ["/a;rev=3/x"] && third?["info"]?["title"]?.string == "third")
    }

    @Test func revisionsOfVersions() throws {
        func version(_ scheme: String) -> String {
            #""path":"/a","version":{"scheme":"\#(scheme)","name":"v","value":"1"}"#
        }
        let path = try TestGateway([
            api("a", version("path"), body: "one"), api("a;rev=2", #""description":"""#, body: "two"),
        ])
        #expect(path.send("GET", "/a/1/x")?.text == "one" && path.send("GET", "/a/1;rev=2/x")?.text == "two")
        #expect(path.send("GET", "/a/2/x")?.status == 404 && path.send("GET", "/a;rev=2/1/x") == nil)
        for scheme in ["header", "query"] {
            let gateway = try TestGateway([
                api("a", version(scheme), body: "one"), api("a;rev=2", #""description":"""#, body: "two"),
            ])
            let (field, query) = scheme == "header" ? ([(name: "V", value: "1")], "") : ([], "?v=1")
            #expect(gateway.send("GET", "/a/x" + query, field)?.text == "one")
            #expect(gateway.send("GET", "/a;rev=2/x" + query, field)?.text == "two")
            // A version that there is none of is not found, rather than the server's.
            #expect(gateway.send("GET", "/a/x")?.status == 404)
            #expect(gateway.send("GET", "/a/x?v=9", [(name: "V", value: "9")])?.status == 404)
        }
    }

    @Test func mistakes() throws {
        let gateway = try TestGateway([api("a", body: "a")])
        func check(_ document: String) throws { try gateway.gateway.check(JSONValue(parsing: document), of: .api) }
        let message = "api: id must be a name, perhaps with ;rev= and a number from 1 to 100000"
        for id in ["a;rev=0", "a;rev=x", ";rev=2", "a;rev=1;rev=2", "a;rev=100001"] {
            #expect(throws: ConfigurationError(message)) { try check(api(id, body: "a")) }
        }
        #expect(throws: ConfigurationError("api 'b': the path and version are those of the API 'a'")) {
            try check(api("b", body: "b"))
        }
        try check(api("b", #""path":"/a","version":{"scheme":"query","value":"1"}"#, body: "b"))
        let alone = gateway.gateway.configure([try JSONValue(parsing: api("b;rev=2", body: "b"))])
        #expect(alone == [ConfigurationError("api 'b;rev=2': there is no API that it is a revision of")])
        #expect(gateway.send("GET", "/a/x") == nil)
    }
}
