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
        /// The place that is kept for certain.
        var keptPlace: TriggerProgress.Place
        /// The place that the last commit said, which may yet be refused.
        var writtenPlace: TriggerProgress.Place
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
    final class Call: Sendable {
        /// Nil for the instant until it is on its way.
        let task = Mutex<Task<Void, Never>?>(nil)
        let startedMilliseconds: Int64

        init(startedMilliseconds: Int64) {
            self.startedMilliseconds = startedMilliseconds
        }

        func cancel() {
            task.withLock { $0 }?.cancel()
        }
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
        state = Mutex(
            State(window: window, progress: progress, keptPlace: place, writtenPlace: place, isPaused: isPaused))
    }

    // MARK: Deciding

    /// What is to be done now, decided at one look at the state.
    private struct Work {
        var batches: [(batch: ChangeWindow.Batch, call: Call)] = []
        var mustRead = false
        var mustTidy = false
        var mustWatch = false
        var end: End?
    }

    /// Changes the state, and does whatever can be done then: reads on, starts calls, tidies up, tells the end.
    func update(_ body: (inout State) -> Void = { _ in }) {
        let now = host.clock.nowMilliseconds()
        let work = state.withLock { state in
            body(&state)
            return decide(&state, now)
        }
        // Nothing of this under the lock: each step wakes other threads, which would only wait for it.
        start(work.batches)
        if work.mustWatch { watchCalls() }
        if work.mustRead { host.readers.submit { self.read() } }
        if work.mustTidy { tidyLater() }
        if let end = work.end { host.ended(self, end) }
    }

    private func decide(_ state: inout State, _ now: Int64) -> Work {
        var work = Work()
        if let end = state.end {
            guard state.window.runningCount == 0, !state.isReading, !state.hasToldEnd else { return work }
            state.hasToldEnd = true
            work.end = end
            return work
        }
        while !state.isPaused, state.window.runningCount < trigger.options.concurrentKeysMax,
            let batch = state.window.next() {
            let call = Call(startedMilliseconds: now)
            state.calls[batch.key] = call
            work.batches.append((batch: batch, call: call))
        }
        if !work.batches.isEmpty && !state.isWatched { (state.isWatched, work.mustWatch) = (true, true) }
        if !state.isReading, !state.isAtEnd, state.window.count <= trigger.options.windowCountMax / 2 {
            (state.isReading, work.mustRead) = (true, true)
        }
        if !state.isTidyDue, state.window.count == 0,
            state.window.place.isBehind(state.keptPlace) || !state.progress.keys.isEmpty {
            (state.isTidyDue, work.mustTidy) = (true, true)
        }
        return work
    }

    // MARK: Reading

    private func read() {
        let lsn = state.withLock { $0.window.readPlace.lsn }
        do throws(DatabaseError) {
            let page = try container.history(
                of: range, in: .container, after: lsn, sinceSeconds: nil, itemCountMax: nil)
            let changes = page.changes.filter(filter.passes).map {
                (change: delivery(of: $0), key: ChangeFilter.key(of: $0))
            }
            var number = 0
            update { state in
                for (change, key) in changes { add(change, key, to: &state) }
                state.window.read(
                    to: TriggerProgress.Place(lsn: page.lsn, version: page.changes.last?.item.version ?? 0))
                state.isReading = false
                state.isAtEnd = page.changes.isEmpty
                state.waitCount += 1
                number = state.waitCount
            }
            if page.changes.isEmpty { try wait(after: max(lsn, page.lsn), number) }
        } catch {
            state.withLock { $0.isReading = false }
            end(error == .rangeGone ? .gone : .lost)
        }
    }

    private func delivery(of change: ItemChange) -> TriggerChange {
        var delivery = TriggerChange(change, container: container.resourceID.text)
        if change.item.lsn <= deliveredLSN { delivery.deliveryCount += 1 }
        return delivery
    }

    private func add(_ change: TriggerChange, _ key: String, to state: inout State) {
        if let handled = state.progress.keys[key], change.version <= handled { return }
        if let place = state.progress.place, change.version <= place.version { return }
        state.window.add(change, key: key)
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
        // On a committer's thread: all else is others' business.
        host.readers.submit {
            self.update { state in
                state.isAtEnd = false
                state.wait = nil
            }
        }
    }

    // MARK: Calling

    private func start(_ batches: [(batch: ChangeWindow.Batch, call: Call)]) {
        for (batch, call) in batches {
            let task = Task(executorPreference: host.handlers) { await self.call(batch) }
            call.task.withLock { $0 = task }
        }
    }

    /// How often the time of calls is looked at, while there are any.
    private static let watchMilliseconds = 1000

    /// Has calls cancelled whose time is over. They fail when they give up, and until then keep their place: nothing of
    /// their key overtakes them.
    private func watchCalls() {
        let limit = trigger.options.timeLimitMilliseconds
        host.clock.schedule(min(limit, Self.watchMilliseconds)) {
            let now = self.host.clock.nowMilliseconds()
            let (overdue, isOver) = self.state.withLock { state in
                state.isWatched = !state.calls.isEmpty
                return (state.calls.values.filter { now - $0.startedMilliseconds >= limit }, state.calls.isEmpty)
            }
            for call in overdue { call.cancel() }
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
            let place = try await commit(batch, context.takeOutputs())
            counters.processed.add(UInt64(batch.changes.count))
            over(batch, place)
        } catch {
            await failed(batch, error)
        }
    }

    /// A batch is behind us, and everything up to a place is kept to be.
    private func over(_ batch: ChangeWindow.Batch, _ place: TriggerProgress.Place) {
        update { state in
            state.keep(place)
            state.window.succeed(batch)
            state.calls[batch.key] = nil
        }
    }

    private func failed(_ batch: ChangeWindow.Batch, _ error: any Error) async {
        counters.failed.add()
        if let error = error as? DatabaseError, isEnd(error) {
            update { state in
                state.window.abandon(batch)
                state.calls[batch.key] = nil
            }
            return
        }
        var verdict = ChangeWindow.Verdict.giveUp
        update { state in
            state.calls[batch.key] = nil
            verdict = state.window.fail(batch)
        }
        switch verdict {
        case .retry(let failures):
            let wait = trigger.options.backOff.milliseconds(afterFailures: failures, random: host.clock.random())
            host.clock.schedule(wait) {
                self.host.readers.submit { self.update { $0.window.resume(batch.key) } }
            }
        case .giveUp: await giveUp(batch, "\(error)", failures: 0)
        }
    }

    /// Puts a change that cannot be handled among the dead letters, as often as it takes, and goes on behind it.
    private func giveUp(_ batch: ChangeWindow.Batch, _ message: String, failures: Int) async {
        do {
            guard let change = batch.changes.first else { return }
            try await host.deadLetters.put(change, of: trigger, message: message, attempts: batch.attempt)
            let place = try await commit(batch, [])
            counters.deadLettered.add()
            over(batch, place)
        } catch {
            if let error = error as? DatabaseError, isEnd(error) {
                return update { $0.window.abandon(batch) }
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
        update { $0.isPaused = isPaused }
    }

    /// Begins no more calls. Those under way go on; ``TriggerHost/ended(_:_:)`` is told when the last is over.
    func end(_ end: End) {
        let wait = state.withLock { state in
            state.end = state.end ?? end
            defer { state.wait = nil }
            return state.wait
        }
        wait?.cancel()
        host.readers.submit { self.update() }
    }

    /// Asks the calls under way to give up.
    func cancelCalls() {
        for call in state.withLock({ Array($0.calls.values) }) { call.cancel() }
    }
}
