import Orrery
import Testing

/// Point operations, patches and batches of the embedded database.
@Suite struct ItemTests {
    private let test: TestStore
    private var orders: Container { test.orders }

    init() throws { test = try TestStore() }

    @Test func anItemComesBackAsItWent() async throws {
        let order = Order(id: "1", customer: "ada", total: 12.5)
        let receipt = try await orders.create(order)
        let found = try #require(try await orders.item("1", in: "ada", as: Order.self))
        #expect(found.value == order)
        #expect(found.etag == receipt.etag)
        #expect(found.lsn == receipt.lsn)
        #expect(found.timestampSeconds > 1_700_000_000)
        #expect(try await orders.item("1", in: "eve", as: Order.self) == nil)
        #expect(try await orders.item("2", in: "ada", as: Order.self) == nil)
    }

    @Test func writesAreRefusedForAReason() async throws {
        let order = Order(id: "1", customer: "ada", total: 1)
        let first = try await orders.create(order)
        await #expect(throws: StoreError.self) { try await orders.create(order) }
        do {
            try await orders.create(order)
        } catch {
            guard case .conflict = error else {
                Issue.record("not a conflict: \(error)")
                return
            }
        }
        try await orders.upsert(order)
        await #expect(throws: StoreError.preconditionFailed) { try await orders.replace(order, ifMatch: first.etag) }
        await #expect(throws: StoreError.notFound) { try await orders.delete("2", in: "ada") }
        try await orders.delete("1", in: "ada")
        #expect(try await orders.item("1", in: "ada", as: Order.self) == nil)
        do {
            try await orders.create(["id": Double.nan])
            Issue.record("a number that JSON does not have was written")
        } catch {
            guard case .coding = error else {
                Issue.record("not of coding: \(error)")
                return
            }
        }
    }

    @Test func rawTextStaysAsItIs() async throws {
        try await orders.create(JSONText(#"{"id":"1","customer":"ada","n":1.50,"deep":{"list":[1,2,{"a":null}]}}"#))
        let found = try #require(try await orders.item("1", in: "ada", as: JSONText.self))
        #expect(found.value.text.hasPrefix(#"{"id":"1","customer":"ada","n":1.50,"deep":{"list":[1,2,{"a":null}]}"#))
        await #expect(throws: StoreError.self) { try await orders.create(JSONText("{")) }
    }

    @Test func aPatchChangesAnItemWhereItStands() async throws {
        try await orders.create(Order(id: "1", customer: "ada", total: 10))
        try await orders.patch("1", in: "ada", [.set("/status", "paid"), .increment("/total", by: 2.5)])
        let found = try await orders.item("1", in: "ada", as: Order.self)
        #expect(found?.value == Order(id: "1", customer: "ada", total: 12.5, status: "paid"))
        await #expect(throws: StoreError.preconditionFailed) {
            try await orders.patch("1", in: "ada", [.set("/status", "sent")], if: "from c where c.status = 'open'")
        }
    }

    @Test func aBatchTakesEffectWholeOrNotAtAll() async throws {
        let receipts = try await orders.batch(in: "ada") { batch in
            batch.create(Order(id: "1", customer: "ada", total: 1))
            batch.create(Order(id: "2", customer: "ada", total: 2))
            batch.patch("1", [.set("/status", "paid")])
        }
        #expect(Set(receipts.map(\.lsn)).count == 1)
        await #expect(throws: StoreError.self) {
            try await orders.batch(in: "ada") { batch in
                batch.delete("1")
                batch.create(Order(id: "2", customer: "ada", total: 3))
            }
        }
        #expect(try await orders.item("1", in: "ada", as: Order.self)?.value.status == "paid")
    }

    @Test func valuesOfEveryKindAreKeptExactly() async throws {
        struct Kinds: Codable, Equatable, Sendable {
            var id = "kinds"
            var customer = "ada"
            var least = Int64.min
            var most = UInt64.max
            var small: Int8 = -128
            var flag = true
            var text = "é\u{301}\n\"\\"
            var missing: String?
            var list = [[1, 2], []]
            var table = ["a": 1.5, "b": -0.25]
            var kind = Kind.second(7)
            enum Kind: Codable, Equatable, Sendable { case first, second(Int) }
        }
        try await orders.create(Kinds())
        #expect(try await orders.item("kinds", in: "ada", as: Kinds.self)?.value == Kinds())
    }

    @Test func itemsOutliveTheStore() async throws {
        try await orders.create(Order(id: "1", customer: "ada", total: 1))
        let directory = test.directory
        #expect(throws: StoreError.self) { try Store(directory: directory) }
        test.store.close()
        await #expect(throws: StoreError.self) { try await orders.create(Order(id: "2", customer: "ada", total: 1)) }
    }
}
