import Orrery

/// An order on its way: open, taxed, paid, sent; or refused.
struct Order: Codable, Sendable {
    var id: String
    var customer: String
    var total: Double
    var tax: Double?
    var status = "open"
}

/// What a customer looks at and has not bought.
struct Basket: Codable, Sendable {
    var id: String
    var customer: String
    var items: [String]
}

/// A mail to be sent.
struct Mail: Codable, Sendable {
    var id: String
    var customer: String
    var text: String
}

/// Money that comes or goes. Its number counts the account's transactions.
struct Transaction: Codable, Sendable {
    var id: String
    var account: String
    var amount: Int
    var number: Int
}

/// What an account has, and the numbers of the transactions that are posted to it.
struct Account: Codable, Sendable {
    var id: String
    var account: String
    var balance = 0
    var posted: [Int] = []
    var refused: [Int] = []
}

enum ShopHandlers {
    static func register(on app: App) {
        registerOrders(on: app)
        registerBaskets(on: app)
        registerAccounts(on: app)
    }

    /// Order → tax → payment → fulfilment: each step is a change that the next one waits for.
    private static func registerOrders(on app: App) {
        app.onChange("shop/orders", named: "apply-tax", of: Order.self, options: only("open")) { changes, context in
            for case var order? in changes.map(\.value) {
                order.tax = order.total * 0.19
                order.status = "taxed"
                try context.upsert(order)
            }
        }
        app.onChange("shop/orders", named: "take-payment", of: Order.self, options: only("taxed")) { changes, context in
            for case var order? in changes.map(\.value) {
                order.status = order.total > 10_000 ? "refused" : "paid"
                try context.upsert(order)
            }
        }
        app.onChange("shop/orders", named: "fulfil", of: Order.self, options: only("paid")) { changes, context in
            for case var order? in changes.map(\.value) {
                order.status = "sent"
                try context.upsert(order)
                // In another container: at least once, so under an id that is the same each time.
                let mail = Mail(id: "sent-\(order.id)", customer: order.customer, text: "Your order is on its way.")
                try context.upsert(mail, to: "shop/mails")
            }
        }
    }

    /// Basket → mailing: who puts things aside and goes is reminded, once.
    private static func registerBaskets(on app: App) {
        app.onChange("shop/baskets", named: "remind", of: Basket.self) { changes, context in
            for case let basket? in changes.map(\.value) where !basket.items.isEmpty {
                let text = "You left \(basket.items.joined(separator: ", ")) in your basket."
                try context.upsert(
                    Mail(id: "basket-\(basket.id)", customer: basket.customer, text: text), to: "shop/mails")
            }
        }
    }

    /// Account balance under a limit: transactions are posted to their account in the same partition, and so exactly
    /// once; one that would take the balance below zero is refused.
    private static func registerAccounts(on app: App) {
        var options = HandlerOptions()
        options.includesDeletes = false
        options.predicate = "from c where IS_DEFINED(c.amount)"
        app.onChange("bank/accounts", named: "post", of: Transaction.self, options: options) { changes, context in
            guard let first = changes.first?.value else { return }
            let accounts = try context.container("bank/accounts")
            let found = try await accounts.item("account", in: PartitionKey(first.account), as: Account.self)
            var account = found?.value ?? Account(id: "account", account: first.account)
            for case let transaction? in changes.map(\.value) {
                if account.balance + transaction.amount < 0 {
                    account.refused.append(transaction.number)
                } else {
                    account.balance += transaction.amount
                    account.posted.append(transaction.number)
                }
            }
            try context.upsert(account)
        }
    }

    private static func only(_ status: String) -> HandlerOptions {
        var options = HandlerOptions()
        options.includesDeletes = false
        options.predicate = "from c where c.status = '\(status)'"
        return options
    }
}
