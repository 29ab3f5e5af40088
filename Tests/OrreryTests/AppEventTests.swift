import Foundation
import Orrery
import Synchronization
import Testing

/// Handlers of events, and handlers that publish them.
@Suite struct AppEventTests {
    private struct Mail: Codable, Sendable, Equatable {
        var id: String
        var customer: String
    }

    private func eventually(_ holds: () async throws -> Bool) async rethrows -> Bool {
        for _ in 0..<5000 {
            if try await holds() { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    @Test(.timeLimit(.minutes(1))) func anOrderIsAnnouncedAndItsMailWritten() async throws {
        let running = RunningApp()
        let app = running.app
        let placed = EventOutput("orders", type: "Order.Placed", of: Order.self)
        let mails = ItemOutput("shop/mails", of: Mail.self)
        let seen = Mutex<[String]>([])
        app.onChange("shop/orders", named: "announce", of: Order.self, outputs: [placed]) { changes, context in
            for change in changes {
                guard let order = change.value else { continue }
                try context.publish(order, id: order.id, subject: "/orders/\(order.id)", to: placed)
            }
            // What it published the first time, it publishes again.
            if changes.contains(where: { $0.id == "2" && $0.deliveryCount == 1 }) {
                try context.create(Mail(id: "taken", customer: "ada"), to: "shop/mails")
            }
        }
        var receiving = EventOptions()
        (receiving.types, receiving.condition) = (["Order.Placed"], "c.data.total > 10")
        app.onEvent("orders", named: "mail", of: Order.self, outputs: [mails], options: receiving) { events, context in
            for event in events {
                guard let order = event.value else { continue }
                seen.withLock { $0.append("\(event.id) \(event.subject ?? "") \(event.source)") }
                try context.put(Mail(id: "mail-\(order.id)", customer: order.customer), into: mails)
            }
        }
        try await app.start()
        let shop = try #require(app.store).database("shop")
        let box = try shop.container("mails", partitionKey: "/customer")
        try await box.create(Mail(id: "taken", customer: "ada"))
        let orders = try shop.container("orders", partitionKey: "/customer")
        for (id, total) in [("1", 20), ("2", 30), ("small", 5)] {
            try await orders.create(Order(id: id, customer: "ada", total: Double(total)))
        }
        #expect(try await eventually {
            var isThere = true
            for id in ["mail-1", "mail-2"] where try await box.item(id, in: "ada", as: Mail.self) == nil {
                isThere = false
            }
            return isThere
        })
        #expect(try await box.item("mail-small", in: "ada", as: Mail.self) == nil)
        await app.stop()
        let expected = ["1 /orders/1 /handlers/announce", "2 /orders/2 /handlers/announce"]
        #expect(seen.withLock { $0.sorted() } == expected)
    }

    @Test(.timeLimit(.minutes(1))) func topicsAreConfiguredInCodeAndServedOverHTTP() async throws {
        let running = RunningApp()
        let app = running.app
        app.configureEvents(#"""
            {"topics": [{"name": "orders", "kind": "namespace",
                         "subscriptions": [{"name": "audit", "destination":
                             {"endpointType": "Container", "properties": {"container": "shop/audit"}}}]}]}
            """#)
        let received = Mutex<[String]>([])
        app.onEvent("orders", named: "log", of: Order.self) { events, context in
            let trace = context.traceparent.components(separatedBy: "-")[1]
            received.withLock { $0 += events.map { "\($0.id) of \(trace)" } }
        }
        try await app.start()
        let shop = try #require(app.store).database("shop")
        let audit = try shop.container("audit", partitionKey: "/id")
        let event = #"""
            {"specversion":"1.0","id":"e1","source":"/shop","type":"Order.Placed","data":{"id":"1","customer":"ada",
            "total":1,"status":"open"}}
            """#
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let headers: [String: String] = [
            "Authorization": "SharedAccessKey \(AppConfiguration().key)",
            "traceparent": "00-\(trace)-b7ad6b7169203331-01", "Content-Type": "application/cloudevents+json",
        ]
        let answer = try await running.send("POST", "/topics/orders:publish", headers, body: event)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(await eventually { received.withLock { $0 } == ["e1 of \(trace)"] })
        #expect(try await eventually { try await audit.item("e1", in: "e1", as: JSONText.self) != nil })
        await app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aTraceLeadsFromTheRequestToTheEvent() async throws {
        let running = RunningApp()
        let app = running.app
        let placed = EventOutput("orders", type: "Order.Placed", of: Order.self)
        let traces = Mutex<[String: String]>([:])
        @Sendable func note(_ step: String, _ context: HandlerContext) {
            let parts = context.traceparent.components(separatedBy: "-")
            traces.withLock { $0[step] = parts[1] }
        }
        app.onChange("shop/orders", named: "tax", of: Order.self) { changes, context in
            for case var order? in changes.map(\.value) where order.status == "open" {
                note("written", context)
                order.status = "taxed"
                try context.upsert(order)
            }
        }
        app.onChange("shop/orders", named: "announce", of: Order.self, outputs: [placed]) { changes, context in
            for case let order? in changes.map(\.value) where order.status == "taxed" {
                note("taxed", context)
                try context.publish(order, id: order.id, to: placed)
            }
        }
        app.onEvent("orders", named: "mail", of: Order.self) { _, context in note("announced", context) }
        try await app.start()
        _ = try #require(app.store).database("shop").container("orders", partitionKey: "/customer")
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let headers = [
            "Authorization": "Bearer \(AppConfiguration().key)", "x-ms-documentdb-partitionkey": #"["ada"]"#,
            "traceparent": "00-\(trace)-b7ad6b7169203331-01",
        ]
        let order = #"{"id":"1","customer":"ada","total":1,"status":"open"}"#
        let answer = try await running.send("POST", "/dbs/shop/colls/orders/docs", headers, body: order)
        #expect(answer.status == 201, "\(answer.text)")
        #expect(await eventually { traces.withLock { $0.count } == 3 })
        await app.stop()
        #expect(traces.withLock { $0 } == ["written": trace, "taxed": trace, "announced": trace])
    }

    @Test func whatIsWronglySaidIsSaidAtTheStart() async throws {
        let twice = RunningApp().app
        for _ in 0..<2 { twice.onEvent("orders", named: "mail", of: Order.self) { _, _ in } }
        await #expect(throws: StoreError.self) { try await twice.start() }
        let unreadable = RunningApp().app
        unreadable.configureEvents("topics")
        await #expect(throws: StoreError.self) { try await unreadable.start() }
        let nameless = RunningApp().app
        nameless.onEvent("no/topic", named: "mail", of: Order.self) { _, _ in }
        await #expect(throws: StoreError.self) { try await nameless.start() }
        #expect(nameless.port == nil)
    }

    @Test func anOutputThatWasNotNamedIsRefused() async throws {
        let running = RunningApp()
        let other = EventOutput("other", type: "Other", of: Order.self)
        let failure = Mutex<StoreError?>(nil)
        running.app.onRequest(.post, "/announce", access: .anonymous) { _, context in
            do throws(StoreError) {
                try context.publish(Order(id: "1", customer: "ada", total: 1), id: "1", to: other)
            } catch {
                failure.withLock { $0 = error }
            }
            return Response(status: 204)
        }
        try await running.app.start()
        #expect(try await running.send("POST", "/announce").status == 204)
        await running.app.stop()
        guard case .invalid? = failure.withLock({ $0 }) else { return #expect(Bool(false), "it was not refused") }
    }
}
