import Orrery

// The examples of the documentation, each as it stands there, in a function that gives it what it uses. That they are
// compiled is the test; DocumentationTests holds that none is missing.

private func example1(app: App) async throws {
    app.onChange("shop/orders", named: "apply-tax", of: Order.self) { changes, context in
        for case let order? in changes.map(\.value) where order.status == "open" {
            var paid = order
            paid.status = "taxed"
            try context.upsert(paid)
        }
    }
}

private func example2(app: App) async throws {
    app.onTimer("nightly", schedule: "0 0 3 * * *", timeZone: "Europe/Berlin") { context in
        context.log("good night")
    }
}

private func example3(app: App) async throws {
    app.onRequest(.get, "/orders/{customer}/{id}") { request, context in
        let orders = try context.container("shop/orders")
        let key = PartitionKey(request["customer"] ?? "")
        let order = try await orders.item(request["id"] ?? "", in: key, as: Order.self)
        return try order.map { try Response.json($0.value) } ?? Response(status: 404)
    }
}

private func example4() async throws {
    let app = App(configuration: .fromEnvironment())
    app.onChange("shop/orders", named: "apply-tax", of: Order.self) { changes, context in
        for change in changes { try context.patch(change.id, in: "ada", [.set("/tax", 19)]) }
    }
    try await app.run()
    _ = app
}

private func example5() async throws {
    let app = App(configuration: .fromEnvironment())
    _ = app
}

private func example6(app: App) async throws {
    try await app.start()
}

private func example7(app: App) async throws {
    let names = app.store?.databaseNames ?? []
    _ = names
}

private func example8(app: App) async throws {
    print(app.port ?? 0)
}

private func example9(app: App) async throws {
    await app.stop()
}

private func example10(app: App) async throws {
    try await app.run()
}

private func example11() async throws {
    var configuration = AppConfiguration.fromEnvironment()
    configuration.port = 9000
    let app = App(configuration: configuration)
    _ = app
    _ = configuration
}

private func example12(configuration: inout AppConfiguration) async throws {
    configuration.directory = "/var/lib/shop"
}

private func example13(configuration: inout AppConfiguration) async throws {
    configuration.host = "127.0.0.1"
}

private func example14(configuration: inout AppConfiguration) async throws {
    configuration.port = 9000
}

private func example15(configuration: inout AppConfiguration) async throws {
    configuration.key = "bXkgc2VjcmV0IGtleQ=="
}

private func example16(configuration: inout AppConfiguration) async throws {
    configuration.functionKey = "open sesame"
}

private func example17(configuration: inout AppConfiguration) async throws {
    configuration.handlerThreadCount = 4
    configuration.store.heldHistoryBytesMax = 50 << 30
}

private func example18() async throws {
    let configuration = AppConfiguration()
    _ = configuration
}

private func example19() async throws {
    let configuration = AppConfiguration.fromEnvironment()
    _ = configuration
}

private func example20(app: App) async throws {
    app.onChange("shop/orders", named: "log", of: Order.self) { changes, context in
        for change in changes { context.log("\(change.kind) \(change.id), delivered \(change.deliveryCount) times") }
    }
}

private func example21(handled: HandledChange<Order>) async throws {
    if handled.kind == .delete { print("gone") }
}

private func example22(handled: HandledChange<Order>) async throws {
    print(handled.id)
}

private func example23(handled: HandledChange<Order>) async throws {
    print(handled.value?.total ?? 0)
}

private func example24(handled: HandledChange<Order>) async throws {
    print(handled.previous?.total ?? 0)
}

private func example25(handled: HandledChange<Order>) async throws {
    print(handled.lsn)
}

private func example26(handled: HandledChange<Order>) async throws {
    print(handled.timestampMilliseconds)
}

private func example27(handled: HandledChange<Order>) async throws {
    print(handled.idempotencyKey)
}

private func example28(handled: HandledChange<Order>) async throws {
    if handled.deliveryCount > 1 { print("perhaps seen before") }
}

private func example29(app: App) async throws {
    app.onTimer("nightly", schedule: "0 0 3 * * *") { context in
        let orders = try context.container("shop/orders")
        for try await order in orders.query("SELECT * FROM c WHERE c.status = 'old'", as: Order.self) {
            try await orders.delete(order.id, in: PartitionKey(order.customer))
        }
    }
}

private func example30(context: HandlerContext) async throws {
    print(context.name)
}

private func example31(context: HandlerContext) async throws {
    let customers = try context.container("shop/customers")
    _ = customers
}

