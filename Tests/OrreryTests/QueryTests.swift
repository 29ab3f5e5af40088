import Orrery
import Testing

/// Queries of the embedded database.
@Suite struct QueryTests {
    private let test: TestStore
    private var orders: Container { test.orders }

    init() throws { test = try TestStore() }

    private func fill(_ count: Int) async throws {
        for number in 0..<count {
            try await orders.create(
                Order(id: "\(number)", customer: "c\(number % 7)", total: Double(number), status: "open"))
        }
    }

    @Test func rowsComeOverAllPages() async throws {
        // More than one page holds.
        try await fill(1200)
        var found: Set<String> = []
        for try await order in orders.query("SELECT * FROM c WHERE c.total >= \(100)", as: Order.self) {
            found.insert(order.id)
        }
        #expect(found.count == 1100)
        let sorted = try await orders.query(
            "SELECT VALUE c.total FROM c ORDER BY c.total DESC OFFSET 0 LIMIT 3", as: Double.self
        ).all()
        #expect(sorted == [1199, 1198, 1197])
        #expect(try await orders.query("SELECT VALUE COUNT(1) FROM c", as: Int.self).first() == 1200)
        #expect(try await orders.query("SELECT * FROM c", in: "c3", as: Order.self).all().count == 171)
    }

    @Test func whatIsInterpolatedIsNeverText() async throws {
        try await fill(5)
        let hostile = "' OR 1=1 --"
        #expect(try await orders.query("SELECT * FROM c WHERE c.id = \(hostile)", as: Order.self).all() == [])
        let ids = ["1", "3"]
        let query: QueryText = "SELECT * FROM c WHERE ARRAY_CONTAINS(\(ids), c.id)"
        #expect(query.text == "SELECT * FROM c WHERE ARRAY_CONTAINS(@p0, c.id)")
        #expect(try await orders.query(query, as: Order.self).all().map(\.id).sorted() == ids)
    }

    @Test func whatIsWrongIsSaid() async throws {
        try await fill(1)
        await #expect(throws: StoreError.self) { try await orders.query("SELEC", as: Order.self).all() }
        do {
            _ = try await orders.query("SELECT VALUE c.total FROM c", as: String.self).all()
            Issue.record("a number was decoded as a text")
        } catch {
            guard case .coding = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
