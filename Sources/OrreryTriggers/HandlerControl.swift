public import OrreryDatabase
internal import OrreryEngine

/// What an operator does with handlers, whether they run in this process or in workers of others.
public struct HandlerControl: Sendable {
    /// Nil where no handlers run in this process.
    private let host: TriggerHost?
    public let leases: WorkerLeases

    public init(account: Account, host: TriggerHost? = nil) {
        self.host = host
        leases = WorkerLeases(
            account: account, isInProcess: { host?.isRegistered($0) ?? false }, book: host?.leaseBook)
    }

    /// Brings the documents of leases and checkpoints up to date.
    public func refreshLeaseBook() async throws(DatabaseError) {
        try await leases.book.refresh()
    }

    /// How all handlers fare, by their names.
    public func statuses() throws(TriggerError) -> [TriggerStatus] {
        var statuses = host?.statuses() ?? []
        do throws(DatabaseError) {
            for entry in try leases.book.entries() where host?.isRegistered(entry.handler) != true {
                if let status = try leases.status(entry) { statuses.append(status) }
            }
        } catch {
            throw .database(error)
        }
        return statuses.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Hands over no more changes until ``resume(_:)``.
    public func pause(_ name: String) async throws(TriggerError) {
        if let host, host.isRegistered(name) { return try host.pause(name) }
        try await eachPartition(of: name) { _, _, _ in [TriggerProgress.write(name, "paused", "1")] }
    }

    /// Goes on.
    public func resume(_ name: String) async throws(TriggerError) {
        if let host, host.isRegistered(name) { return try host.resume(name) }
        try await eachPartition(of: name) { _, _, _ in [TriggerProgress.write(name, "paused", nil)] }
    }

    /// Hands changes over again from a place on. Workers of other processes lose their leases, and acquire them anew.
    public func replay(_ name: String, from start: ReplayStart) async throws(TriggerError) {
        if let host, host.isRegistered(name) { return try await host.replay(name, from: start) }
        try await eachPartition(of: name) { container, range, progress throws(DatabaseError) in
            var lease = progress.lease
            lease?.expiresMilliseconds = 0
            return try progress.putBack(to: start, in: range, of: container, name) + [
                TriggerProgress.write(name, "epoch", "\(progress.epoch + 1)"),
                TriggerProgress.write(name, "lease", lease?.text),
            ]
        }
    }

    /// Hands the dead letters of a handler over again: at once where it runs in this process, and else with the pages
    /// that its workers ask for from now on.
    public func redrive(_ name: String) async throws(TriggerError) -> Redrive {
        if let host, host.isRegistered(name) {
            let result = try await host.redrive(name)
            return Redrive(handledCount: result.handled, failedCount: result.failed)
        }
        var result: Redrive?
        do throws(DatabaseError) {
            for entry in try leases.book.entries() where entry.handler.utf8.elementsEqual(name.utf8) {
                guard let container = try leases.book.container(of: entry),
                    let handler = WorkerHandler(name, database: entry.database, container: entry.container)
                else { continue }
                result = result ?? Redrive()
                result?.waitingCount += try await leases.redrive(handler, in: container)
            }
        } catch {
            throw .database(error)
        }
        guard let result else { throw .unknown(name) }
        return result
    }

    /// What came of handing dead letters over again.
    public struct Redrive: Sendable, Equatable {
        /// How many were handled, and how many failed again and are kept.
        public var handledCount = 0
        public var failedCount = 0
        /// How many wait for workers of other processes.
        public var waitingCount = 0
    }

    /// Forgets how far a handler is that runs nowhere any more, so that it holds nothing: if it ever runs again, it
    /// begins anew.
    /// - Throws: ``TriggerError/running(_:)`` for a handler of this process, or one whose lease somebody has.
    public func forget(_ name: String) async throws(TriggerError) {
        if let host, host.isRegistered(name) { throw .running(name) }
        let now = leases.clock()
        var isHeld = false
        try await eachPartition(of: name) { _, _, progress in
            isHeld = isHeld || progress.lease.map { $0.expiresMilliseconds > now } ?? false
            return []
        }
        if isHeld { throw .running(name) }
        // Who acquires a lease meanwhile has another epoch, and keeps it.
        try await eachPartition(of: name) { container, range, _ throws(DatabaseError) in
            try container.checkpoints(withPrefix: TriggerProgress.prefix(name), of: range).map { record in
                CheckpointWrite(key: record.key, value: nil)
            }
        }
        do throws(DatabaseError) { try await leases.book.refresh() } catch { throw .database(error) }
    }

    /// Changes what is kept of a handler, in each of its partitions, unless another owner takes the lease meanwhile.
    private func eachPartition(
        of name: String,
        _ writes: (Container, PartitionKeyRange, TriggerProgress) throws(DatabaseError) -> [CheckpointWrite?]
    ) async throws(TriggerError) {
        do throws(DatabaseError) {
            var isKnown = false
            for entry in try leases.book.entries() where entry.handler.utf8.elementsEqual(name.utf8) {
                guard let container = try leases.book.container(of: entry) else { continue }
                for range in container.ranges {
                    let progress = try TriggerProgress(of: name, in: range, of: container)
                    if progress.epoch == 0 { continue }
                    isKnown = true
                    let changed = try writes(container, range, progress).compactMap { $0 }
                    if changed.isEmpty { continue }
                    let condition = TriggerProgress.condition(name, epoch: progress.epoch)
                    try await container.commit(CheckpointChange(condition: condition, writes: changed), in: range)
                }
            }
            if !isKnown { throw .notFound }
        } catch {
            throw error == .notFound ? .unknown(name) : .database(error)
        }
    }
}

extension WorkerLeases {
    /// How a handler in other processes fares; nil where it has no leases any more.
    fileprivate func status(_ entry: LeaseBook.Entry) throws(DatabaseError) -> TriggerStatus? {
        guard let container = try book.container(of: entry) else { return nil }
        var status = TriggerStatus(
            name: entry.handler, database: entry.database, container: entry.container, isRemote: true)
        let origin = Trigger.origin(of: entry.handler)
        for range in container.ranges {
            let progress = try TriggerProgress(of: entry.handler, in: range, of: container)
            if progress.epoch == 0 { continue }
            let place = progress.place ?? HistoryPlace()
            let lag = TriggerLag(
                of: range, in: container, after: place, { $0.item.origin != origin },
                countMax: TriggerStatus.lagCountMax - status.lagCount)
            status.add(lag, of: range.number, clock())
            status.isPaused = status.isPaused || progress.isPaused
            status.lostCountMax &+= try progress.loss(in: range, of: container).count
            let trimmedVersion = try container.trimmedVersion(of: range)
            if try container.lastVersion(of: range, upTo: place.lsn) < trimmedVersion,
                progress.gapVersionMax < trimmedVersion {
                status.trimmedRanges.append(range.number)
            }
        }
        return status.places.isEmpty ? nil : status
    }
}