private func example32(order: Order, context: HandlerContext) async throws {
    try context.upsert(order, to: "shop/orders")
}

private func example33(order: Order, context: HandlerContext) async throws {
    try context.create(order, to: "shop/orders")
}

private func example34(context: HandlerContext) async throws {
    try context.patch("1", in: "ada", [.set("/status", "paid")])
}

private func example35(context: HandlerContext) async throws {
    try context.delete("1", in: "ada")
}

private func example36(context: HandlerContext) async throws {
    context.log("the engine is too hot")
}

private func example37(context: HandlerContext) async throws {
    context.count("alerts")
}

private func example38() async throws {
    var handling = HandlerOptions()
    handling.predicate = "from c where c.status = 'open'"
    handling.attemptsMax = 3
    _ = handling
}

private func example39(handling: inout HandlerOptions) async throws {
    handling.fromBeginning = false
}

private func example40(handling: inout HandlerOptions) async throws {
    handling.predicate = "from c where c.total > 100"
}

private func example41(handling: inout HandlerOptions) async throws {
    handling.includesDeletes = false
}

private func example42(handling: inout HandlerOptions) async throws {
    handling.seesOwnChanges = true
}

private func example43(handling: inout HandlerOptions) async throws {
    handling.batchCountMax = 1
}

private func example44(handling: inout HandlerOptions) async throws {
    handling.concurrentKeysMax = 1
}

private func example45(handling: inout HandlerOptions) async throws {
    handling.attemptsMax = 10
}

private func example46(handling: inout HandlerOptions) async throws {
    handling.timeLimitMilliseconds = 5000
}

private func example47() async throws {
    let handling = HandlerOptions()
    _ = handling
}

private func example48() async throws {
    let method = RequestMethod.post
    _ = method
}

private func example49(app: App) async throws {
    app.onRequest(.get, "/public", access: .anonymous) { _, _ in Response(status: 204) }
    app.onCall("quote") { request, context in
        try Response.json(["lane": request["lane"] ?? "", "for": request.tenant ?? ""])
    }
}

private func example50(app: App) async throws {
    app.onRequest(.post, "/checkout") { request, context in
        let order = try request.json(as: Order.self)
        try await context.container("shop/orders").create(order)
        return Response(status: 201)
    }
}

private func example51(request: Request) async throws {
    print(request.parameters)
}

private func exampleOfTenant(request: Request) async throws {
    print(request.tenant ?? "")
}

private func example52(request: Request) async throws {
    print(request.body.count)
}

private func example53(request: Request) async throws {
    print(request["id"] ?? "")
}

private func example54(request: Request) async throws {
    print(request.header("accept") ?? "")
}

private func example55(request: Request) async throws {
    let order = try request.json(as: Order.self)
    _ = order
}

private func example56() async throws {
    let response = Response(status: 204)
    _ = response
}

private func example57(response: inout Response) async throws {
    print(response.status)
}

private func example58(response: inout Response) async throws {
    response.headers.append((name: "Cache-Control", value: "no-store"))
}

private func example59(response: inout Response) async throws {
    print(response.body.count)
}

private func example60() async throws {
    let response = Response.text("hello")
    _ = response
}

private func example61(order: Order) async throws {
    let response = try Response.json(order)
    _ = response
}

private struct Customer: Codable, Sendable {
    var id: String
    var name: String
}

private struct Mail: Codable, Sendable {
    var id: String
    var customer: String
}

private let customers = ItemInput("shop/customers", id: "{customer}", partitionKey: "{customer}", as: Customer.self)
private let earlier = QueryInput("shop/orders", "SELECT * FROM c WHERE c.customer = {customer}", as: Order.self)
private let mails = ItemOutput("shop/mails", of: Mail.self)

private func bindingExample1(app: App) async throws {
    let customers = ItemInput("shop/customers", id: "{customer}", partitionKey: "{customer}", as: Customer.self)
    app.onChange("shop/orders", named: "greet", of: Order.self, inputs: [customers]) { changes, context in
        for change in changes { context.log("for \(change[customers]?.name ?? "nobody")") }
    }
}

private func bindingExample2(app: App) async throws {
    let earlier = QueryInput("shop/orders", "SELECT * FROM c WHERE c.customer = {customer}", as: Order.self)
    app.onChange("shop/orders", named: "count", of: Order.self, inputs: [earlier]) { changes, context in
        for change in changes { context.log("one of \(change[earlier].count)") }
    }
}

