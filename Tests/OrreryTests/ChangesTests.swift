import Foundation
import Orrery
import Testing

/// Changes of the embedded database, woken by the commit.
@Suite struct ChangesTests {
    private let test: TestStore
    private var orders: Container { test.orders }

    init() throws { test = try TestStore() }

    @Test(.timeLimit(.minutes(1))) func changesComeAsTheyAreMade() async throws {
        let orders = orders
        try await orders.create(Order(id: "0", customer: "ada", total: 0))
        let changes = orders.changes(since: .beginning, mode: .allVersions, of: Order.self)
        let writer = Task {
            for number in 1...20 { try await orders.create(Order(id: "\(number)", customer: "ada", total: 1)) }
            try await orders.delete("20", in: "ada")
        }
        var ids: [String] = []
        for try await change in changes {
            ids.append(change.id)
            if change.kind == .delete {
                #expect(change.value == nil)
                #expect(change.previous?.id == "20")
                break
            }
        }
        #expect(ids == (0...20).map { "\($0)" } + ["20"])
        try await writer.value
    }

    @Test(.timeLimit(.minutes(1))) func aFeedGoesOnAfterAToken() async throws {
        try await orders.batch(in: "ada") { batch in
            for id in ["1", "2", "3"] { batch.create(Order(id: id, customer: "ada", total: 1)) }
        }
        try await orders.create(Order(id: "4", customer: "eve", total: 1))
        var tokens: [ChangeToken] = []
        for try await change in orders.changes(since: .beginning, of: Order.self) {
            tokens.append(change.token)
            if change.id == "4" { break }
        }
        // A token within a batch goes on before it, for a batch is given whole.
        let firsts = try await tokens.prefix(3).asyncMap { try await first(after: $0) }
        #expect(firsts == ["1", "1", "4"])
        let text = try #require(ChangeToken(tokens[2].text))
        #expect(text == tokens[2])
        #expect(ChangeToken("0;1") == nil)
    }

    @Test(.timeLimit(.minutes(1))) func aFeedBeginsAtATime() async throws {
        try await orders.create(Order(id: "1", customer: "ada", total: 1))
        try await Task.sleep(for: .milliseconds(5))
        let time = Int64(Date().timeIntervalSince1970 * 1000)
        try await orders.create(Order(id: "2", customer: "ada", total: 1))
        for (start, wanted) in [(ChangeStart.time(time), "2"), (.time(0), "1")] {
            var iterator = orders.changes(since: start, mode: .allVersions, of: Order.self).makeAsyncIterator()
            #expect(try await iterator.next()?.id == wanted)
        }
    }

    private func first(after token: ChangeToken) async throws -> String? {
        var iterator = orders.changes(since: .after(token), of: Order.self).makeAsyncIterator()
        return try await iterator.next()?.id
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledFeedEnds() async throws {
        let orders = orders
        let reader = Task {
            var count = 0
            for try await _ in orders.changes(since: .now, of: Order.self) { count += 1 }
            return count
        }
        reader.cancel()
        #expect(try await reader.value == 0)
    }

    @Test(.timeLimit(.minutes(1))) func aFeedEndsWithItsContainer() async throws {
        let orders = orders
        let reader = Task {
            for try await _ in orders.changes(since: .now, of: Order.self) {}
        }
        try test.store.database("shop").removeContainer("orders")
        await #expect(throws: StoreError.self) { try await reader.value }
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
