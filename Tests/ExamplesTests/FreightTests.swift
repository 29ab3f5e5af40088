import Foundation
import FoundationNetworking
import Orrery
import OrreryCrypto
import Testing

@testable import FreightExample

/// The freight exchange's stories, told by those who call.
@Suite struct FreightTests {
    private final class Exchange: @unchecked Sendable {
        let directory = NSTemporaryDirectory() + "orrery-freight-\(UUID().uuidString)"
        let app: App
        private let session = URLSession(configuration: .ephemeral)
        private static let secret = String(repeating: "s", count: 64)

        init() async throws {
            try FreightHandlers.prepare(directory)
            let secretPath = directory + "/token-secret"
            try Self.secret.write(toFile: secretPath, atomically: true, encoding: .utf8)
            var configuration = AppConfiguration()
            (configuration.directory, configuration.port, configuration.handlerThreadCount) = (directory, 0, 2)
            app = App(configuration: configuration)
            FreightHandlers.register(on: app)
            FreightGateway.configure(app, tokenSecret: "file:" + secretPath)
            try await app.start()
        }

        deinit { try? FileManager.default.removeItem(atPath: directory) }

        func send(
            _ method: String, _ path: String, _ headers: [String: String] = [:], body: String = ""
        ) async throws -> (status: Int, body: Data) {
            var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(app.port ?? 0)\(path)")))
            request.httpMethod = method
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            if !body.isEmpty { request.httpBody = Data(body.utf8) }
            let (data, response) = try await session.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
        }

