public import OrreryDatabase
internal import OrreryEngine
internal import OrreryKeys

/// Leases on partitions for handlers that run in other processes, in whatever language. A worker acquires a lease,
/// reads the changes behind its checkpoint, and commits what it put out together with the checkpoint; each call is made
/// under the lease's epoch, and refused once another owner has the lease. Who dies loses his lease when it expires.
///
/// Leases and checkpoints are the same records of the log that handlers in the process have, so a handler may move from
/// one to the other.
public final class WorkerLeases: Sendable {
    /// How long a lease lasts where the worker does not say, and the bounds of what it may say.
    public static let millisecondsDefault = 10_000
    public static let millisecondsBounds = 1000...600_000

    let account: Account
    let book: LeaseBook
    let clock: @Sendable () -> Int64
    private let isInProcess: @Sendable (String) -> Bool

    /// - Parameters:
    ///   - isInProcess: whether a handler of this name runs in this process; no worker is given its leases.
    ///   - book: what shows the leases; nil to make one, where nothing else in the process takes leases.
    ///   - clock: gives the milliseconds since 1970; nil for the machine's.
    public init(
        account: Account, isInProcess: @escaping @Sendable (String) -> Bool = { _ in false }, book: LeaseBook? = nil,
        clock: (@Sendable () -> Int64)? = nil
    ) {
        self.account = account
        self.isInProcess = isInProcess
        self.clock = clock ?? EngineConfiguration().clock
        self.book = book ?? LeaseBook(account)
    }

    /// The leases of a handler, one for each partition.
    public func leases(of handler: WorkerHandler) throws(WorkerError) -> [WorkerLease] {
        let container = try container(of: handler)
        var leases: [WorkerLease] = []
        for range in container.ranges {
            leases.append(WorkerLease(range.number, try progress(of: handler, in: range, of: container)))
        }
        return leases
    }

    /// Gives a lease that nobody has: that was never given, or has expired, or was given back. Its present owner is
    /// given it anew where he names its range.
    /// - Throws: ``WorkerError/held(untilMilliseconds:)``.
    public func acquire(_ handler: WorkerHandler, _ claim: WorkerClaim) async throws(WorkerError) -> WorkerLease {
        if isInProcess(handler.name) { throw .inProcess }
        let container = try container(of: handler)
        if let number = claim.rangeNumber, !container.ranges.contains(where: { $0.number == number }) {
            throw .database(.rangeGone)
        }
        let now = clock()
        var soonest = Int64.max
        for range in container.ranges where claim.rangeNumber.map({ $0 == range.number }) ?? true {
            let progress = try progress(of: handler, in: range, of: container)
            if let lease = progress.lease, lease.expiresMilliseconds > now,
                claim.rangeNumber == nil || !lease.owner.utf8.elementsEqual(claim.owner.utf8) {
                soonest = min(soonest, lease.expiresMilliseconds)
                continue
            }
            do throws(WorkerError) {
                return try await take(range, of: container, handler, claim, progress, now)
            } catch .moved {
                // Somebody else was quicker.
                soonest = min(soonest, now + Int64(claim.milliseconds))
            }
        }
        throw .held(untilMilliseconds: soonest)
    }

    private func take(
        _ range: PartitionKeyRange, of container: Container, _ handler: WorkerHandler, _ claim: WorkerClaim,
        _ before: TriggerProgress, _ now: Int64
    ) async throws(WorkerError) -> WorkerLease {
        do throws(DatabaseError) {
            let progress = try await before.takenOver(
                by: claim.owner, untilMilliseconds: now + Int64(claim.milliseconds), from: claim.start, handler.name,
                in: range, of: container)
            try await book.record(handler.name, of: container)
            return WorkerLease(range.number, progress)
        } catch {
            throw WorkerError(error)
        }
    }

    /// Has a lease last longer, from now on.
    public func renew(
        _ handler: WorkerHandler, rangeNumber: UInt64, epoch: UInt64, milliseconds: Int
    ) async throws(WorkerError) -> WorkerLease {
        try await extend(handler, rangeNumber, epoch, toMilliseconds: clock() + Int64(milliseconds))
    }

    /// Gives a lease back: others may have it at once.
    public func release(_ handler: WorkerHandler, rangeNumber: UInt64, epoch: UInt64) async throws(WorkerError) {
        _ = try await extend(handler, rangeNumber, epoch, toMilliseconds: clock())
    }

    private func extend(
        _ handler: WorkerHandler, _ rangeNumber: UInt64, _ epoch: UInt64, toMilliseconds milliseconds: Int64
    ) async throws(WorkerError) -> WorkerLease {
        let (container, range, progress) = try held(handler, rangeNumber, epoch)
        var extended = progress
        extended.lease?.expiresMilliseconds = milliseconds
        let write = TriggerProgress.write(handler.name, "lease", extended.lease?.text)
        let condition = TriggerProgress.condition(handler.name, epoch: epoch)
        do throws(DatabaseError) {
            let change = CheckpointChange(condition: condition, writes: [write].compactMap { $0 })
            try await container.commit(change, in: range)
        } catch {
            throw WorkerError(error)
        }
        return WorkerLease(rangeNumber, extended)
    }

    // MARK: What is there

    func container(of handler: WorkerHandler) throws(WorkerError) -> Container {
        try container(database: handler.databaseName, container: handler.containerName)
    }

    /// A container by its names, for outputs to it.
    public func container(database: String, container: String) throws(WorkerError) -> Container {
        do throws(DatabaseError) {
            return try account.openContainer(
                account.containerID(named: container, in: account.databaseID(named: database)))
        } catch {
            throw WorkerError(error)
        }
    }

    func progress(
        of handler: WorkerHandler, in range: PartitionKeyRange, of container: Container
    ) throws(WorkerError) -> TriggerProgress {
        do throws(DatabaseError) {
            return try TriggerProgress(of: handler.name, in: range, of: container)
        } catch {
            throw WorkerError(error)
        }
    }

    /// A range whose lease has this epoch.
    /// - Throws: ``WorkerError/moved`` where it has another.
    func held(
        _ handler: WorkerHandler, _ rangeNumber: UInt64, _ epoch: UInt64
    ) throws(WorkerError) -> (Container, PartitionKeyRange, TriggerProgress) {
        let container = try container(of: handler)
        guard let range = container.ranges.first(where: { $0.number == rangeNumber }) else {
            throw .database(.rangeGone)
        }
        let progress = try progress(of: handler, in: range, of: container)
        guard progress.epoch == epoch, epoch > 0 else { throw .moved }
        return (container, range, progress)
    }
}

extension WorkerError {
    init(_ error: DatabaseError) {
        switch error {
        case .checkpointMoved: self = .moved
        case .historyGone: self = .trimmed
        default: self = .database(error)
        }
    }
}
