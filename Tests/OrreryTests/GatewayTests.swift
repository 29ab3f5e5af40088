import Foundation
import FoundationNetworking
import Orrery
import OrreryCrypto
import Testing

/// The front door of a freight exchange: carriers and shippers with keys and limits, and people of the house with
/// tokens, over one container of loads.
@Suite struct GatewayTests {
    /// An app with a folder of its own, which can be started again.
    private final class Exchange: @unchecked Sendable {
        private(set) var app: App
        let directory = NSTemporaryDirectory() + "orrery-gateway-\(UUID().uuidString)"
        private let session: URLSession

        init() {
            let configuration = URLSessionConfiguration.ephemeral
            configuration.httpMaximumConnectionsPerHost = 128
            session = URLSession(configuration: configuration)
            app = App()
        }

        deinit { try? FileManager.default.removeItem(atPath: directory) }

        /// - Parameter declared: what the program says of its gateway.
        func start(declaring declared: String? = nil) async throws {
            var configuration = AppConfiguration()
            configuration.directory = directory
            configuration.port = 0
            app = App(configuration: configuration)
            app.onCall("quote") { request, _ in
                try Response.json(["lane": request["lane"] ?? "", "for": request.tenant ?? ""])
            }
            if let declared { app.configureGateway(declared) }
            try await app.start()
        }

        static let master = ["Authorization": "Bearer \(AppConfiguration().key)"]

        @discardableResult
        func send(
            _ method: String, _ path: String, _ headers: [String: String] = [:], body: String = ""
        ) async throws -> (status: Int, text: String, headers: [String: String]) {
            var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(app.port ?? 0)\(path)")))
            request.httpMethod = method
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            if !body.isEmpty { request.httpBody = Data(body.utf8) }
            let (data, response) = try await session.data(for: request)
            let answer = response as? HTTPURLResponse
            let fields = (answer?.allHeaderFields ?? [:]).map { ("\($0.key)".lowercased(), "\($0.value)") }
            return (answer?.statusCode ?? 0, String(decoding: data, as: UTF8.self), Dictionary(fields) { a, _ in a })
        }

        /// Configures a part of the gateway.
        @discardableResult
        func put(_ path: String, _ body: String) async throws -> [String: String] {
            let answer = try await send("PUT", "/_orrery/gateway/" + path, Self.master, body: body)
            #expect(answer.status == 201 || answer.status == 200, "\(path): \(answer.text)")
            let json = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
            return (json ?? [:]).compactMapValues { $0 as? String }
        }

