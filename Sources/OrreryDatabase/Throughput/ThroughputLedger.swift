internal import OrreryKeys
import Synchronization

/// The budgets of all containers' partitions, for servers that hold clients to their throughput.
///
/// A container's throughput is divided evenly among its partitions. What a database shares is one budget, which all
/// its containers without throughput of their own draw on.
public final class ThroughputLedger: Sendable {
    fileprivate struct State {
        var generation: UInt64 = 0
        var budgets: [ResourceID: [ThroughputBudget]] = [:]
        /// Those of the generation before, until they are asked for again: an offer that stays keeps its account.
        var earlier: [ResourceID: [ThroughputBudget]] = [:]
        var buckets: [ResourceID: [BucketBudgets]] = [:]
    }

    /// A container's bucket, and what each of its ranges may spend on it.
    fileprivate struct BucketBudgets {
        let bucket: ThroughputBucket
        let budgets: [ThroughputBudget]
    }

    private let account: Account
    private let state = Mutex(State())
    private let started = ContinuousClock.now

    public init(account: Account) {
        self.account = account
    }

    /// Milliseconds since the ledger was opened.
    public var nowMilliseconds: Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - started).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// The budgets of a container's ranges, in their order.
    public func budgets(of container: Container) -> [ThroughputBudget] {
        let generation = account.generation
        let known: [ThroughputBudget]? = state.withLock { state in
            if state.generation != generation {
                (state.earlier, state.budgets) = (state.budgets, [:])
                state.buckets = [:]
                state.generation = generation
            }
            return state.budgets[container.resourceID]
        }
        if let known, known.count == container.ranges.count { return known }
        return open(container)
    }

    /// What a request may spend in each of a container's ranges by the bucket that it names, or by the default one; nil
    /// where the offer has no such bucket, so that the offer itself is all that bounds it.
    public func budgets(ofBucket id: Int?, of container: Container) -> [ThroughputBudget]? {
        let offered = budgets(of: container)
        let known = state.withLock { $0.buckets[container.resourceID] }
        let buckets = known ?? openBuckets(of: container, offered)
        let found = id.map { id in buckets.first { $0.bucket.id == id } } ?? buckets.first { $0.bucket.isDefault }
        return found?.budgets
    }

    private func openBuckets(of container: Container, _ offered: [ThroughputBudget]) -> [BucketBudgets] {
        var owner = container.resourceID
        if account.throughput(of: owner) == nil, let database = owner.database { owner = database }
        let buckets = account.throughputBuckets(of: owner).map { bucket in
            BucketBudgets(
                bucket: bucket,
                budgets: offered.map { budget in
                    ThroughputBudget(requestUnitsPerSecond: budget.requestUnitsPerSecond * bucket.percentMax / 100)
                })
        }
        state.withLock { $0.buckets[container.resourceID] = buckets }
        return buckets
    }

    private func open(_ container: Container) -> [ThroughputBudget] {
        let count = max(1, container.ranges.count)
        if let own = account.throughput(of: container.resourceID) {
            let rate = own.peak / count
            return state.withLock { state in
                let budgets = state.budgets(of: container.resourceID, rate: rate, count: count)
                state.budgets[container.resourceID] = budgets
                return budgets
            }
        }
        guard let database = container.resourceID.database else { return [] }
        let rate = (account.throughput(of: database) ?? .standard).peak
        return state.withLock { state in
            let shared = state.budgets(of: database, rate: rate, count: 1)
            state.budgets[database] = shared
            let budgets = (0..<count).flatMap { _ in shared }
            state.budgets[container.resourceID] = budgets
            return budgets
        }
    }
}

extension ThroughputLedger.State {
    /// The budgets there are, where their rate is the same, or new ones.
    fileprivate func budgets(of owner: ResourceID, rate: Int, count: Int) -> [ThroughputBudget] {
        if let found = budgets[owner] ?? earlier[owner], found.count == count,
            found.allSatisfy({ $0.requestUnitsPerSecond == max(1, rate) }) {
            return found
        }
        return (0..<count).map { _ in ThroughputBudget(requestUnitsPerSecond: rate) }
    }
}
