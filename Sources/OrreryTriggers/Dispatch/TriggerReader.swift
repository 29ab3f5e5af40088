internal import OrreryDatabase
internal import OrreryEngine
internal import OrreryKeys
internal import OrreryTelemetry
internal import Synchronization

/// Hands the changes of one partition to one handler. It reads ahead as far as its window goes, starts calls, and keeps
/// how far they are; where there is nothing to do it waits for the next commit and holds no thread.
final class TriggerReader: Sendable {
    struct State {
        var window: ChangeWindow
        var progress: TriggerProgress
        /// The place that was last kept.
        var keptPlace: TriggerProgress.Place
        var isReading = false
        /// Whether everything was read that was there when it was looked at last.
        var isAtEnd = false
        var isPaused = false
        /// Why no more calls begin; nil while they do.
        var end: End?
        var wait: CommitWait?
        var waitCount = 0
        var isTidyDue = false
        /// Calls under way, by their keys.
        var calls: [String: Call] = [:]
        var isWatched = false
        var hasToldEnd = false
    }

    /// A call under way.
    struct Call {
        let task: Task<Void, Never>
        let startedMilliseconds: Int64
    }

    /// Why a reader hands over nothing more.
    enum End: Sendable {
        /// It was asked to stop.
        case stopped
        /// The partition is gone: what follows is elsewhere.
        case gone
        /// Another owner has the lease, or the store failed.
        case lost
    }

    let trigger: Trigger
    let range: PartitionKeyRange
    let container: Container
    let host: TriggerHost
    let counters: TriggerCounters
    let filter: ChangeFilter
    let epoch: UInt64
    /// Changes up to here may have been delivered by an owner before this one.
    let deliveredLSN: UInt64
    let state: Mutex<State>

    /// Takes the lease over, and begins where the owner before left off.
    init(
        _ trigger: Trigger, of range: PartitionKeyRange, in container: Container, filter: ChangeFilter,
        counters: TriggerCounters, isPaused: Bool, host: TriggerHost
    ) async throws(DatabaseError) {
        (self.trigger, self.range, self.container, self.host) = (trigger, range, container, host)
        (self.counters, self.filter) = (counters, filter)
        let records = try container.checkpoints(withPrefix: TriggerProgress.prefix(trigger.name), of: range)
        var progress = TriggerProgress(records, name: trigger.name)
        let end = try container.lsn(of: range)
        let place = progress.place ?? (trigger.options.start == .now ? TriggerProgress.Place(lsn: end) : .init())
        deliveredLSN = progress.epoch > 0 ? end : 0
        let lease = #"{"owner":"in process","expires":0}"#
        let writes = [
            TriggerProgress.write(trigger.name, "epoch", "\(progress.epoch + 1)"),
            TriggerProgress.write(trigger.name, "lease", lease), TriggerProgress.write(place, trigger.name),
        ]
        let condition = TriggerProgress.condition(trigger.name, epoch: progress.epoch)
        try await container.commit(
            [], in: range, CheckpointChange(condition: condition, writes: writes.compactMap { $0 }))
        progress.epoch += 1
        progress.place = place
        epoch = progress.epoch
        let window = ChangeWindow(
            after: place, batchCountMax: trigger.options.batchCountMax, attemptsMax: trigger.options.attemptsMax)
        state = Mutex(State(window: window, progress: progress, keptPlace: place, isPaused: isPaused))
    }

    // MARK: Reading

    /// Does whatever can be done now: reads on, starts calls, waits.
    func pump() {
        startCalls()
        let mustRead = state.withLock { state in
            guard state.end == nil, !state.isReading, !state.isAtEnd,
                state.window.count < trigger.options.windowCountMax
            else { return false }
            state.isReading = true
            return true
        }
        if mustRead { host.readers.submit { self.read() } }
        tellEnd()
    }

    private func read() {
        let lsn = state.withLock { $0.window.readPlace.lsn }
        do throws(DatabaseError) {
            let page = try container.history(
                of: range, in: .container, after: lsn, sinceSeconds: nil, itemCountMax: nil)
            let changes = page.changes.map { (change: $0, passes: filter.passes($0)) }
            let number = state.withLock { state in
                for (change, passes) in changes where passes { add(change, to: &state) }
                state.window.read(
                    to: TriggerProgress.Place(lsn: page.lsn, version: page.changes.last?.item.version ?? 0))
                state.isReading = false
                state.isAtEnd = page.changes.isEmpty
                state.waitCount += 1
                return state.waitCount
            }
            if page.changes.isEmpty { try wait(after: max(lsn, page.lsn), number) }
            pump()
        } catch {
            end(error == .rangeGone ? .gone : .lost)
        }
    }

    private func add(_ change: ItemChange, to state: inout State) {
        let key = ChangeFilter.key(of: change)
        if let handled = state.progress.keys[key], change.item.version <= handled { return }
        if let place = state.progress.place, change.item.version <= place.version { return }
        var delivery = TriggerChange(change, container: container.resourceID.text)
        if change.item.lsn <= deliveredLSN { delivery.deliveryCount += 1 }
        state.window.add(delivery, key: key)
    }

    private func wait(after lsn: UInt64, _ number: Int) throws(DatabaseError) {
        let wait = try container.wait(for: range, after: lsn) { wake in
            switch wake {
            case .committed: self.goOn()
            case .gone: self.end(.gone)
            }
        }
        state.withLock { if $0.isAtEnd && $0.waitCount == number { $0.wait = wait } }
    }

