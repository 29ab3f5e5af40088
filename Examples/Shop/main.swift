import Orrery

// A shop: what happens after an order, a filled basket or a bank transaction.
//
//     swift run ShopExample

let app = App(configuration: .fromEnvironment())
ShopHandlers.register(on: app)
try await app.run()
