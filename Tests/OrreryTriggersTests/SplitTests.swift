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

    /// A worker has looked and found nothing, and the range is gone before it waits.
    @Test(.timeLimit(.minutes(1))) func aWorkerThatLooksBeforeASplitIsToldBeforeItWaits() async throws {
        let test = try TestAccount()
        let control = HandlerControl(account: test.account)
        let handler = try #require(WorkerHandler("sum", database: "shop", container: "orders"))
        let claim = try #require(WorkerClaim(owner: "one"))
        for number in 0..<20 { try test.put("\(number)", "c\(number)") }
        let lease = try await control.leases.acquire(handler, claim)
        let page = try control.leases.page(
            handler, rangeNumber: lease.rangeNumber, epoch: lease.epoch, after: nil, countMax: 100)
        #expect(page.changes.count == 20)
        let empty = try control.leases.page(
            handler, rangeNumber: lease.rangeNumber, epoch: lease.epoch, after: page.lsn, countMax: 100)
        #expect(empty.changes.isEmpty)
        try raise(test, to: 15_000)
        #expect(try await eventually { try test.container().ranges.count == 2 })
        #expect(throws: WorkerError.database(.rangeGone)) {
            try control.leases.wait(handler, rangeNumber: lease.rangeNumber, after: empty.lsn) { _ in }
        }
        // Nothing of it was handled, so the children begin where it did, under leases of their own.
        let children = try await [control.leases.acquire(handler, claim), control.leases.acquire(handler, claim)]
        #expect(Set(children.map(\.rangeNumber)).count == 2)
        let ids = try children.flatMap { child in
            try control.leases.page(
                handler, rangeNumber: child.rangeNumber, epoch: child.epoch, after: nil, countMax: 100
            ).changes.map(\.id)
        }
        #expect(Set(ids) == Set((0..<20).map { "\($0)" }) && ids.count == 20)
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
