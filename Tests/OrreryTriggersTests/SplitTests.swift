import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryTriggers
import Synchronization
import Testing

/// Handlers of a container whose partitions are split under them.
@Suite struct SplitTests {
    @Test(.timeLimit(.minutes(1))) func handlersGoOnInTheChildren() async throws {
        let test = try TestAccount()
        let calls = Calls()
        let host = test.host()
        try host.register(test.trigger { changes, context in
            calls.record(changes)
            for change in changes {
                let item = try JSONValue(parsing: change.text ?? [])
                let customer = item["customer"]?.string ?? ""
                // A create, which a second time would fail.
                let document = try Container.document(
                    parsing: Array(#"{"id":"of-\#(change.id)","customer":"\#(customer)"}"#.utf8))
                context.write(try context.container.preparingCreate(document, partitionKey: nil), in: context.container)
            }
        })
        host.start()
        let count = 400
        for number in 0..<count {
            try test.put("\(number)", "c\(number % 40)")
            if number == 100 { try raise(test, to: 15_000) }
            if number == 250 { try raise(test, to: 35_000) }
        }
        #expect(try await eventually { try test.items(of: "orders").count == 2 * count })
        #expect(try await eventually { try test.container().ranges.count == 4 })
        try test.put("last", "c0")
        #expect(await calls.wait { $0.contains { $0.id == "last" } })
        await host.stop()
        #expect(Set(calls.ids).count == count + 1)
        var firsts: [String: [Int]] = [:]
        for change in calls.all where change.deliveryCount == 1 {
            guard let number = Int(change.id) else { continue }
            firsts["c\(number % 40)", default: []].append(number)
        }
        for numbers in firsts.values { #expect(numbers == numbers.sorted()) }
    }

    private func raise(_ test: TestAccount, to requestUnits: Int) throws {
        let account = test.account
        let container = try test.container().resourceID
        let offer = try #require(
            account.offers().first { account.container(ofOffer: $0.resource.resourceID) == container })
        let units = JSONValue.number(JSONNumber(Int64(requestUnits)))
        _ = try account.replaceOffer(offer.resource.resourceID, body: ["content": ["offerThroughput": units]])
    }
}