private func bindingExample3(app: App) async throws {
    let mails = ItemOutput("shop/mails", of: Mail.self)
    app.onChange("shop/orders", named: "thank", of: Order.self, outputs: [mails]) { changes, context in
        for change in changes { try context.put(Mail(id: "thanks-\(change.id)", customer: "ada"), into: mails) }
    }
}

private func bindingExample4(change: HandledChange<Order>, handled: HandledChange<Order>, request: Request) {
    do {
        let customer = change[customers]
        _ = customer
    }
    do {
        let customer = handled[customers]
        let rows = handled[earlier]
        _ = (customer, rows)
    }
    do {
        let rows = handled[earlier]
        _ = rows
    }
    do {
        let customer = request[customers]
        _ = customer
    }
    do {
        let rows = request[earlier]
        _ = rows
    }
}

private func bindingExample5(store: Store) async throws {
    let bindings: [any InputBinding] = [customers, earlier]
    let content = try await customers.content(for: JSONText(#"{"customer":"ada"}"#), in: store)
    print(customers.identity != nil)
    print(earlier.identity != nil)
    let customer = try await customers.content(for: JSONText(#"{"customer":"ada"}"#), in: store)
    let orders = try await earlier.content(for: JSONText(#"{"customer":"ada"}"#), in: store)
    let identity = BindingIdentity()
    _ = (bindings, content, customer, orders, identity)
}

private func bindingExample6(context: HandlerContext, mail: Mail, changes: [HandledChange<Order>]) async throws {
    let bindings: [any OutputBinding] = [mails]
    print(mails.path)
    try context.put(mail, into: mails)
    print(context.traceparent)
    let total = await context.span("sum") { changes.count }
    _ = (bindings, total)
}

private func eventExample1(app: App) async throws {
    app.onEvent("orders", named: "mail", of: Order.self) { events, context in
        for event in events {
            guard let order = event.value else { continue }
            try context.upsert(Mail(id: "mail-\(event.id)", customer: order.customer), to: "shop/mails")
        }
    }
    app.onEvent("orders", named: "log-orders", of: Order.self) { events, context in
        for event in events { context.log("\(event.type) \(event.id), delivered \(event.deliveryCount) times") }
    }
}

private func eventExample2(app: App) async throws {
    app.configureEvents(#"""
        {"topics": [{"name": "orders", "kind": "namespace",
                     "subscriptions": [{"name": "audit", "destination":
                         {"endpointType": "Container", "properties": {"container": "shop/audit"}}}]}],
         "bridges": [{"container": "shop/orders", "topic": "orders"}]}
        """#)
}

private func eventExample3(app: App) async throws {
    let placed = EventOutput("orders", type: "Order.Placed", of: Order.self)
    app.onChange("shop/orders", named: "announce", of: Order.self, outputs: [placed]) { changes, context in
        for change in changes where change.kind == .create {
            guard let order = change.value else { continue }
            try context.publish(order, id: change.idempotencyKey, to: placed)
        }
    }
    print(placed.topic)
    print(placed.type)
    print(placed.path)
}

private func eventExample4(
    context: HandlerContext, order: Order, change: HandledChange<Order>, placed: EventOutput<Order>
) throws {
    try context.publish(order, id: change.idempotencyKey, subject: "/orders/\(change.id)", to: placed)
}

private func eventExample5(received: HandledEvent<Order>) {
    print(received.id)
    print(received.source)
    print(received.type)
    print(received.subject ?? "")
    print(received.time ?? "")
    print(received.value?.total ?? 0)
    if received.deliveryCount > 1 { print("perhaps seen before") }
}

private func eventExample6() {
    do {
        var receiving = EventOptions()
        receiving.types = ["Order.Placed"]
        receiving.condition = "c.data.total > 100"
        receiving.types = ["Order.Placed", "Order.Cancelled"]
        receiving.subjectPrefix = "/orders/"
        receiving.subjectSuffix = ".jpg"
        receiving.attemptsMax = 5
        receiving.timeToLiveMinutes = 60
        receiving.concurrentMax = 4
        receiving.isOrdered = true
        receiving.deadLetterContainer = "shop/lost-events"
    }
    let receiving = EventOptions()
    _ = receiving
}

private func gatewayExample(app: App) async throws {
    app.configureGateway(#"""
        {"apis": [{"id": "loads", "path": "/loads", "resource": {"container": "freight/loads",
                   "partitionKey": ["{request.querystring.lane}"]}}],
         "products": [{"id": "carrier", "apis": ["loads"]}]}
        """#)
}
