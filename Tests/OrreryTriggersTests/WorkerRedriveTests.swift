import OrreryDatabase
import OrreryTriggers
import Testing

/// Dead letters of workers, which an operator has handed over again.
@Suite struct WorkerRedriveTests {
    private let test: TestAccount
    private let control: HandlerControl
    private let handler: WorkerHandler

    init() throws {
        test = try TestAccount()
        control = HandlerControl(account: test.account)
        handler = try #require(WorkerHandler("sum", database: "shop", container: "orders"))
    }

    private func acquire() async throws -> WorkerLease {
        var claim = try #require(WorkerClaim(owner: "one"))
        claim.milliseconds = WorkerLeases.millisecondsBounds.upperBound
        return try await control.leases.acquire(handler, claim)
    }

    private func page(_ lease: WorkerLease, after lsn: UInt64? = nil) throws -> WorkerPage {
        try control.leases.page(
            handler, rangeNumber: lease.rangeNumber, epoch: lease.epoch, after: lsn, countMax: 100)
    }

    private func commit(
        _ lease: WorkerLease, lsn: UInt64? = nil, givingUp changes: [TriggerChange] = [], settled: [String] = []
    ) async throws {
        let letters = changes.map { change in
            WorkerDeadLetter(
                lsn: change.lsn, idempotencyKey: change.idempotencyKey, message: "too odd", attemptCount: 3)
        }
        _ = try await control.leases.commit(
            handler, rangeNumber: lease.rangeNumber, epoch: lease.epoch, lsn: lsn, outputs: [], deadLetters: letters,
            settled: settled, milliseconds: WorkerLeases.millisecondsDefault)
    }

    @Test func deadLettersComeUntilTheyAreSettled() async throws {
        for number in 0..<3 { try test.put("\(number)", "a") }
        let lease = try await acquire()
        let first = try page(lease)
        try await commit(lease, lsn: first.lsn, givingUp: Array(first.changes.prefix(2)))
        // Until somebody asks for them they stay where they are.
        #expect(try page(lease).redriven.isEmpty)
        #expect(try await control.redrive("sum").waitingCount == 2)
        let again = try page(lease)
        #expect(again.changes.isEmpty && again.redriven.map(\.change.id) == ["0", "1"])
        #expect(again.redriven.map(\.change.idempotencyKey) == first.changes.prefix(2).map(\.idempotencyKey))
        #expect(again.redriven.allSatisfy { $0.change.deliveryCount > 1 })
        // A worker that reads ahead has been given them with the page before.
        #expect(try page(lease, after: again.lsn).redriven.isEmpty)
        try await commit(lease, settled: [again.redriven[0].deadLetterID])
        #expect(try page(lease).redriven.map(\.change.id) == ["1"])
        try await commit(lease, settled: [again.redriven[1].deadLetterID, "nobody's"])
        #expect(try page(lease).redriven.isEmpty)
        #expect(try test.items(of: "orders-dead-letters").isEmpty)
        #expect(try await control.redrive("sum").waitingCount == 0)
    }

    @Test func whatFailsAgainWaitsForTheNextRedrive() async throws {
        try test.put("0", "a")
        let lease = try await acquire()
        let first = try page(lease)
        try await commit(lease, lsn: first.lsn, givingUp: first.changes)
        _ = try await control.redrive("sum")
        let again = try page(lease).redriven
        #expect(again.count == 1)
        // By another millisecond than that of the first time.
        try await Task.sleep(for: .milliseconds(2))
        try await commit(lease, givingUp: again.map(\.change))
        #expect(try page(lease).redriven.isEmpty)
        #expect(try test.items(of: "orders-dead-letters").count == 1)
        #expect(try await control.redrive("sum").waitingCount == 1)
        #expect(try page(lease).redriven.count == 1)
    }

    @Test func nobodysDeadLettersAreAskedFor() async throws {
        await #expect(throws: TriggerError.unknown("nobody")) { try await control.redrive("nobody") }
    }
}
