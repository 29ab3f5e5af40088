import Orrery

// The examples of the documentation, each as it stands there, in a function that gives it what it uses. That they are
// compiled is the test; DocumentationTests holds that none is missing.

private func example1(orders: Container) async throws {
    for try await change in orders.changes(since: .now, of: Order.self) {
        print(change.kind, change.id, change.value?.total ?? 0)
    }
}

private func example2(change: Change<Order>) async throws {
    if change.kind == .delete { print("gone: \(change.id)") }
}

private func example3(change: Change<Order>) async throws {
    print(change.kind)
}

private func example4(change: Change<Order>) async throws {
    print(change.id)
}

private func example5(change: Change<Order>) async throws {
    print(change.value?.total ?? 0)
}

private func example6(change: Change<Order>) async throws {
    print(change.previous?.total ?? 0)
}

private func example7(change: Change<Order>) async throws {
    print(change.lsn)
}

private func example8(change: Change<Order>) async throws {
    print(change.timestampSeconds)
}

private func example9(orders: Container, change: Change<Order>) async throws {
    let later = orders.changes(since: .after(change.token), of: Order.self)
    _ = later
}

private func example10(change: Change<Order>) async throws {
    let text = change.token.text
    let token = ChangeToken(text)
    _ = text
    _ = token
}

private func example11(change: Change<Order>) async throws {
    print(change.token.text)
}

private func example12() async throws {
    let token = ChangeToken("0:12")
    _ = token
}

private func example13(orders: Container) async throws {
    let changes = orders.changes(since: .beginning, of: Order.self)
    _ = changes
}

private func example14(orders: Container) async throws {
    let changes = orders.changes(since: .now, mode: .allVersions, of: Order.self)
    _ = changes
}

private func example15(orders: Container) async throws {
    for try await change in orders.changes(since: .now, of: Order.self) {
        print(change.id)
    }
}

private func example16(orders: Container) async throws {
    for try await change in orders.changes(since: .now, mode: .allVersions, in: "ada", of: Order.self) {
        print(change.kind, change.id)
    }
}

private func example17(orders: Container, order: Order) async throws {
    try await orders.batch(in: "ada") { batch in
        batch.create(order)
        batch.delete("draft-1")
    }
}

private func example18() async throws {
    print(Batch.operationsMax)
}

private func example19(order: Order, batch: inout Batch) async throws {
    batch.create(order)
}

private func example20(order: Order, batch: inout Batch) async throws {
    batch.upsert(order)
}

private func example21(order: Order, batch: inout Batch, etag: String) async throws {
    batch.replace(order, ifMatch: etag)
}

private func example22(batch: inout Batch) async throws {
    batch.delete("draft-1")
}

private func example23(batch: inout Batch) async throws {
    batch.patch("1", [.set("/status", "paid")])
}

private func example24(orders: Container, order: Order) async throws {
    try await orders.batch(in: "ada") { batch in
        batch.create(order)
        batch.patch("account", [.increment("/balance", by: -12)], if: "from c where c.balance >= 12")
    }
}

private func example25(orders: Container) async throws {
    try await orders.create(Order(id: "1", customer: "ada", total: 12))
}

private func example26(orders: Container, order: Order) async throws {
    try await orders.upsert(order)
}

private func example27(orders: Container, order: Item<Order>, changed: Order) async throws {
    try await orders.replace(changed, ifMatch: order.etag)
}

private func example28(orders: Container) async throws {
    try await orders.delete("1", in: "ada")
}

private func example29(orders: Container) async throws {
    try await orders.patch("1", in: "ada", [.set("/status", "paid"), .increment("/payments", by: 1)])
}

private func example30(orders: Container) async throws {
    let order = try await orders.item("1", in: "ada", as: Order.self)
    _ = order
}

private func example31(orders: Container) async throws {
    if let order = try await orders.item("1", in: "ada", as: Order.self) {
        print(order.value.total, order.etag)
    }
}

private func example32(order: Item<Order>) async throws {
    print(order.value.total)
}

private func example33(order: Item<Order>) async throws {
    print(order.timestampSeconds)
}

private func example34(order: Item<Order>) async throws {
    print(order.lsn)
}

private func example35(orders: Container, order: Order) async throws {
    let receipt = try await orders.create(order)
    print(receipt.etag)
    _ = receipt
}

private func example36(receipt: Receipt) async throws {
    print(receipt.etag)
}

private func example37(receipt: Receipt) async throws {
    print(receipt.lsn)
}