        /// The whole exchange. Answers the keys of the carrier and of the shipper.
        func configure() async throws -> (carrier: String, shipper: String) {
            try await send("POST", "/dbs", Self.master, body: #"{"id":"shop"}"#)
            let container = #"{"id":"loads","partitionKey":{"paths":["/lane"],"kind":"Hash","version":2}}"#
            try await send("POST", "/dbs/shop/colls", Self.master, body: container)
            let secret = directory + "/token-secret"
            try String(repeating: "s", count: 64).write(toFile: secret, atomically: true, encoding: .utf8)
            try await put("apis/loads", #"""
                {"path":"/loads","resource":{"container":"shop/loads","partitionKey":["{request.querystring.lane}"],
                  "filters":["status"],"acrossPartitions":true,
                  "schema":{"type":"object","required":["lane"],"properties":{"lane":{"type":"string"}}}},
                 "operations":[{"id":"quote","method":"GET","path":"/quotes/{lane}","backend":{"handler":"quote"}}]}
                """#)
            try await put("products/carrier", #"""
                {"apis":["loads"],"policies":[{"policy":"rate-limit","calls":200,"seconds":1},
                  {"policy":"quota","calls":2000000,"seconds":86400}]}
                """#)
            try await put("products/shipper", #"""
                {"apis":["loads"],"policies":[{"policy":"rate-limit","calls":50,"seconds":300}]}
                """#)
            try await put("products/internal", #"""
                {"apis":["loads"],"requiresSubscription":false,"policies":[{"policy":"validate-jwt",
                  "secrets":[{"secret":"file:\#(secret)"}],"audiences":["loads"],"tenantClaim":"sub"}]}
                """#)
            let carrier = try await put("subscriptions/acme", #"{"product":"carrier"}"#)
            let shipper = try await put("subscriptions/north", #"{"product":"shipper","tenant":"North"}"#)
            return (try #require(carrier["primaryKey"]), try #require(shipper["secondaryKey"]))
        }
    }

    private func key(_ text: String) -> [String: String] { ["Ocp-Apim-Subscription-Key": text] }

    private static func token(_ claims: String) -> String {
        func encoded(_ bytes: [UInt8]) -> String {
            Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let text = encoded(Array(#"{"alg":"HS256"}"#.utf8)) + "." + encoded(Array(claims.utf8))
        let secret = [UInt8](String(repeating: "s", count: 64).utf8)
        return text + "." + encoded(HMACAlgorithm.sha256.code(key: secret, message: Array(text.utf8)))
    }

    @Test(.timeLimit(.minutes(1))) func theExchangeServes() async throws {
        let exchange = Exchange()
        try await exchange.start()
        let (carrier, shipper) = try await exchange.configure()
        for number in 1...3 {
            let load = #"{"id":"\#(number)","lane":"A-B","status":"\#(number == 2 ? "taken" : "open")"}"#
            let made = try await exchange.send("POST", "/loads?lane=A-B", key(shipper), body: load)
            #expect(made.status == 201 && made.headers["location"] == "/loads/\(number)", "\(made.text)")
        }
        let open = try await exchange.send("GET", "/loads?status=open", key(carrier))
        let loads = [1, 3].map { #"{"id":"\#($0)","lane":"A-B","status":"open"}"# }.joined(separator: ",")
        #expect(open.text == #"{"items":[\#(loads)]}"#)
        let one = try await exchange.send("GET", "/loads/2?lane=A-B", key(carrier))
        #expect(one.text == #"{"id":"2","lane":"A-B","status":"taken"}"#)
        let tag = try #require(one.headers["etag"])
        let taken = #"{"id":"2","lane":"A-B","status":"done"}"#
        var headers = key(carrier)
        headers["If-Match"] = tag
        #expect(try await exchange.send("PUT", "/loads/2?lane=A-B", headers, body: taken).status == 200)
        #expect(try await exchange.send("PUT", "/loads/2?lane=A-B", headers, body: taken).status == 412)
        #expect(try await exchange.send("POST", "/loads?lane=A-B", key(shipper), body: #"{"id":"9"}"#).status == 400)
        #expect(try await exchange.send("DELETE", "/loads/1?lane=A-B", key(carrier)).status == 204)
        #expect(try await exchange.send("GET", "/loads/1?lane=A-B", key(carrier)).status == 404)
        let quote = try await exchange.send("GET", "/loads/quotes/A-B", key(shipper))
        #expect(quote.text.contains(#""for":"North""#) && quote.text.contains(#""lane":"A-B""#))

        let end = Int(Date().timeIntervalSince1970) + 60
        let bearer = { (claims: String) in ["Authorization": "Bearer \(Self.token(claims))"] }
        let house = try await exchange.send(
            "GET", "/loads/quotes/X", bearer(#"{"aud":"loads","sub":"ada","exp":\#(end)}"#))
        #expect(house.status == 200 && house.text.contains(#""for":"ada""#))
        #expect(try await exchange.send("GET", "/loads/3?lane=A-B").status == 401)
        let described = try await exchange.send("GET", "/_orrery/gateway/openapi", Exchange.master)
        #expect(described.text.hasPrefix(#"{"openapi":"3.1.0""#) && described.text.contains(#""/loads/quotes/{lane}""#))
        let other = bearer(#"{"aud":"other","sub":"ada","exp":\#(end)}"#)
        #expect(try await exchange.send("GET", "/loads/3?lane=A-B", other).status == 401)
        await exchange.app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func changesCountAtOnceAndLast() async throws {
        let exchange = Exchange()
        try await exchange.start()
        let (carrier, shipper) = try await exchange.configure()
        let one = "/loads/quotes/X"
        #expect(try await exchange.send("GET", one, key(carrier)).status == 200)
        try await exchange.put("subscriptions/acme", #"{"product":"carrier","state":"suspended"}"#)
        #expect(try await exchange.send("GET", one, key(carrier)).status == 401)
        try await exchange.put("subscriptions/acme", #"{"product":"carrier"}"#)
        #expect(try await exchange.send("GET", one, key(carrier)).status == 200)
        let renewal = try await exchange.send(
            "POST", "/_orrery/gateway/subscriptions/acme/keys/primary", Exchange.master)
        #expect(try await exchange.send("GET", one, key(carrier)).status == 401)
        let renewed = String(renewal.text.split(separator: "\"").last { $0.count == 32 } ?? "")
        #expect(try await exchange.send("GET", one, key(renewed)).status == 200)
        let wrong = try await exchange.send(
            "PUT", "/_orrery/gateway/products/carrier", Exchange.master, body: #"{"apis":["loads"],"polices":[]}"#)
        #expect(wrong.status == 400 && wrong.text.contains("there is no 'polices'"))
        await exchange.app.stop()
        try await exchange.start()
        #expect(try await exchange.send("GET", one, key(renewed)).status == 200)
        #expect(try await exchange.send("GET", one, key(shipper)).status == 200)
        #expect(try await exchange.send("DELETE", "/_orrery/gateway/apis/loads", Exchange.master).status == 204)
        #expect(try await exchange.send("GET", one, key(shipper)).status == 400)
        await exchange.app.stop()
    }

    /// Each kind of document, changed over HTTP: the next call is answered by the change.
    @Test(.timeLimit(.minutes(1))) func everyKindOfChangeCountsAtOnce() async throws {
        let exchange = Exchange()
        try await exchange.start()
        func api(_ body: String) async throws {
            try await exchange.put("apis/a", #"""
                {"path":"/a","operations":[{"id":"x","method":"GET","path":"/x",
                  "policies":[{"policy":"mock-response","body":"\#(body)"}]}]}
                """#)
        }
        func status(_ key: String) async throws -> Int { try await exchange.send("GET", "/a/x", self.key(key)).status }
        try await api("one")
        try await exchange.put("products/p", #"{"apis":["a"]}"#)
        let keys = try await exchange.put("subscriptions/s", #"{"product":"p"}"#)
        let (first, second) = (try #require(keys["primaryKey"]), try #require(keys["secondaryKey"]))
        #expect(try await exchange.send("GET", "/a/x", key(first)).text == "one")
        try await api("two")
        #expect(try await exchange.send("GET", "/a/x", key(first)).text == "two")

        let limited = #"{"apis":["a"],"policies":[{"policy":"rate-limit","calls":1,"seconds":300}]}"#
        try await exchange.put("products/p", limited)
        #expect(try await status(first) == 200)
        #expect(try await status(first) == 429)
        try await exchange.put("products/p", #"{"apis":["a"]}"#)
        #expect(try await status(first) == 200)

        let closed = #"{"policies":[{"policy":"ip-filter","action":"forbid","addresses":["127.0.0.0/8"]}]}"#
        try await exchange.put("settings", closed)
        #expect(try await status(first) == 403)
        try await exchange.put("settings", "{}")
        #expect(try await status(first) == 200)

        for (kind, old, other) in [("secondary", second, 200), ("primary", first, 401)] {
            _ = try await exchange.send("POST", "/_orrery/gateway/subscriptions/s/keys/\(kind)", Exchange.master)
            #expect(try await status(old) == 401)
            #expect(try await status(first) == other)
        }
        let again = try #require(try await exchange.put("subscriptions/t", #"{"product":"p"}"#)["primaryKey"])
        #expect(try await status(again) == 200)
        #expect(try await exchange.send("DELETE", "/_orrery/gateway/subscriptions/t", Exchange.master).status == 204)
        #expect(try await status(again) == 401)
        await exchange.app.stop()
    }

    /// A change that the gateway is not told of comes by its container's change feed: the program writes it itself.
    @Test(.timeLimit(.minutes(1))) func changesComeByTheChangeFeed() async throws {
        struct Subscription: Codable, Sendable {
            var id, kind, product, primaryKeyDigest: String
            var state: String?
        }
        let exchange = Exchange()
        try await exchange.start()
        let (carrier, _) = try await exchange.configure()
        let documents = try #require(exchange.app.store).database("_orrery").container("gateway")
        var found = try #require(try await documents.item("acme", in: "subscription", as: Subscription.self)).value
        for (state, status) in [("suspended", 401), ("active", 200)] {
            found.state = state
            try await documents.upsert(found)
            var answered = 0
            for _ in 0..<2000 where answered != status {
                answered = try await exchange.send("GET", "/loads/quotes/X", key(carrier)).status
            }
            #expect(answered == status)
        }
        await exchange.app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func revisionsAreReleased() async throws {
        let exchange = Exchange()
        try await exchange.start()
        func api(_ body: String) -> String {
            #"{"path":"/a","requiresSubscription":false,"operations":[{"id":"x","method":"GET","path":"/x","#
                + #""policies":[{"policy":"mock-response","body":"\#(body)"}]}]}"#
        }
        func text(_ path: String) async throws -> String { try await exchange.send("GET", path).text }
        func send(_ method: String, _ path: String, _ body: String = "") async throws -> (status: Int, text: String) {
            let answer = try await exchange.send(method, "/_orrery/gateway/apis/" + path, Exchange.master, body: body)
            return (answer.status, answer.text)
        }
        #expect(try await send("PUT", "a;rev=2", api("two")).status == 400)
        try await exchange.put("apis/a", api("one"))
        #expect(try await send("PUT", "a;rev=1", api("one")).status == 400)
        try await exchange.put("apis/a;rev=2", api("two").replacing(#""path":"/a","#, with: ""))
        #expect(try await text("/a/x") == "one")
        #expect(try await text("/a;rev=2/x") == "two")
        #expect(try await send("POST", "a/release", #"{"revision":3}"#).status == 404)
        let release = try await send("POST", "a/release", #"{"revision":2,"notes":"better"}"#)
        #expect(release.status == 200 && release.text.contains(#""notes":"better""#), "\(release.text)")
        #expect(try await text("/a/x") == "two")
        #expect(try await text("/a;rev=1/x") == "one")
        try await exchange.put("apis/a", api("mended"))
        #expect(try await text("/a;rev=2/x") == "mended")
        #expect(try await send("GET", "a").text.contains(#""revision":2"#))
        #expect(try await send("DELETE", "a").status == 204)
        #expect(try await send("GET", "a;rev=1").status == 404)
        await exchange.app.stop()
    }

    /// What is released stays so when the program says again what its APIs are.
    @Test(.timeLimit(.minutes(1))) func aReleaseOutlivesAStart() async throws {
        let exchange = Exchange()
        func api(_ id: String, _ body: String) -> String {
            #"{"id":"\#(id)","path":"/a","requiresSubscription":false,"operations":[{"id":"x","method":"GET","#
                + #""path":"/x","policies":[{"policy":"mock-response","body":"\#(body)"}]}]}"#
        }
        func text(_ path: String) async throws -> String { try await exchange.send("GET", path).text }
        func etags() async throws -> [String] {
            let query = try await exchange.send("GET", "/dbs/_orrery/colls/gateway/docs", Exchange.master).text
            return query.split(separator: #""_etag":""#).dropFirst().map { String($0.prefix(38)) }.sorted()
        }
        let declared = #"{"apis":[\#(api("a", "one")),\#(api("a;rev=2", "two"))]}"#
        try await exchange.start(declaring: declared)
        #expect(try await text("/a/x") == "one")
        #expect(try await text("/a;rev=2/x") == "two")
        let release = try await exchange.send(
            "POST", "/_orrery/gateway/apis/a/release", Exchange.master, body: #"{"revision":2}"#)
        #expect(release.status == 200, "\(release.text)")
        var before: [String] = []
        for start in 1...2 {
            await exchange.app.stop()
            try await exchange.start(declaring: declared)
            let kept = try await exchange.send("GET", "/_orrery/gateway/apis/a", Exchange.master).text
            #expect(kept.contains(#""revision":2"#) && kept.contains(#""releases":["#), "\(kept)")
            #expect(try await text("/a;rev=1/x") == "one")
            #expect(try await exchange.send("GET", "/_orrery/gateway/apis/a;rev=2", Exchange.master).status == 404)
            let after = try await etags()
            #expect(after.count >= 2 && (start == 1 || after == before))
            before = after
        }
        await exchange.app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func apisAreMadeOfOtherForms() async throws {
        let exchange = Exchange()
        try await exchange.start()
        let port = exchange.app.port ?? 0
        let description = #"{"openapi":"3.1.0","info":{"title":"Back","version":"1"},"security":[],"#
            + #""servers":[{"url":"http://127.0.0.1:\#(port)"}],"paths":{"/healthz":{"get":{"parameters":["#
            + #"{"name":"n","in":"query","schema":{"type":"integer"}},"#
            + #"{"name":"lane","in":"query","schema":{"type":"string","pattern":"^[A-Z]-[A-Z]$"}}]}}}}"#
        let made = try await exchange.send(
            "PUT", "/_orrery/gateway/apis/back/openapi?path=/behind", Exchange.master, body: description)
        #expect(made.status == 201 && made.text.contains(#""warnings":["security: "#), "\(made.text)")
        try await exchange.put("products/all", #"{"apis":["back"],"requiresSubscription":false}"#)
        #expect(try await exchange.send("GET", "/behind/healthz?n=1").text == "ok\n")
        #expect(try await exchange.send("GET", "/behind/healthz?n=x").status == 400)
        #expect(try await exchange.send("GET", "/behind/healthz?lane=A-B").text == "ok\n")
        let lane = try await exchange.send("GET", "/behind/healthz?lane=A-B%0A")
        let fault = "The request does not fit: the parameter 'lane' does not have the form asked for."
        #expect(lane.status == 400 && lane.text == #"{"statusCode":400,"message":"\#(fault)"}"#)
        let unread = try await exchange.send(
            "PUT", "/_orrery/gateway/apis/bad/openapi", Exchange.master,
            body: description.replacing("^[A-Z]-[A-Z]$", with: "[A-Z"))
        #expect(unread.status == 400 && unread.text.contains("parameter 'lane': pattern '[A-Z' is no regular"))
        let proxies = #"{"proxies":{"alive":{"matchCondition":{"route":"/alive","methods":["GET"]},"#
            + #""backendUri":"http://127.0.0.1:\#(port)/healthz","responseOverrides":{"response.statusCode":"202"}}}}"#
        let file = try await exchange.send("PUT", "/_orrery/gateway/apis/old/proxies", Exchange.master, body: proxies)
        #expect(file.status == 201, "\(file.text)")
        let alive = try await exchange.send("GET", "/alive")
        #expect(alive.status == 202 && alive.text == "ok\n")
        #expect(try await exchange.send("GET", "/dbs", Exchange.master).status == 200)
        let wrong = try await exchange.send(
            "PUT", "/_orrery/gateway/apis/bad/openapi", Exchange.master, body: "openapi: 3.1.0\nx: *y")
        #expect(wrong.status == 400 && wrong.text.contains("line 2, column 4: aliases are not read"))
        await exchange.app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func keysAreSeenOnceAndPagesNeedTheMasters() async throws {
        let exchange = Exchange()
        try await exchange.start()
        let (carrier, shipper) = try await exchange.configure()
        for (path, headers) in [
            ("/_orrery/gateway", Exchange.master), ("/_orrery/gateway/subscriptions/acme", Exchange.master),
            ("/dbs/_orrery/colls/gateway/docs", Exchange.master), ("/dbs/_orrery/colls/audit/docs", Exchange.master),
        ] {
            let answer = try await exchange.send("GET", path, headers)
            #expect(answer.status == 200 && !answer.text.contains(carrier) && !answer.text.contains(shipper), "\(path)")
        }
        let audit = try await exchange.send("GET", "/dbs/_orrery/colls/audit/docs", Exchange.master).text
        #expect(audit.contains("putGateway:subscription") && audit.contains("_orrery/gateway/subscriptions/acme"))
        for (method, path) in [
            ("GET", "/_orrery/gateway"), ("PUT", "/_orrery/gateway/products/x"), ("GET", "/_orrery/gateway/apis/loads"),
        ] {
            #expect(try await exchange.send(method, path).status == 401)
            #expect(try await exchange.send(method, path, key(carrier)).status == 401)
        }
        let direct = try await exchange.send(
            "POST", "/dbs/_orrery/colls/gateway/docs", Exchange.master, body: #"{"id":"x","kind":"api"}"#)
        #expect(direct.status == 403)
        await exchange.app.stop()
    }

    /// Whoever has written reads what was written, though everybody else has the answers kept as they read.
    @Test(.timeLimit(.minutes(1))) func keptAnswersAreNeverOlderThanAWrite() async throws {
        let exchange = Exchange()
        try await exchange.start()
        let (carrier, _) = try await exchange.configure()
        try await exchange.put("products/carrier", #"""
            {"apis":["loads"],"policies":[{"policy":"cache-lookup"},{"policy":"cache-store","seconds":3600}]}
            """#)
        let lanes = ["A", "B", "C"]
        for lane in lanes {
            let made = try await exchange.send(
                "POST", "/loads?lane=\(lane)", key(carrier), body: #"{"id":"1","lane":"\#(lane)","n":0}"#)
            #expect(made.status == 201)
        }
        let kept = try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in lanes {
                for reader in 0..<2 {
                    group.addTask {
                        var kept = 0
                        for number in 1...60 {
                            let body = #"{"id":"1","lane":"\#(lane)","n":\#(number)}"#
                            if reader == 0 {
                                let one = "/loads/1?lane=\(lane)"
                                let written = try await exchange.send("PUT", one, self.key(carrier), body: body)
                                #expect(written.status == 200)
                                for _ in 0..<2 {
                                    let read = try await exchange.send("GET", one, self.key(carrier))
                                    #expect(read.text == body)
                                    if read.headers["age"] != nil { kept += 1 }
                                }
                                continue
                            }
                            let list = try await exchange.send("GET", "/loads?lane=\(lane)", self.key(carrier))
                            #expect(list.status == 200)
                        }
                        return kept
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(kept > 0)
        #expect(try await exchange.send("DELETE", "/loads/1?lane=A", key(carrier)).status == 204)
        #expect(try await exchange.send("GET", "/loads/1?lane=A", key(carrier)).status == 404)
        await exchange.app.stop()
    }

    /// The app itself stands for a server behind the gateway.
    @Test(.timeLimit(.minutes(1))) func callsArePassedOnToOtherServers() async throws {
        let exchange = Exchange()
        try await exchange.start()
        let operation = #"{"id":"all","method":"GET","path":"/{*rest}","#
            + #""backend":{"url":"http://127.0.0.1:\#(exchange.app.port ?? 0)"}}"#
        try await exchange.put(
            "apis/back", #"{"path":"/back","requiresSubscription":false,"operations":[\#(operation)]}"#)
        let health = try await exchange.send("GET", "/back/healthz")
        #expect(health.status == 200 && health.text == "ok\n")
        #expect(try await exchange.send("GET", "/back/dbs").status == 401)
        #expect(try await exchange.send("GET", "/back/dbs", Exchange.master).status == 200)
        let nobody = operation.replacing("127.0.0.1:\(exchange.app.port ?? 0)", with: "127.0.0.1:1")
        try await exchange.put(
            "apis/back", #"{"path":"/back","requiresSubscription":false,"operations":[\#(nobody)]}"#)
        #expect(try await exchange.send("GET", "/back/healthz").status == 502)
        await exchange.app.stop()
    }

    /// One hundred and twenty-eight at once get as many calls as are allowed, and not one more.
    @Test(.timeLimit(.minutes(1))) func limitsAreExactUnderManyConnections() async throws {
        let exchange = Exchange()
        try await exchange.start()
        let (_, shipper) = try await exchange.configure()
        let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<128 {
                group.addTask {
                    var statuses: [Int] = []
                    for _ in 0..<3 {
                        statuses.append(try await exchange.send("GET", "/loads/quotes/X", self.key(shipper)).status)
                    }
                    return statuses
                }
            }
            var all: [Int] = []
            for try await part in group { all += part }
            return all
        }
        #expect(statuses.count { $0 == 200 } == 50)
        #expect(statuses.count { $0 == 429 } == 128 * 3 - 50)
        await exchange.app.stop()
    }
}
