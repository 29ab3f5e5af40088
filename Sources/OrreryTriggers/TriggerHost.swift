public import OrreryDatabase
internal import OrreryEngine
public import OrreryTelemetry
internal import Synchronization

/// Runs handlers: one reader for each handler and partition, calls on threads of their own.
public final class TriggerHost: Sendable {
    struct Entry {
        let trigger: Trigger
        let filter: ChangeFilter
        let counters: TriggerCounters
        var readers: [UInt64: TriggerReader] = [:]
        var isPaused = false
        /// Whether readers are being begun now, and whether that is to be done once more afterwards.
        var isSyncing = false
        var mustSyncAgain = false
        /// Set while a handler's progress is rewritten: no reader begins.
        var isHeld = false
        /// The partitions whose log no longer has what comes next: no reader begins there until somebody says where.
        var trimmed: Set<UInt64> = []
    }

    struct State {
        var entries: [String: Entry] = [:]
        var isStarted = false
        var isStopped = false
        var timers: [TimerTrigger] = []
        /// Whether nobody waits for calls any more.
        var isGivenUp = false
        /// Those who wait until something holds of the readers.
        var waiting: [Waiting] = []

        /// Whether nothing reads any more, nor is about to.
        var isQuiet: Bool { entries.values.allSatisfy { $0.readers.isEmpty && !$0.isSyncing } }
    }

    struct Waiting {
        let condition: @Sendable (State) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    let account: Account
    let clock: TriggerClock
    let handlers: HandlerPool
    /// Read changes and begin calls.
    let readers: WorkerPool
    let deadLetters: DeadLetters
    let leaseBook: LeaseBook
    let state = Mutex(State())
    private let metrics: MetricsRegistry
    let timerRuns: TimerRuns
    let log: Log

    /// How long until a container that is not there yet, or a reader that failed, is tried again.
    private static let retryMilliseconds = 1000
    /// How long after a partition's end its container is asked what follows.
    private static let splitMilliseconds = 20

    /// - Parameter threadCount: how many threads handlers have.
    public init(
        account: Account, metrics: MetricsRegistry, log: Log = .silent, threadCount: Int = 4,
        clock: TriggerClock = .system()
    ) {
        self.account = account
        self.metrics = metrics
        self.log = log
        self.clock = clock
        handlers = HandlerPool(threadCount: threadCount)
        readers = WorkerPool(threadCount: 2)
        deadLetters = DeadLetters(account)
        leaseBook = LeaseBook(account)
        timerRuns = TimerRuns(account)
    }

    /// Adds a handler; once the host has started it begins at once.
    public func register(_ trigger: Trigger) throws(TriggerError) {
        let filter = try ChangeFilter(trigger)
        let counters = TriggerCounters(trigger.name, in: metrics)
        let (isNew, isStarted) = state.withLock { state in
            if state.entries[trigger.name] != nil { return (false, false) }
            state.entries[trigger.name] = Entry(trigger: trigger, filter: filter, counters: counters)
            return (true, state.isStarted && !state.isStopped)
        }
        guard isNew else { throw .nameTaken(trigger.name) }
        if isStarted { sync(trigger.name) }
    }

    /// Adds a timer; once the host has started it begins at once.
    public func register(_ timer: TimerTrigger) throws(TriggerError) {
        let (isNew, isStarted) = state.withLock { state in
            if state.timers.contains(where: { $0.name == timer.name }) { return (false, false) }
            state.timers.append(timer)
            return (true, state.isStarted && !state.isStopped)
        }
        guard isNew else { throw .nameTaken(timer.name) }
        if isStarted { timer.start(in: self) }
    }

    /// Begins to hand over changes, and to run timers.
    public func start() {
        let (names, timers) = state.withLock { state in
            state.isStarted = true
            return (Array(state.entries.keys), state.timers)
        }
        for name in names { sync(name) }
        for timer in timers { timer.start(in: self) }
    }

    /// Runs a function on the threads of handlers.
    @discardableResult
    public func run(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: handlers) { await body() }
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Begins no more calls, waits for those under way, cancels them after a time, and returns when they are over or a
    /// second later. The host's threads end with it.
    public func stop(withinMilliseconds milliseconds: Int = 10_000) async {
        let all = state.withLock { state in
            state.isStopped = true
            return state.entries.values.flatMap { Array($0.readers.values) }
        }
        for reader in all { reader.end(.stopped) }
        clock.schedule(milliseconds) { for reader in all { reader.cancelCalls() } }
        clock.schedule(milliseconds + 1000) {
            self.state.withLock { $0.isGivenUp = true }
            self.resumeWaiting()
        }
        await until { $0.isQuiet || $0.isGivenUp }
        handlers.end()
        readers.end()
    }

