import Orrery

// The examples of the documentation, each as it stands there, in a function that gives it what it uses. That they are
// compiled is the test; DocumentationTests holds that none is missing.

private func example122(shop: Database) async throws {
    let orders = try shop.container("orders", partitionKey: "/customer")
    _ = orders
}

private func example123(orders: Container) async throws {
    print(orders.name)
}

private func example124(orders: Container) async throws {
    print(orders.databaseName)
}

private func example125(store: Store) async throws {
    let shop = try store.database("shop")
    _ = shop
}

private func example126(shop: Database) async throws {
    print(shop.name)
}

private func example127(shop: Database) async throws {
    let orders = try shop.container("orders")
    _ = orders
}

private func example128(shop: Database) async throws {
    for name in shop.containerNames { print(name) }
}

private func example129(shop: Database) async throws {
    try shop.removeContainer("orders")
}

private func example130() async throws {
    let store = try Store(directory: "data")
    let orders = try store.database("shop").container("orders", partitionKey: "/customer")
    try await orders.create(Order(id: "1", customer: "ada", total: 12))
    store.close()
    _ = orders
    _ = store
}

private func example131() async throws {
    let store = try Store(directory: "data")
    _ = store
}

private func example132(store: Store) async throws {
    for name in store.databaseNames { print(name) }
}

private func example133(store: Store) async throws {
    try store.removeDatabase("shop")
}

private func example134(store: Store) async throws {
    store.close()
}

private func example135(orders: Container, order: Order) async throws {
    do {
        try await orders.create(order)
    } catch .conflict {
        print("there is such an order")
    }
}

private func example136() async throws {
    var options = StoreOptions()
    options.relaxedMilliseconds = 10
    let store = try Store(directory: "data", options: options)
    _ = options
    _ = store
}

private func example137(options: inout StoreOptions) async throws {
    options.relaxedMilliseconds = 10
    options.heldHistoryBytesMax = 50 << 30
}

private func example138() async throws {
    let options = StoreOptions()
    _ = options
}