    private func goOn() {
        state.withLock { state in
            state.isAtEnd = false
            state.wait = nil
        }
        // On a committer's thread: the reading is others' business.
        host.readers.submit { self.pump() }
    }

    // MARK: Calling

    private func startCalls() {
        while true {
            let batch: ChangeWindow.Batch? = state.withLock { state in
                guard state.end == nil, !state.isPaused,
                    state.window.runningCount < trigger.options.concurrentKeysMax
                else { return nil }
                return state.window.next()
            }
            guard let batch else { return }
            let now = host.clock.nowMilliseconds()
            // The lock is held until the call is on record: it may be over before this thread goes on.
            state.withLock { state in
                let task = Task(executorPreference: host.handlers) { await self.call(batch) }
                state.calls[batch.key] = Call(task: task, startedMilliseconds: now)
            }
            watchCalls()
        }
    }

    /// How often the time of calls is looked at, while there are any.
    private static let watchMilliseconds = 1000

    /// Has calls cancelled whose time is over. They fail when they give up, and until then keep their place: nothing of
    /// their key overtakes them.
    private func watchCalls() {
        let limit = trigger.options.timeLimitMilliseconds
        let mustSchedule = state.withLock { state in
            defer { state.isWatched = true }
            return !state.isWatched
        }
        guard mustSchedule else { return }
        host.clock.schedule(min(limit, Self.watchMilliseconds)) {
            let now = self.host.clock.nowMilliseconds()
            let (overdue, isOver) = self.state.withLock { state in
                state.isWatched = false
                return (state.calls.values.filter { now - $0.startedMilliseconds >= limit }, state.calls.isEmpty)
            }
            for call in overdue { call.task.cancel() }
            if !isOver { self.watchCalls() }
        }
    }

    private func call(_ batch: ChangeWindow.Batch) async {
        if batch.attempt > 1 { counters.retried.add(UInt64(batch.changes.count)) }
        if let first = batch.changes.first, batch.attempt == 1 {
            let delay = max(0, host.clock.nowMilliseconds() - first.timestampMilliseconds)
            counters.delay.record(UInt64(delay) * 1_000_000)
        }
        let context = TriggerContext(triggerName: trigger.name, container: container)
        do {
            try await trigger.handler(batch.changes, context)
            try await commit(batch, context.takeOutputs())
            counters.processed.add(UInt64(batch.changes.count))
            over(batch)
        } catch {
            await failed(batch, error)
        }
        pump()
    }

    private func over(_ batch: ChangeWindow.Batch) {
        state.withLock { state in
            state.window.succeed(batch)
            state.calls[batch.key] = nil
        }
        scheduleTidy()
    }

    private func failed(_ batch: ChangeWindow.Batch, _ error: any Error) async {
        counters.failed.add()
        if let error = error as? DatabaseError, isEnd(error) {
            state.withLock { state in
                _ = state.window.fail(batch)
                state.calls[batch.key] = nil
            }
            return
        }
        let verdict = state.withLock { state in
            state.calls[batch.key] = nil
            return state.window.fail(batch)
        }
        switch verdict {
        case .retry(let failures):
            let wait = trigger.options.backOff.milliseconds(afterFailures: failures, random: host.clock.random())
            host.clock.schedule(wait) {
                self.state.withLock { $0.window.resume(batch.key) }
                self.host.readers.submit { self.pump() }
            }
        case .giveUp: await giveUp(batch, "\(error)", failures: 0)
        }
    }

    /// Puts a change that cannot be handled among the dead letters, as often as it takes, and goes on behind it.
    private func giveUp(_ batch: ChangeWindow.Batch, _ message: String, failures: Int) async {
        do {
            guard let change = batch.changes.first else { return }
            try await host.deadLetters.put(change, of: trigger, message: message, attempts: batch.attempt)
            try await commit(batch, [])
            counters.deadLettered.add()
            over(batch)
            pump()
        } catch {
            if let error = error as? DatabaseError, isEnd(error) {
                state.withLock { _ = $0.window.fail(batch) }
                return pump()
            }
            let wait = trigger.options.backOff.milliseconds(
                afterFailures: failures + 1, random: host.clock.random())
            host.clock.schedule(wait) {
                Task(executorPreference: self.host.handlers) {
                    await self.giveUp(batch, message, failures: failures + 1)
                }
            }
        }
    }

    /// Whether an error means that this reader is over; then it ends.
    private func isEnd(_ error: DatabaseError) -> Bool {
        switch error {
        case .rangeGone: end(.gone)
        case .checkpointMoved: end(.lost)
        // A partition that was split or removed takes no commits of checkpoints.
        case .unavailable: end(.gone)
        default: return false
        }
        return true
    }

    // MARK: Ending

    func setPaused(_ isPaused: Bool) {
        state.withLock { $0.isPaused = isPaused }
        pump()
    }

    /// Begins no more calls. Those under way go on; ``TriggerHost/ended(_:)`` is told when the last is over.
    func end(_ end: End) {
        let wait = state.withLock { state in
            state.end = state.end ?? end
            defer { state.wait = nil }
            return state.wait
        }
        wait?.cancel()
        host.readers.submit { self.tellEnd() }
    }

    /// Asks the calls under way to give up.
    func cancelCalls() {
        for call in state.withLock({ Array($0.calls.values) }) { call.task.cancel() }
    }

    private func tellEnd() {
        let end = state.withLock { state -> End? in
            guard let end = state.end, state.window.runningCount == 0, !state.isReading || end != .stopped,
                !state.hasToldEnd
            else { return nil }
            state.hasToldEnd = true
            return end
        }
        if let end { host.ended(self, end) }
    }
}
