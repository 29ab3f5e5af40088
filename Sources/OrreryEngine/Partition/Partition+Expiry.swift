internal import Synchronization

/// The search for items whose time is over, which runs whenever the next may be.
struct ExpirySweep: Sendable {
    var place = ExpiryPlace()
    /// When the next search is due, in milliseconds since 1970.
    var dueMilliseconds = Int64.max
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}

/// Items end by themselves: readers pass them by from the moment on, and a sweep logs their end when there is time.
extension Partition {
    /// The policy of time to live in force.
    var timeToLive: TimeToLivePolicy {
        get { TimeToLivePolicy(defaultSeconds: timeToLiveSeconds.load(ordering: .acquiring)) }
        set { timeToLiveSeconds.store(newValue.defaultSeconds, ordering: .releasing) }
    }

    /// What is over for a reader that begins now. To be taken before the view.
    var moment: ExpiryMoment { moment(asOf: nil) }

    /// What is over for a reader that begins now and has another time in mind.
    func moment(asOf milliseconds: Int64?) -> ExpiryMoment {
        let policy = timeToLive
        return ExpiryMoment(
            policy: policy, nowMilliseconds: policy == .off ? 0 : milliseconds ?? configuration.clock())
    }

    /// Sweeps are not closer together, so that items that end one by one are removed many at a time.
    /// Nor further apart than an hour: the timer keeps each until its time, also where an earlier one came meanwhile.
    private static let sweepPauseMilliseconds = 1000...3_600_000
    /// Items that one commit of a sweep removes.
    private static let sweptItemsMax = 500
    /// How long a sweep stands back for commits that wait, and after a failure.
    private static let yieldMilliseconds = 20
    private static let retryMilliseconds: Int64 = 10_000

    /// Sees to it that a sweep finds what a group of commits wrote.
    func scheduleSweep(for group: CommitGroup) {
        let policy = group.moment.policy
        guard policy != .off else { return }
        var due = Int64.max
        for record in group.staged where !record.header.operation.isTombstone {
            due = min(due, policy.endMilliseconds(of: record.header) ?? .max)
        }
        scheduleSweep(atMilliseconds: due)
    }

    /// Has a sweep run at a time, in milliseconds since 1970, unless one is due before.
    func scheduleSweep(atMilliseconds due: Int64) {
        guard timeToLive != .off else { return }
        let isFirst = sweep.withLock { sweep in
            guard due < sweep.dueMilliseconds else { return false }
            sweep.dueMilliseconds = due
            return true
        }
        guard isFirst else { return }
        let pause = due == 0 ? 0 : Int(due - configuration.clock()).clamped(to: Self.sweepPauseMilliseconds)
        runLater(milliseconds: pause) { $0.sweepOnce() }
    }

    private func runLater(milliseconds: Int, _ job: @escaping @Sendable (Partition) -> Void) {
        // A time to live can be years: it must not keep a closed partition in memory.
        pools.timer.submit(afterMilliseconds: milliseconds) { [recall] in
            guard let partition = recall.partition else { return }
            partition.pools.mergers.submit { job(partition) }
        }
    }

    /// Removes some items whose time is over, and goes on later while there are more.
    func sweepOnce() {
        sweep.withLock { $0.dueMilliseconds = .max }
        do throws(EngineError) {
            let found = try expired(limit: Self.sweptItemsMax)
            if found.keys.isEmpty {
                finishSweep(found)
                return
            }
            commit(
                ItemCommit(work: .expire(found.keys)) { [recall] result in
                    guard let partition = recall.partition else { return }
                    if case .success = result { partition.finishSweep(found) } else { partition.retrySweep() }
                })
        } catch {
            configuration.observer?.maintenanceFailed("removal of expired items in \(directory): \(error.message)")
            retrySweep()
        }
    }

    private func expired(limit: Int) throws(EngineError) -> ExpiredItems {
        let moment = moment
        return try currentView.expired(at: moment, after: sweep.withLock { $0.place }, limit: limit)
    }

    private func finishSweep(_ found: ExpiredItems) {
        sweep.withLock { $0.place = found.place }
        if !found.isComplete {
            let isBusy = queue.withLock { !$0.waiting.isEmpty }
            runLater(milliseconds: isBusy ? Self.yieldMilliseconds : 0) { $0.sweepOnce() }
        } else if let next = found.nextMilliseconds {
            scheduleSweep(atMilliseconds: next)
        }
    }

    private func retrySweep() {
        guard queue.withLock({ $0.stop == nil && !$0.isClosing }) else { return }
        scheduleSweep(atMilliseconds: configuration.clock() + Self.retryMilliseconds)
    }

    /// Changes when items end. What is over under the policy in force is removed before, so that a longer time to live
    /// brings nothing back. Returns once the new policy holds.
    public func changeTimeToLive(to policy: TimeToLivePolicy) throws(EngineError) {
        if policy == timeToLive { return }
        var found = try expired(limit: Self.sweptItemsMax)
        while !found.isComplete {
            try wait { ItemCommit(work: .expire(found.keys), completion: $0) }
            sweep.withLock { $0.place = found.place }
            found = try expired(limit: Self.sweptItemsMax)
        }
        let place = sweep.withLock { $0.place }
        try wait { ItemCommit(work: .changeTimeToLive(policy, dueAfter: place), completion: $0) }
        // Under the old policy entries may have been passed by that count now.
        sweep.withLock { $0.place.second = 0 }
        scheduleSweep(atMilliseconds: 0)
    }

    private func wait(
        _ make: (@escaping @Sendable (Result<ItemCommitOutcome, ItemCommitError>) -> Void) -> ItemCommit
    ) throws(EngineError) {
        let answer = Monitor<Result<ItemCommitOutcome, ItemCommitError>?>(nil)
        commit(make { result in answer.withLock { $0 = result } })
        guard case .failure(let failure) = answer.wait(for: { $0 }) else { return }
        if case .storage(let message) = failure.error { throw .storage(message) }
        throw .closed
    }
}
