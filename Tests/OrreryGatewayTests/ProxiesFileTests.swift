import OrreryDocuments
import OrreryHTTP
import Testing

@testable import OrreryGateway

/// Files as Azure Functions Proxies had them, and what the gateway makes of them.
@Suite struct ProxiesFileTests {
    private static let file = #"""
        {"$schema": "http://json.schemastore.org/proxies", "proxies": {
          "plain": {
            "matchCondition": {"methods": ["GET"], "route": "/api/{test}"},
            "backendUri": "https://other.example.org/api/lookup"},
          "cars": {
            "desc": ["Cars by their number"],
            "matchCondition": {"route": "/v1/cars/{number}/{*rest}"},
            "backendUri": "https://%HOST%/fleet/{number}/{rest}?code=%KEY%&lane={request.querystring.lane}&a=b%20c",
            "requestOverrides": {
              "backend.request.method": "post", "backend.request.headers.Accept": "application/xml",
              "backend.request.headers.X-Lane": "{request.headers.X-From}!", "backend.request.headers.X-Gone": "",
              "backend.request.querystring.version": "2"},
            "responseOverrides": {
              "response.statusCode": "{backend.response.statusCode}", "response.headers.Content-Type": "text/plain",
              "response.headers.X-Powered-By": "", "response.headers.X-Was": "{backend.response.headers.X-Is}"}},
          "mock": {
            "matchCondition": {"methods": ["GET", "HEAD"], "route": "/hello/{name?}"},
            "responseOverrides": {
              "response.statusCode": "202", "response.headers.X-Kind": "mock",
              "response.body": {"hello": "{name}", "from": "{request.headers.X-From}", "list": [1, "\\{x\\} 100%"]}}},
          "text": {
            "matchCondition": {"methods": ["GET"], "route": "/text"},
            "responseOverrides": {"response.body": "a {{b}}"}},
          "empty": {"matchCondition": {"methods": ["GET"], "route": "/empty"}},
          "gone": {"disabled": true, "matchCondition": {"route": "/gone"}, "backendUri": "https://a"}}}
        """#

    private func gateway(_ path: String = "/") throws -> (TestGateway, warnings: [String]) {
        var file = try ProxiesFile(Array(Self.file.utf8))
        let api = try file.api(id: "proxies", path: path, requiresSubscription: false)
        return (try TestGateway([api.description]), file.warnings)
    }

    @Test func requestsGoWhereTheFileSays() throws {
        let (gateway, warnings) = try gateway()
        #expect(warnings == ["the proxy 'gone' is disabled and was left out"])
        #expect(gateway.send("GET", "/api/anything?x=1")?.status == 200)
        #expect(gateway.passedOn.last?.url == "https://other.example.org/api/lookup?x=1")
        #expect(gateway.send("POST", "/api/anything")?.status == 405)

        let sent = [(name: "X-From", value: "A-B"), (name: "X-Gone", value: "y"), (name: "Accept", value: "*/*")]
        #expect(gateway.send("PUT", "/v1/cars/7%20a/b/c?lane=%26&z=1", sent, body: "x")?.status == 200)
        let passedOn = try #require(gateway.passedOn.last)
        let address = "https://back.example.org/fleet/7%20a/b/c"
        #expect(passedOn.url == address + "?z=1&code=%7Bs%26cret%7D&lane=%26&a=b%20c&version=2")
        #expect(passedOn.method == .post)
        let fields = Dictionary(passedOn.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        #expect(fields["accept"] == "application/xml" && fields["x-lane"] == "A-B!" && fields["x-gone"] == nil)
    }

    @Test func answersAreWhatTheFileSays() throws {
        let (gateway, _) = try gateway()
        let fields = [
            (name: "X-Powered-By", value: "steam"), (name: "X-Is", value: "tea"), (name: "X-Other", value: "1"),
        ]
        gateway.answerBackend(.success(HTTPClientResponse(status: 418, headers: HTTPHeaders(fields))))
        let seen = gateway.send("GET", "/v1/cars/7/8")
        #expect(seen?.status == 418 && seen?.headers["x-was"] == "tea" && seen?.headers["x-other"] == "1")
        #expect(seen?.headers["x-powered-by"] == nil && seen?.headers["content-type"] == "text/plain")

        let hello = gateway.send("GET", "/hello/ada", [(name: "X-From", value: "here")])
        #expect(hello?.status == 202 && hello?.headers["x-kind"] == "mock")
        #expect(hello?.headers["content-type"] == "application/json")
        #expect(hello?.text == #"{"hello":"ada","from":"here","list":[1,"{x} 100%"]}"#)
        #expect(gateway.send("GET", "/hello")?.json["hello"]?.string == "")
        let text = gateway.send("GET", "/text")
        #expect(text?.text == "a {b}" && text?.headers["content-type"] == "text/plain; charset=utf-8")
        #expect(gateway.send("GET", "/empty")?.status == 200)
    }

    /// An API of the root leaves alone what is the database's, and what nobody named.
    @Test func theRootIsStillTheServers() throws {
        let (gateway, _) = try gateway()
        for path in ["/", "/dbs", "/dbs/a/colls", "/gone", "/elsewhere/x", "/_orrery/gateway", "/metrics"] {
            #expect(gateway.send("GET", path) == nil, "\(path)")
        }
        let (under, _) = try self.gateway("/old")
        #expect(under.send("GET", "/text") == nil)
        #expect(under.send("GET", "/old/text")?.text == "a {b}")
        #expect(under.send("GET", "/old/nothing")?.status == 404)
    }

    @Test(arguments: [
        ("[]", "proxies.json must be a JSON object with 'proxies'"),
        (#"{"proxies":{}}"#, "proxies.json has no proxy"),
        (#"{"proxies":{},"x":1}"#, "proxies.json: there is no 'x'"),
        (#"{"proxies":{"p":{}}}"#, "the proxy 'p': matchCondition must be an object with a route"),
        (
            #"{"proxies":{"p":{"matchCondition":{"route":"/dbs/{x}"}}}}"#,
            "the proxy 'p': '/dbs/{x}' is the server's own"
        ),
        (
            #"{"proxies":{"p":{"matchCondition":{"route":"/{x:int}"}}}}"#,
            "the proxy 'p': '{x:int}': constraints of routes are not read"
        ),
        (
            #"{"proxies":{"p":{"matchCondition":{"route":"/a","methods":["TRACE"]}}}}"#,
            "the proxy 'p': 'TRACE' is no method that is served"
        ),
        (
            #"{"proxies":{"p":{"matchCondition":{"route":"/{host}"},"backendUri":"https://{host}/"}}}"#,
            "the proxy 'p': the server of backendUri cannot be taken from the request"
        ),
        (
            #"{"proxies":{"p":{"matchCondition":{"route":"/a"},"backendUri":"ftp://a"}}}"#,
            "the proxy 'p': backendUri must begin with http:// or https://"
        ),
        (
            #"{"proxies":{"p":{"matchCondition":{"route":"/a"},"backendUri":"https://a/{b}"}}}"#,
            "the proxy 'p': '{b}' stands for nothing"
        ),
        (
            #"{"proxies":{"p":{"matchCondition":{"route":"/a"},"requestOverrides":{"x":"1"}}}}"#,
            "the proxy 'p', requestOverrides: there is no 'x'"
        ),
        (
            #"{"proxies":{"p":{"matchCondition":{"route":"/a"},"bakendUri":"x"}}}"#,
            "the proxy 'p': there is no 'bakendUri'"
        ),
    ])
    func mistakes(_ text: String, _ message: String) {
        #expect(throws: ConfigurationError(message)) {
            var file = try ProxiesFile(Array(text.utf8))
            _ = try file.api(id: "p", path: "/", requiresSubscription: false)
        }
    }

    /// What a setting holds is not shown: the document keeps its name, and one that is missing is said.
    @Test func settingsStayOutOfTheDocument() throws {
        var file = try ProxiesFile(Array(Self.file.utf8))
        let api = try file.api(id: "proxies", path: "/", requiresSubscription: true)
        #expect(api.description.contains("{env.KEY}") && !api.description.contains("s&cret"))
        let gateway = try TestGateway([])
        let missing = try JSONValue(parsing: api.description.replacing("{env.KEY}", with: "{env.NONE}"))
        #expect(throws: ConfigurationError("there is no setting 'NONE'")) {
            try gateway.gateway.check(missing, of: .api)
        }
    }
}
