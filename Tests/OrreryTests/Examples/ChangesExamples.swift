import Orrery

// The examples of the documentation, each as it stands there, in a function that gives it what it uses. That they are
// compiled is the test; DocumentationTests holds that none is missing.

private func example62(orders: Container) async throws {
    for try await change in orders.changes(since: .now, of: Order.self) {
        print(change.kind, change.id, change.value?.total ?? 0)
    }
}

private func example63(change: Change<Order>) async throws {
    if change.kind == .delete { print("gone: \(change.id)") }
}

private func example64(change: Change<Order>) async throws {
    print(change.kind)
}

private func example65(change: Change<Order>) async throws {
    print(change.id)
}

private func example66(change: Change<Order>) async throws {
    print(change.value?.total ?? 0)
}

private func example67(change: Change<Order>) async throws {
    print(change.previous?.total ?? 0)
}

private func example68(change: Change<Order>) async throws {
    print(change.lsn)
}

private func example69(change: Change<Order>) async throws {
    print(change.timestampSeconds)
}

private func example70(orders: Container, change: Change<Order>) async throws {
    let later = orders.changes(since: .after(change.token), of: Order.self)
    _ = later
}

private func example71(change: Change<Order>) async throws {
    let text = change.token.text
    let token = ChangeToken(text)
    _ = text
    _ = token
}

private func example72(change: Change<Order>) async throws {
    print(change.token.text)
}

private func example73() async throws {
    let token = ChangeToken("0:12")
    _ = token
}

private func example74(orders: Container) async throws {
    let changes = orders.changes(since: .beginning, of: Order.self)
    _ = changes
}

private func example75(orders: Container) async throws {
    let changes = orders.changes(since: .now, mode: .allVersions, of: Order.self)
    _ = changes
}

private func example76(orders: Container) async throws {
    for try await change in orders.changes(since: .now, of: Order.self) {
        print(change.id)
    }
}

private func example77(orders: Container) async throws {
    for try await change in orders.changes(since: .now, mode: .allVersions, in: "ada", of: Order.self) {
        print(change.kind, change.id)
    }
}