    // MARK: Readers

    /// Begins readers for the partitions that have none.
    func sync(_ name: String) {
        let mustRun = state.withLock { state in
            guard var entry = state.entries[name], state.isStarted, !state.isStopped, !entry.isHeld else {
                return false
            }
            defer { state.entries[name] = entry }
            if entry.isSyncing { entry.mustSyncAgain = true }
            defer { entry.isSyncing = true }
            return !entry.isSyncing
        }
        if mustRun { Task(executorPreference: handlers) { await self.beginReaders(name) } }
    }

    private func beginReaders(_ name: String) async {
        var mustRetry = false
        do throws(DatabaseError) {
            guard let entry = state.withLock({ $0.entries[name] }) else { return }
            let container = try open(entry.trigger)
            for range in container.ranges {
                let isDue = state.withLock { state in
                    guard let entry = state.entries[name], !entry.trimmed.contains(range.number) else { return false }
                    // What stood before a split comes to its end first, so that nothing overtakes it.
                    return entry.readers[range.number] == nil
                        && !range.parents.contains { entry.readers[$0] != nil }
                }
                if !isDue { continue }
                let reader = try await TriggerReader(
                    entry.trigger, of: range, in: container, filter: entry.filter, counters: entry.counters, host: self)
                let isWanted = state.withLock { state in
                    guard !state.isStopped, let entry = state.entries[name], !entry.isHeld else { return false }
                    // As it is now: somebody may have said otherwise while the lease was taken.
                    reader.state.withLock { $0.isPaused = entry.isPaused }
                    state.entries[name]?.readers[range.number] = reader
                    return true
                }
                if isWanted { reader.update() }
            }
            try await leaseBook.record(name, of: container)
        } catch {
            log.debug("trigger-waits", [("trigger", .text(name)), ("reason", .text("\(error)"))])
            mustRetry = true
        }
        let isDueAgain = state.withLock { state in
            let mustSyncAgain = state.entries[name]?.mustSyncAgain == true
            state.entries[name]?.isSyncing = false
            state.entries[name]?.mustSyncAgain = false
            return mustSyncAgain
        }
        resumeWaiting()
        if isDueAgain {
            sync(name)
        } else if mustRetry {
            clock.schedule(Self.retryMilliseconds) { self.sync(name) }
        }
    }

    func open(_ trigger: Trigger) throws(DatabaseError) -> Container {
        let database = try account.databaseID(named: trigger.databaseName)
        return try account.openContainer(account.containerID(named: trigger.containerName, in: database))
    }

    /// A reader's last call is over.
    func ended(_ reader: TriggerReader, _ end: TriggerReader.End) {
        let name = reader.trigger.name
        state.withLock { state in
            if state.entries[name]?.readers[reader.range.number] === reader {
                state.entries[name]?.readers[reader.range.number] = nil
                if end == .trimmed { state.entries[name]?.trimmed.insert(reader.range.number) }
            }
        }
        resumeWaiting()
        switch end {
        case .stopped: break
        case .gone: clock.schedule(Self.splitMilliseconds) { self.sync(name) }
        case .lost:
            log.warning("trigger-lost-its-lease", [("trigger", .text(name))])
            clock.schedule(Self.retryMilliseconds) { self.sync(name) }
        case .trimmed:
            reader.counters.trimmed.add()
            let range = LogValue.text("\(reader.range.number)")
            log.error("trigger-history-trimmed", [("trigger", .text(name)), ("range", range)])
        }
    }

    // MARK: Waiting

    /// Returns once a condition holds; it is looked at when a reader has ended, or was about to begin.
    func until(_ condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if condition(state) { return true }
                state.waiting.append(Waiting(condition: condition, continuation: continuation))
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func resumeWaiting() {
        let over = state.withLock { state in
            let over = state.waiting.filter { $0.condition(state) }
            if !over.isEmpty { state.waiting = state.waiting.filter { !$0.condition(state) } }
            return over
        }
        for waiting in over { waiting.continuation.resume() }
    }
}
