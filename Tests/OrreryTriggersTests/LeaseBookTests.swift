import OrreryDatabase
import OrreryTriggers
import Testing

/// The documents that show leases, and what an operator is told by them.
@Suite struct LeaseBookTests {
    private let test: TestAccount
    private let handler: WorkerHandler

    init() throws {
        test = try TestAccount()
        handler = try #require(WorkerHandler("sum", database: "shop", container: "orders"))
    }

    private func acquire(_ control: HandlerControl) async throws -> WorkerLease {
        var claim = try #require(WorkerClaim(owner: "one"))
        // Longer than a test takes beside others.
        claim.milliseconds = WorkerLeases.millisecondsBounds.upperBound
        return try await control.leases.acquire(handler, claim)
    }

    private func release(_ lease: WorkerLease, _ control: HandlerControl) async throws {
        try await control.leases.release(handler, rangeNumber: lease.rangeNumber, epoch: lease.epoch)
    }

    @Test func aHandlerThatWasForgottenIsSeenWhenItComesAgain() async throws {
        let control = HandlerControl(account: test.account)
        for _ in 0..<2 {
            let lease = try await acquire(control)
            #expect(lease.epoch == 1)
            #expect(try control.statuses().map(\.name) == ["sum"])
            await #expect(throws: TriggerError.running("sum")) { try await control.forget("sum") }
            try await release(lease, control)
            try await control.forget("sum")
            #expect(try control.statuses().isEmpty)
            await #expect(throws: TriggerError.unknown("sum")) { try await control.forget("sum") }
        }
    }

    @Test func aHandlerOfThisProcessIsSeenAfterAWorkersWasForgotten() async throws {
        let host = test.host()
        let control = HandlerControl(account: test.account, host: host)
        try await release(try await acquire(control), control)
        try await control.forget("sum")
        try host.register(test.trigger("sum") { _, _ in })
        host.start()
        #expect(await eventually { host.statuses().first?.places.isEmpty == false })
        #expect(try await eventually {
            // Without the host that has it, a handler is known by its documents alone.
            try HandlerControl(account: test.account).statuses().map(\.name) == ["sum"]
        })
        await host.stop()
    }

    @Test func theDocumentsOfAContainerThatIsGoneGo() async throws {
        let control = HandlerControl(account: test.account)
        _ = try await acquire(control)
        let container = try test.container().resourceID
        try test.account.deleteContainer(container)
        try await control.refreshLeaseBook()
        #expect(try control.statuses().isEmpty)
        let book = try test.account.openContainer(
            test.account.containerID(
                named: LeaseBook.containerName, in: test.account.databaseID(named: Account.systemDatabaseName)))
        #expect(try book.items(in: .container, from: nil, itemCountMax: nil).items.isEmpty)
    }
}