private func example38(orders: Container) async throws {
    try await orders.create(JSONText(#"{"id":"1","customer":"ada"}"#))
    let order = try await orders.item("1", in: "ada", as: JSONText.self)
    _ = order
}

private func example39(json: JSONText) async throws {
    print(json.text)
}

private func example40() async throws {
    let json = JSONText(#"{"id":"1"}"#)
    _ = json
}

private func example41() async throws {
    let key: PartitionKey = "ada"
    let hierarchical: PartitionKey = ["tenant-7", 2026]
    _ = hierarchical
    _ = key
}

private func example42(order: Order) async throws {
    let key = PartitionKey(order.customer)
    _ = key
}

private func example43() async throws {
    let key = PartitionKey(12.5)
    _ = key
}

private func example44() async throws {
    let key = PartitionKey(12)
    _ = key
}

private func example45() async throws {
    let key = PartitionKey(true)
    _ = key
}

private func example46() async throws {
    let key = PartitionKey.undefined
    _ = key
}

private func example47() async throws {
    let steps: [PatchOperation] = [.set("/status", "paid"), .remove("/draft")]
    _ = steps
}

private func example48() async throws {
    let step = PatchOperation.add("/tags/-", "urgent")
    _ = step
}

private func example49() async throws {
    let step = PatchOperation.set("/status", "paid")
    _ = step
}

private func example50() async throws {
    let step = PatchOperation.replace("/status", "paid")
    _ = step
}

private func example51() async throws {
    let step = PatchOperation.remove("/draft")
    _ = step
}

private func example52() async throws {
    let step = PatchOperation.increment("/payments", by: 1)
    _ = step
}

private func example53() async throws {
    let step = PatchOperation.increment("/total", by: 0.5)
    _ = step
}

private func example54() async throws {
    let step = PatchOperation.move(from: "/draft", to: "/final")
    _ = step
}

private func example55(orders: Container) async throws {
    for try await order in orders.query("SELECT * FROM c WHERE c.status = 'open'", as: Order.self) {
        print(order.total)
    }
}

private func example56(orders: Container) async throws {
    let open = try await orders.query("SELECT * FROM c", as: Order.self).all()
    _ = open
}

private func example57(orders: Container) async throws {
    let count = try await orders.query("SELECT VALUE COUNT(1) FROM c", as: Int.self).first()
    _ = count
}

private func example58(orders: Container) async throws {
    let rows = orders.query("SELECT * FROM c WHERE c.total > \(100) ORDER BY c.total", in: "ada", as: Order.self)
    _ = rows
}

private func example59() async throws {
    let least = 100
    let query: QueryText = "SELECT * FROM c WHERE c.total >= \(least)"
    _ = least
    _ = query
}

private func example60(query: QueryText) async throws {
    print(query.text)
}

private func example61(shop: Database) async throws {
    let orders = try shop.container("orders", partitionKey: "/customer")
    _ = orders
}

private func example62(orders: Container) async throws {
    print(orders.name)
}

private func example63(orders: Container) async throws {
    print(orders.databaseName)
}

private func example64(store: Store) async throws {
    let shop = try store.database("shop")
    _ = shop
}

private func example65(shop: Database) async throws {
    print(shop.name)
}

private func example66(shop: Database) async throws {
    let orders = try shop.container("orders")
    _ = orders
}

private func example67(shop: Database) async throws {
    for name in shop.containerNames { print(name) }
}

private func example68(shop: Database) async throws {
    try shop.removeContainer("orders")
}

private func example69() async throws {
    let store = try Store(directory: "data")
    let orders = try store.database("shop").container("orders", partitionKey: "/customer")
    try await orders.create(Order(id: "1", customer: "ada", total: 12))
    store.close()
    _ = orders
    _ = store
}

private func example70() async throws {
    let store = try Store(directory: "data")
    _ = store
}

private func example71(store: Store) async throws {
    for name in store.databaseNames { print(name) }
}

private func example72(store: Store) async throws {
    try store.removeDatabase("shop")
}

private func example73(store: Store) async throws {
    store.close()
}

private func example74(orders: Container, order: Order) async throws {
    do {
        try await orders.create(order)
    } catch .conflict {
        print("there is such an order")
    }
}

private func example75() async throws {
    var options = StoreOptions()
    options.relaxedMilliseconds = 10
    let store = try Store(directory: "data", options: options)
    _ = options
    _ = store
}

private func example76(options: inout StoreOptions) async throws {
    options.relaxedMilliseconds = 10
}

private func example77() async throws {
    let options = StoreOptions()
    _ = options
}
