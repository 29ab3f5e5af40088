import Foundation
import Orrery
import Testing

@testable import ShopExample

/// The shop's stories, from the first write to the last effect.
@Suite struct ShopTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "orrery-shop-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let folder = Folder()

    private func started() async throws -> (app: App, store: Store) {
        let store = try Store(directory: folder.path)
        let shop = try store.database("shop")
        for name in ["orders", "baskets", "mails"] { _ = try shop.container(name, partitionKey: "/customer") }
        _ = try store.database("bank").container("accounts", partitionKey: "/account")
        store.close()
        var configuration = AppConfiguration()
        (configuration.directory, configuration.port, configuration.handlerThreadCount) = (folder.path, 0, 2)
        let app = App(configuration: configuration)
        ShopHandlers.register(on: app)
        try await app.start()
        return (app, try #require(app.store))
    }

    private func eventually<Value>(_ find: () async throws -> Value?) async throws -> Value {
        for _ in 0..<5000 {
            if let found = try await find() { return found }
            try await Task.sleep(for: .milliseconds(2))
        }
        return try #require(try await find())
    }

    @Test(.timeLimit(.minutes(1))) func anOrderIsTaxedPaidAndSent() async throws {
        let (app, store) = try await started()
        let orders = try store.database("shop").container("orders")
        try await orders.create(Order(id: "1", customer: "ada", total: 100))
        try await orders.create(Order(id: "2", customer: "eve", total: 20_000))
        let sent = try await eventually {
            let order = try await orders.item("1", in: "ada", as: Order.self)?.value
            return order?.status == "sent" ? order : nil
        }
        #expect(sent.tax == 19)
        let refused = try await eventually {
            let order = try await orders.item("2", in: "eve", as: Order.self)?.value
            return order?.status == "refused" ? order : nil
        }
        #expect(refused.tax == 3800)
        let mails = try store.database("shop").container("mails")
        #expect(try await mails.item("sent-1", in: "ada", as: Mail.self) != nil)
        await app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aBasketIsRemindedOf() async throws {
        let (app, store) = try await started()
        try await store.database("shop").container("baskets").create(
            Basket(id: "7", customer: "ada", items: ["a hat", "a cane"]))
        let mails = try store.database("shop").container("mails")
        let mail = try await eventually { try await mails.item("basket-7", in: "ada", as: Mail.self)?.value }
        #expect(mail.text == "You left a hat, a cane in your basket.")
        await app.stop()
    }

    @Test(.timeLimit(.minutes(1))) func anAccountStaysAboveZero() async throws {
        let (app, store) = try await started()
        let accounts = try store.database("bank").container("accounts")
        for (number, amount) in [50, -30, -30, 20, -40].enumerated() {
            try await accounts.create(Transaction(id: "t\(number)", account: "a", amount: amount, number: number))
        }
        let account = try await eventually {
            let account = try await accounts.item("account", in: "a", as: Account.self)?.value
            return (account?.posted.count ?? 0) + (account?.refused.count ?? 0) == 5 ? account : nil
        }
        #expect(account.balance == 0)
        #expect(account.posted == [0, 1, 3, 4])
        #expect(account.refused == [2])
        await app.stop()
    }
}
