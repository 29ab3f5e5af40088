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
        var keptPlace: HistoryPlace
        /// The place that the last commit said, which may yet be refused.
        var writtenPlace: HistoryPlace
        /// Up to this version nothing need be counted that the log has let go of: it was given, or is counted.
        var givenVersion: UInt64 = 0
        /// Keys of which more is handled than is kept, and up to which version.
        var unkept: [String: UInt64] = [:]
        var keeping = Keeping.idle
        /// Whether that was done for the last time.
        var hasKeptLast = false
        var isReading = false
        /// Whether everything was read that was there when it was looked at last.
        var isAtEnd = false
        var isPaused = false
        /// Why no more calls begin; nil while they do.
        var end: End?
        var wait: CommitWait?
        var waitCount = 0
        /// Calls under way, by their keys.
        var calls: [String: Call] = [:]
        var runnerCount = 0
        /// Whether a runner was begun that has not looked for work yet.
        var isRunnerStarting = false
        var isWatched = false
        /// Batches that are given up, and wait until their dead letters can be written.
        var givenUp: [ChangeWindow.Batch] = []
        var hasToldEnd = false
    }

    /// Whether the progress is being kept.
    enum Keeping: Sendable {
        case idle
        /// It will be in a while.
        case scheduled
        case running
    }

    /// A call under way.
    struct Call: Sendable {
        let runner: CallRunner
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
        /// The log no longer has what comes next: somebody must say where to go on.
        case trimmed
    }

    let trigger: Trigger
    let range: PartitionKeyRange
    let container: Container
    let host: TriggerHost
    let counters: TriggerCounters
    let filter: ChangeFilter
    let epoch: UInt64
    /// What owners before this one may have delivered.
    private let lease: TriggerLease?
    let state: Lock<State>

    /// Takes the lease over, and begins where the owner before left off.
    init(
        _ trigger: Trigger, of range: PartitionKeyRange, in container: Container, filter: ChangeFilter,
        counters: TriggerCounters, host: TriggerHost
    ) async throws(DatabaseError) {
        (self.trigger, self.range, self.container, self.host) = (trigger, range, container, host)
        (self.counters, self.filter) = (counters, filter)
        let progress = try await TriggerProgress(of: trigger.name, in: range, of: container).takenOver(
            by: TriggerLease.inProcess, untilMilliseconds: 0, from: trigger.options.start, trigger.name, in: range,
            of: container)
        let place = progress.place ?? HistoryPlace()
        (epoch, lease) = (progress.epoch, progress.lease)
        let window = ChangeWindow(
            after: place, batchCountMax: trigger.options.batchCountMax, attemptsMax: trigger.options.attemptsMax)
        state = Lock(
            State(
                window: window, progress: progress, keptPlace: place, writtenPlace: place,
                givenVersion: progress.loss.version))
    }

    /// A change as it is handed over.
    func delivery(of change: ItemChange) -> TriggerChange {
        TriggerChange(change, container: container.resourceID.text, under: lease)
    }

    // MARK: Deciding

    /// What is to be done now, decided at one look at the state.
    private struct Work {
        /// What the runner that asks is to call next.
        var batch: ChangeWindow.Batch?
        /// Another runner, to be begun.
        var runner: CallRunner?
        var mustRead = false
        /// After how many milliseconds the progress is to be kept; nil where it need not be.
        var keepMilliseconds: Int?
        var mustKeep = false
        var mustWatch = false
        var end: End?
    }

    /// Changes the state, and does whatever can be done then: reads on, has calls begun, keeps the progress, tells the
    /// end.
    func update(_ body: (inout State) -> Void = { _ in }) {
        if change(body) { host.readers.submit { self.read() } }
    }

    /// Does the same, but for reading on.
    /// - Returns: whether that is due; then it must be done.
    func change(_ body: (inout State) -> Void) -> Bool {
        perform(body, for: nil).mustRead
    }

    /// Does the same for a runner that has nothing to do.
    /// - Returns: what it is to call next; nil where there is nothing, and it is over.
    func next(for runner: CallRunner, _ body: (inout State) -> Void) -> ChangeWindow.Batch? {
        let work = perform(body, for: runner)
        if work.mustRead { host.readers.submit { self.read() } }
        return work.batch
    }

    private func perform(_ body: (inout State) -> Void, for runner: CallRunner?) -> Work {
        let now = host.clock.nowMilliseconds()
        let work = state.withLock { state in
            body(&state)
            return decide(&state, now, runner)
        }
        // Nothing of this under the lock: each step wakes other threads, which would only wait for it.
        if let runner = work.runner { runner.start(for: self) }
        if work.mustWatch { watchCalls() }
        if let milliseconds = work.keepMilliseconds { keepLater(afterMilliseconds: milliseconds) }
        if work.mustKeep { keepNow() }
        if let end = work.end { host.ended(self, end) }
        return work
    }

    private func decide(_ state: inout State, _ now: Int64, _ runner: CallRunner?) -> Work {
        var work = Work()
        if let runner {
            work.batch = runner.isCancelled ? nil : nextBatch(&state)
            if let batch = work.batch {
                state.calls[batch.key] = Call(runner: runner, startedMilliseconds: now)
                if !state.isWatched { (state.isWatched, work.mustWatch) = (true, true) }
            } else {
                state.runnerCount -= 1
            }
        }
        if let end = state.end {
            guard state.window.runningCount == 0, state.runnerCount == 0, !state.isReading, state.keeping != .running,
                !state.hasToldEnd
            else { return work }
            // What is to be kept in a while is kept at once: nobody may be there to say when the while is over.
            if state.keepMilliseconds != nil, !state.hasKeptLast {
                (state.keeping, state.hasKeptLast, work.mustKeep) = (.running, true, true)
            } else {
                state.keeping = .idle
                state.hasToldEnd = true
                work.end = end
            }
            return work
        }
        // One at a time: it has the next one begun when it finds more to do than one thing.
        if !state.isRunnerStarting, state.runnerCount < trigger.options.concurrentKeysMax, mayCall(state),
            state.window.isReady {
            (state.isRunnerStarting, work.runner) = (true, CallRunner())
            state.runnerCount += 1
        }
        if !state.isReading, !state.isAtEnd, state.window.count <= trigger.options.windowCountMax / 2 {
            (state.isReading, work.mustRead) = (true, true)
        }
        if state.keeping == .idle, let milliseconds = state.keepMilliseconds {
            (state.keeping, work.keepMilliseconds) = (.scheduled, milliseconds)
        }
        return work
    }

    private func mayCall(_ state: State) -> Bool {
        state.end == nil && !state.isPaused && state.window.runningCount < trigger.options.concurrentKeysMax
    }

    private func nextBatch(_ state: inout State) -> ChangeWindow.Batch? {
        mayCall(state) ? state.window.next() : nil
    }

    // MARK: Calls

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
                let overdue = state.calls.values.filter { now - $0.startedMilliseconds >= limit }
                // Here, so that it is this call that its runner gives up for and not the next one.
                for call in overdue { call.runner.markCancelled() }
                return (overdue, state.calls.isEmpty)
            }
            for call in overdue { call.runner.cancel() }
            if !isOver { self.watchCalls() }
        }
    }

    // MARK: Ending

    func setPaused(_ isPaused: Bool) {
        update { $0.isPaused = isPaused }
    }

    /// Begins no more calls. Those under way go on; ``TriggerHost/ended(_:_:)`` is told when the last is over.
    func end(_ end: End) {
        let wait = state.withLock { state in
            state.end = state.end ?? end
            for batch in state.givenUp { state.abandon(batch) }
            defer { (state.wait, state.givenUp) = (nil, []) }
            return state.wait
        }
        wait?.cancel()
        host.readers.submit { self.update() }
    }

    /// Asks the calls under way to give up.
    func cancelCalls() {
        for call in state.withLock({ Array($0.calls.values) }) { call.runner.cancel() }
    }
}