        /// A key of a new subscription to a product.
        func subscribe(to product: String, as name: String) async throws -> [String: String] {
            let answer = try await send(
                "PUT", "/_orrery/gateway/subscriptions/\(name)",
                ["Authorization": "Bearer \(AppConfiguration().key)"], body: #"{"product":"\#(product)"}"#)
            let json = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
            return ["Ocp-Apim-Subscription-Key": try #require(json?["primaryKey"] as? String)]
        }

        /// What somebody of the house sends.
        static func token(_ claims: String) -> [String: String] {
            func encoded(_ bytes: [UInt8]) -> String {
                Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            }
            let text = encoded(Array(#"{"alg":"HS256"}"#.utf8)) + "." + encoded(Array(claims.utf8))
            let code = HMACAlgorithm.sha256.code(key: [UInt8](secret.utf8), message: Array(text.utf8))
            return ["Authorization": "Bearer \(text).\(encoded(code))"]
        }
    }

    private func load(_ id: String, _ lane: String) -> String {
        #"{"id":"\#(id)","lane":"\#(lane)","shipper":"north","kilograms":1200,"status":"open"}"#
    }

    @Test(.timeLimit(.minutes(1))) func shippersPostAndCarriersTake() async throws {
        let exchange = try await Exchange()
        let shipper = try await exchange.subscribe(to: "shipper", as: "north")
        let carrier = try await exchange.subscribe(to: "carrier", as: "acme")
        #expect(try await exchange.send("POST", "/loads?lane=A-B", shipper, body: load("1", "A-B")).status == 201)
        #expect(try await exchange.send("POST", "/loads?lane=C-D", shipper, body: load("2", "C-D")).status == 201)
        let heavy = load("3", "A-B").replacing("1200", with: "41000")
        #expect(try await exchange.send("POST", "/loads?lane=A-B", shipper, body: heavy).status == 400)
        let open = try await exchange.send("GET", "/loads?status=open", carrier)
        let page = try JSONDecoder().decode([String: [Load]].self, from: open.body)
        #expect(page["items"]?.map(\.id).sorted() == ["1", "2"])
        let taken = load("1", "A-B").replacing("open", with: "taken")
        #expect(try await exchange.send("PUT", "/loads/1?lane=A-B", carrier, body: taken).status == 200)
        let rest = try await exchange.send("GET", "/loads?lane=A-B&status=open", carrier)
        #expect(String(decoding: rest.body, as: UTF8.self) == #"{"items":[]}"#)
        #expect(try await exchange.send("GET", "/loads").status == 401)
        await exchange.app.stop()
    }

    /// The write is answered; what follows from it comes by events.
    @Test(.timeLimit(.minutes(1))) func writesAreFannedOutByEvents() async throws {
        let exchange = try await Exchange()
        let shipper = try await exchange.subscribe(to: "shipper", as: "north")
        let carrier = try await exchange.subscribe(to: "carrier", as: "acme")
        let freight = try #require(exchange.app.store).database("freight")
        let (board, mails) = (try freight.container("board"), try freight.container("mails"))
        #expect(try await exchange.send("POST", "/loads?lane=A-B", shipper, body: load("1", "A-B")).status == 201)
        let entry = try await eventually { try await board.item("1", in: "A-B", as: BoardEntry.self)?.value }
        #expect(entry == BoardEntry(id: "1", lane: "A-B", kilograms: 1200))
        let taken = load("1", "A-B").replacing("open", with: "taken")
        #expect(try await exchange.send("PUT", "/loads/1?lane=A-B", carrier, body: taken).status == 200)
        let texts = try await eventually {
            let found = try await Self.all(mails.query("SELECT * FROM c", as: Mail.self)).map(\.text)
            return found.isEmpty ? nil : found
        }
        #expect(texts == ["Your load 1 on A-B was taken."])
        struct Kept: Codable, Sendable { var type: String }
        let audit = try freight.container("audit")
        let types = try await eventually {
            let found = try await Self.all(audit.query("SELECT c.type FROM c", as: Kept.self)).map(\.type)
            return found.count == 2 ? found.sorted() : nil
        }
        #expect(types == ["Freight.Load.Created", "Freight.Load.Replaced"])
        await exchange.app.stop()
    }

    private static func all<Rows: AsyncSequence>(_ rows: Rows) async throws -> [Rows.Element] {
        var found: [Rows.Element] = []
        for try await row in rows { found.append(row) }
        return found
    }

    private func eventually<Value>(_ find: () async throws -> Value?) async throws -> Value {
        for _ in 0..<5000 {
            if let found = try await find() { return found }
            try await Task.sleep(for: .milliseconds(2))
        }
        return try #require(try await find())
    }

    @Test(.timeLimit(.minutes(1))) func peopleOfTheHouseShowATokenAndNoKey() async throws {
        let exchange = try await Exchange()
        let end = Int(Date().timeIntervalSince1970) + 60
        let ada = Exchange.token(#"{"aud":"freight","sub":"ada","exp":\#(end)}"#)
        let answer = try await exchange.send("GET", "/loads/quotes/A-B", ada)
        #expect(answer.status == 200)
        let quote = try JSONDecoder().decode(Quote.self, from: answer.body)
        #expect(quote == Quote(lane: "A-B", tenant: "ada", centsPerKilogram: 13))
        let other = Exchange.token(#"{"aud":"elsewhere","sub":"ada","exp":\#(end)}"#)
        #expect(try await exchange.send("GET", "/loads/quotes/A-B", other).status == 401)
        let endless = Exchange.token(#"{"aud":"freight","sub":"ada"}"#)
        #expect(try await exchange.send("GET", "/loads/quotes/A-B", endless).status == 401)
        await exchange.app.stop()
    }

    /// Limits are counted in a window that slides, so the fifty-first of a burst is refused however long the burst is.
    @Test(.timeLimit(.minutes(1))) func productsHaveLimitsOfTheirOwn() async throws {
        let exchange = try await Exchange()
        let products = try await exchange.send(
            "GET", "/_orrery/gateway/products/carrier", ["Authorization": "Bearer \(AppConfiguration().key)"])
        let text = String(decoding: products.body, as: UTF8.self)
        #expect(text.contains(#""calls":200,"seconds":1"#) && text.contains(#""calls":2000000,"seconds":86400"#))
        let shipper = try await exchange.subscribe(to: "shipper", as: "north")
        let started = ContinuousClock.now
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<400 {
                group.addTask { try await exchange.send("GET", "/loads/quotes/A-B", shipper).status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        let seconds = Double((ContinuousClock.now - started).components.seconds) + 1
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 429 })
        #expect(Double(statuses.count { $0 == 200 }) <= 50 * (seconds + 1))
        #expect(statuses.count { $0 == 200 } >= 50)
        await exchange.app.stop()
    }

    /// A second start finds what the first one made, and what operators made beside it.
    @Test(.timeLimit(.minutes(1))) func whatIsConfiguredLasts() async throws {
        let exchange = try await Exchange()
        let carrier = try await exchange.subscribe(to: "carrier", as: "acme")
        await exchange.app.stop()
        try await exchange.app.start()
        #expect(try await exchange.send("GET", "/loads/quotes/A-B", carrier).status == 200)
        await exchange.app.stop()
    }
}
