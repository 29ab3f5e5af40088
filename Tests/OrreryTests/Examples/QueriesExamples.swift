import Orrery

// The examples of the documentation, each as it stands there, in a function that gives it what it uses. That they are
// compiled is the test; DocumentationTests holds that none is missing.

private func example116(orders: Container) async throws {
    for try await order in orders.query("SELECT * FROM c WHERE c.status = 'open'", as: Order.self) {
        print(order.total)
    }
}

private func example117(orders: Container) async throws {
    let open = try await orders.query("SELECT * FROM c", as: Order.self).all()
    _ = open
}

private func example118(orders: Container) async throws {
    let count = try await orders.query("SELECT VALUE COUNT(1) FROM c", as: Int.self).first()
    _ = count
}

private func example119(orders: Container) async throws {
    let rows = orders.query("SELECT * FROM c WHERE c.total > \(100) ORDER BY c.total", in: "ada", as: Order.self)
    _ = rows
}

private func example120() async throws {
    let least = 100
    let query: QueryText = "SELECT * FROM c WHERE c.total >= \(least)"
    _ = least
    _ = query
}

private func example121(query: QueryText) async throws {
    print(query.text)
}
