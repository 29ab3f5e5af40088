import Orrery

// The examples of the documentation, each as it stands there, in a function that gives it what it uses. That they are
// compiled is the test; DocumentationTests holds that none is missing.

private func example78(orders: Container, order: Order) async throws {
    try await orders.batch(in: "ada") { batch in
        batch.create(order)
        batch.delete("draft-1")
    }
}

private func example79() async throws {
    print(Batch.operationsMax)
}

private func example80(order: Order, batch: inout Batch) async throws {
    batch.create(order)
}

private func example81(order: Order, batch: inout Batch) async throws {
    batch.upsert(order)
}

private func example82(order: Order, batch: inout Batch, etag: String) async throws {
    batch.replace(order, ifMatch: etag)
}

private func example83(batch: inout Batch) async throws {
    batch.delete("draft-1")
}

private func example84(batch: inout Batch) async throws {
    batch.patch("1", [.set("/status", "paid")])
}

private func example85(orders: Container, order: Order) async throws {
    try await orders.batch(in: "ada") { batch in
        batch.create(order)
        batch.patch("account", [.increment("/balance", by: -12)], if: "from c where c.balance >= 12")
    }
}

private func example86(orders: Container) async throws {
    try await orders.create(Order(id: "1", customer: "ada", total: 12))
}

private func example87(orders: Container, order: Order) async throws {
    try await orders.upsert(order)
}

private func example88(orders: Container, order: Item<Order>, changed: Order) async throws {
    try await orders.replace(changed, ifMatch: order.etag)
}

private func example89(orders: Container) async throws {
    try await orders.delete("1", in: "ada")
}

private func example90(orders: Container) async throws {
    try await orders.patch("1", in: "ada", [.set("/status", "paid"), .increment("/payments", by: 1)])
}

private func example91(orders: Container) async throws {
    let order = try await orders.item("1", in: "ada", as: Order.self)
    _ = order
}

private func example92(orders: Container) async throws {
    if let order = try await orders.item("1", in: "ada", as: Order.self) {
        print(order.value.total, order.etag)
    }
}

private func example93(order: Item<Order>) async throws {
    print(order.value.total)
}

private func example94(order: Item<Order>) async throws {
    print(order.timestampSeconds)
}

private func example95(order: Item<Order>) async throws {
    print(order.lsn)
}

private func example96(orders: Container, order: Order) async throws {
    let receipt = try await orders.create(order)
    print(receipt.etag)
    _ = receipt
}

private func example97(receipt: Receipt) async throws {
    print(receipt.etag)
}

private func example98(receipt: Receipt) async throws {
    print(receipt.lsn)
}

private func example99(orders: Container) async throws {
    try await orders.create(JSONText(#"{"id":"1","customer":"ada"}"#))
    let order = try await orders.item("1", in: "ada", as: JSONText.self)
    _ = order
}

private func example100(json: JSONText) async throws {
    print(json.text)
}

private func example101() async throws {
    let json = JSONText(#"{"id":"1"}"#)
    _ = json
}

private func example102() async throws {
    let key: PartitionKey = "ada"
    let hierarchical: PartitionKey = ["tenant-7", 2026]
    _ = hierarchical
    _ = key
}

private func example103(order: Order) async throws {
    let key = PartitionKey(order.customer)
    _ = key
}

private func example104() async throws {
    let key = PartitionKey(12.5)
    _ = key
}

private func example105() async throws {
    let key = PartitionKey(12)
    _ = key
}

private func example106() async throws {
    let key = PartitionKey(true)
    _ = key
}

private func example107() async throws {
    let key = PartitionKey.undefined
    _ = key
}

private func example108() async throws {
    let steps: [PatchOperation] = [.set("/status", "paid"), .remove("/draft")]
    _ = steps
}

private func example109() async throws {
    let step = PatchOperation.add("/tags/-", "urgent")
    _ = step
}

private func example110() async throws {
    let step = PatchOperation.set("/status", "paid")
    _ = step
}

private func example111() async throws {
    let step = PatchOperation.replace("/status", "paid")
    _ = step
}

private func example112() async throws {
    let step = PatchOperation.remove("/draft")
    _ = step
}

private func example113() async throws {
    let step = PatchOperation.increment("/payments", by: 1)
    _ = step
}

private func example114() async throws {
    let step = PatchOperation.increment("/total", by: 0.5)
    _ = step
}

private func example115() async throws {
    let step = PatchOperation.move(from: "/draft", to: "/final")
    _ = step
}
