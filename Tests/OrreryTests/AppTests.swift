import Foundation
import FoundationNetworking
import Orrery
import Synchronization
import Testing

/// Apps: a server, and handlers of changes, times and requests beside it.
@Suite struct AppTests {
    private typealias Running = RunningApp

    private func eventually(_ holds: () async throws -> Bool) async rethrows -> Bool {
        for _ in 0..<5000 {
            if try await holds() { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    @Test(.timeLimit(.minutes(1))) func ordersAreTaxedAsTheyCome() async throws {
        let running = Running()
        let app = running.app
        app.onChange("shop/orders", named: "apply-tax", of: Order.self) { changes, context in
            for case let order? in changes.map(\.value) where order.status == "open" {
                var taxed = order
                taxed.total *= 1.5
                taxed.status = "taxed"
                try context.upsert(taxed)
                context.count("taxed")
            }
        }
        app.onRequest(.post, "/checkout") { request, context in
            let order = try request.json(as: Order.self)
            try await context.container("shop/orders").create(order)
            return Response(status: 201)
        }
        app.onRequest(.get, "/orders/{customer}/{id}") { request, context in
            let orders = try context.container("shop/orders")
            let key = PartitionKey(request["customer"] ?? "")
            let order = try await orders.item(request["id"] ?? "", in: key, as: Order.self)
            return try order.map { try Response.json($0.value) } ?? Response(status: 404)
        }
        try await app.start()
        _ = try app.store?.database("shop").container("orders", partitionKey: "/customer")
        let body = #"{"id":"1","customer":"ada","total":10,"status":"open"}"#
        #expect(try await running.send("POST", "/checkout", body: body).status == 201)
        #expect(try await eventually { try await running.send("GET", "/orders/ada/1").text.contains("taxed") })
        #expect(try await running.send("GET", "/orders/ada/1").text.contains("15"))
        #expect(try await running.send("GET", "/orders/ada/2").status == 404)
        #expect(try await running.send("DELETE", "/orders/ada/2").status == 405)
        let metrics = try await running.send("GET", "/metrics").text
        #expect(metrics.contains(#"orrery_handler_events_total{handler="apply-tax",event="taxed"} 1"#))
        await app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func handlersAreControlledOverHTTP() async throws {
        let running = Running()
        let app = running.app
        let count = Atomic(0)
        app.onChange("shop/orders", named: "counter", of: JSONText.self) { changes, _ in
            count.add(changes.count, ordering: .relaxed)
        }
        try await app.start()
        let orders = try #require(try app.store?.database("shop").container("orders", partitionKey: "/customer"))
        let key = ["Authorization": "Bearer \(AppConfiguration().key)"]
        #expect(try await running.send("GET", "/_orrery/handlers").status == 401)
        try await orders.create(Order(id: "1", customer: "ada", total: 1))
        #expect(await eventually { count.load(ordering: .relaxed) == 1 })
        #expect(try await running.send("POST", "/_orrery/handlers/counter/pause", key).status == 204)
        try await orders.create(Order(id: "2", customer: "ada", total: 1))
        // The first call has counted before it is over, and lags until it is.
        #expect(try await eventually {
            let status = try await running.send("GET", "/_orrery/handlers", key).text
            return status.contains(#""paused":true"#) && status.contains(#""lag":1,"#)
        })
        #expect(try await running.send("POST", "/_orrery/handlers/counter/resume", key).status == 204)
        #expect(await eventually { count.load(ordering: .relaxed) == 2 })
        #expect(try await running.send("POST", "/_orrery/handlers/counter/replay?lsn=0", key).status == 204)
        #expect(await eventually { count.load(ordering: .relaxed) == 4 })
        #expect(try await running.send("POST", "/_orrery/handlers/counter/replay", key).status == 400)
        let redriven = try await running.send("POST", "/_orrery/handlers/counter/redrive", key).text
        #expect(redriven == #"{"handled":0,"failed":0,"waiting":0}"#)
        #expect(try await running.send("POST", "/_orrery/handlers/nobody/pause", key).status == 404)
        // A key that was made anew opens nothing any more, here as elsewhere.
        let made = try await running.send("POST", "/control/keys/primary/regenerate", key)
        #expect(made.status == 200)
        #expect(try await running.send("GET", "/_orrery/handlers", key).status == 401)
        let anew = made.text.split(separator: "\"").last { $0.count > 40 }.map { ["Authorization": "Bearer \($0)"] }
        #expect(try await running.send("GET", "/_orrery/handlers", anew ?? [:]).status == 200)
        await app.stop()
    }

    private struct Customer: Codable, Sendable {
        var id: String
        var name: String
        var address: [String: String] = [:]
    }

    @Test(.timeLimit(.minutes(1))) func bindingsAreReadAndWritten() async throws {
        let running = Running()
        let app = running.app
        let customers = ItemInput("shop/customers", id: "{customer}", partitionKey: "{customer}", as: Customer.self)
        let open = QueryInput(
            "shop/orders", "SELECT * FROM c WHERE c.customer = {customer} AND c.status = 'open'", as: Order.self)
        let mails = ItemOutput("shop/mails", of: Customer.self)
        let others = ItemOutput("shop/others", of: Customer.self)
        app.onChange(
            "shop/orders", named: "mail", of: Order.self, inputs: [customers, open], outputs: [mails]
        ) { changes, context in
            for change in changes {
                let name = change[customers]?.name ?? "nobody"
                try context.put(Customer(id: change.id, name: "\(name) \(change[open].count)"), into: mails)
                #expect(throws: StoreError.self) { try context.put(Customer(id: "1", name: ""), into: others) }
            }
        }
        app.onRequest(.post, "/customers/{customer}", inputs: [customers], outputs: [mails]) { request, context in
            let before = request[customers]?.name ?? "nobody"
            try context.put(Customer(id: "over-\(before)", name: context.traceparent), into: mails)
            if request.body.isEmpty { throw StoreError.invalid("no body") }
            return await context.span("answer") { .text(before) }
        }
        try await app.start()
        let shop = try #require(try app.store?.database("shop"))
        _ = try shop.container("orders", partitionKey: "/customer")
        let inbox = try shop.container("mails", partitionKey: "/id")
        try await shop.container("customers", partitionKey: "/id").create(Customer(id: "a'b", name: "Ada"))
        let orders = try shop.container("orders", partitionKey: "/customer")
        // A value of a query is no part of its text.
        try await orders.create(Order(id: "1", customer: "a'b", total: 1))
        try await orders.create(Order(id: "2", customer: "eve", total: 1, status: "closed"))
        func mail(_ id: String) async throws -> String? {
            try await inbox.item(id, in: PartitionKey(id), as: Customer.self)?.value.name
        }
        #expect(try await eventually { try await mail("1") == "Ada 1" })
        #expect(try await eventually { try await mail("2") == "nobody 0" })
        let trace = ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
        #expect(try await running.send("POST", "/customers/a'b", trace, body: "x").text == "Ada")
        let sent = try #require(try await mail("over-Ada"))
        #expect(sent.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") && !sent.contains("b7ad6b7169203331"))
        // What a call that failed would have written is not there.
        #expect(try await running.send("POST", "/customers/eve").status == 500)
        #expect(try await mail("over-nobody") == nil)
        let metrics = try await running.send("GET", "/metrics").text
        let labels = #"{handler="POST /customers/{customer}",span="answer"}"#
        #expect(metrics.contains("orrery_handler_span_seconds_count\(labels) 1"))
        await app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func timersRun() async throws {
        let running = Running()
        let count = Atomic(0)
        running.app.onTimer("often", schedule: "* * * * * *") { _ in count.add(1, ordering: .relaxed) }
        try await running.app.start()
        #expect(await eventually { count.load(ordering: .relaxed) >= 2 })
        await running.app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aFunctionKeyIsAskedFor() async throws {
        let running = Running(functionKey: "sesame")
        running.app.onRequest(.get, "/closed") { _, _ in .text("in") }
        running.app.onRequest(.get, "/open", access: .anonymous) { _, _ in .text("in") }
        try await running.app.start()
        #expect(try await running.send("GET", "/open").text == "in")
        #expect(try await running.send("GET", "/closed").status == 401)
        #expect(try await running.send("GET", "/closed", ["x-functions-key": "open"]).status == 401)
        #expect(try await running.send("GET", "/closed", ["x-functions-key": "sesame"]).text == "in")
        #expect(try await running.send("GET", "/closed?code=sesame").text == "in")
        await running.app.stop()
    }

    @Test func whatIsWrongIsSaidAtTheStart() async {
        for register: (App) -> Void in [
            { $0.onTimer("t", schedule: "every day") { _ in } },
            { $0.onTimer("t", schedule: "* * * * * *", timeZone: "Nowhere") { _ in } },
            { $0.onChange("orders", named: "x", of: JSONText.self) { _, _ in } },
            { $0.onChange("shop/orders", named: "Not A Name", of: JSONText.self) { _, _ in } },
            { $0.onRequest(.get, "/dbs/{id}") { _, _ in Response() } },
            { $0.onRequest(.get, "/control/{id}") { _, _ in Response() } },
            { app in
                let broken = ItemInput("shop/customers", id: "{id", partitionKey: "{id}", as: JSONText.self)
                app.onRequest(.get, "/x", inputs: [broken]) { _, _ in Response() }
            },
            { app in
                let broken = ItemOutput("mails", of: JSONText.self)
                app.onChange("shop/orders", named: "x", of: JSONText.self, outputs: [broken]) { _, _ in }
            },
        ] {
            let running = Running()
            register(running.app)
            await #expect(throws: StoreError.self) { try await running.app.start() }
        }
    }
}
