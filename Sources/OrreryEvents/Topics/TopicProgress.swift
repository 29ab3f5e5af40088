import OrreryDatabase
import OrreryEngine
import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// Keeps how far a topic's routing and its subscriptions are: one commit of checkpoints at a time, with whatever has
/// changed until then, so that many who wait for it share one.
///
/// Where the routing is, is read before what the subscriptions have: so a kept record never lacks an event that the
/// kept routing has passed.
final class TopicProgress: Sendable {
    typealias Completion = @Sendable (Result<Void, DatabaseError>) -> Void

    private struct State {
        var isScheduled = false
        var isRunning = false
        /// Who waits for the commit after the one that runs.
        var waiting: [Completion] = []
        /// Subscriptions that are gone.
        var removed: Set<String> = []
        var isStopped = false
    }

    private let log: TopicLog
    private let clock: TriggerClock
    private let diagnostics: Log
    private let state = Mutex(State())
    /// What was kept when the topic was opened.
    private let found: [[UInt8]: [UInt8]]
    private let owner = Mutex<@Sendable () -> Topic?>({ nil })

    /// How long progress may be behind what was delivered: what a crash delivers again.
    private static let delayMilliseconds = 250
    private static let commitBytesMax = 1 << 20
    private static let routedKey = Array("events/routed".utf8)
    private static func key(_ subscription: String) -> [UInt8] { Array("events/subscription/\(subscription)".utf8) }

    init(_ log: TopicLog, clock: TriggerClock, diagnostics: Log) throws(DatabaseError) {
        self.log = log
        self.clock = clock
        self.diagnostics = diagnostics
        found = try log.checkpoints()
    }

    /// Gives the topic whose progress this is.
    var topic: @Sendable () -> Topic? {
        get { owner.withLock { $0 } }
        set { owner.withLock { $0 = newValue } }
    }

    // MARK: What was kept

    /// Where the routing was; nil for a new topic.
    var routedPosition: UInt64? {
        guard let bytes = found[Self.routedKey] else { return nil }
        if let record = QueueRecord(encoded: bytes) { return record.position }
        // From the beginning no event is passed over: subscriptions know what they had.
        diagnostics.error("event-routing-place-unreadable", [("topic", .text(log.topic))])
        return 0
    }

    /// What was kept of a subscription; nil where that is missing or cannot be read.
    func record(of subscription: String) -> QueueRecord? {
        found[Self.key(subscription)].flatMap { QueueRecord(encoded: $0) }
    }

    // MARK: Keeping

    /// Keeps what has changed, before long.
    func keepSoon() {
        let mustSchedule = state.withLock { state in
            if state.isScheduled || state.isStopped { return false }
            state.isScheduled = true
            return true
        }
        guard mustSchedule else { return }
        clock.schedule(Self.delayMilliseconds) {
            let isStopped = self.state.withLock { state in
                state.isScheduled = false
                return state.isStopped
            }
            if !isStopped { self.keepNow { _ in } }
        }
    }

    /// Keeps nothing more by itself, nor tries again what failed: the store may be closed.
    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Keeps what has changed. `completion` hears when that is durable.
    func keepNow(_ completion: @escaping Completion) {
        state.withLock { $0.waiting.append(completion) }
        keepNext()
    }

    /// Forgets a subscription that is gone.
    func forget(_ subscription: String) async throws(DatabaseError) {
        state.withLock { _ = $0.removed.insert(subscription) }
        try await keep()
    }

    /// Keeps what has changed, and waits until that is durable.
    func keep() async throws(DatabaseError) {
        let result = await withCheckedContinuation { continuation in
            keepNow { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    /// Keeps the place at which a new subscription begins.
    func begin(_ subscription: String, _ record: QueueRecord) async throws(DatabaseError) {
        guard let write = CheckpointWrite(key: Self.key(subscription), value: record.encoded) else {
            throw .invalidInput
        }
        let result = await withCheckedContinuation { continuation in
            log.keep([write]) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    private func keepNext() {
        guard let topic = topic() else { return failWaiting() }
        let work = state.withLock { state -> (waiting: [Completion], removed: Set<String>)? in
            if state.isRunning || state.waiting.isEmpty { return nil }
            state.isRunning = true
            defer { (state.waiting, state.removed) = ([], []) }
            return (state.waiting, state.removed)
        }
        guard let work else { return }
        let routed = QueueRecord(isLive: true, position: topic.routedPosition)
        var writes = work.removed.map { CheckpointWrite(key: Self.key($0), value: nil) }
        let taken = topic.subscriptions.compactMap { subscription in
            subscription.takeRecord().map { (subscription: subscription, record: $0) }
        }
        writes += taken.map { CheckpointWrite(key: Self.key($0.subscription.name), value: $0.record.encoded) }
        writes.append(CheckpointWrite(key: Self.routedKey, value: routed.encoded))
        keep(writes.compactMap { $0 }[...]) { result in
            if case .failure(let error) = result {
                self.diagnostics.error(
                    "event-progress-failed", [("topic", .text(self.log.topic)), ("reason", .text("\(error)"))])
                for (subscription, _) in taken { subscription.markChanged() }
                self.state.withLock { $0.removed.formUnion(work.removed) }
                self.keepSoon()
            }
            for completion in work.waiting { completion(result) }
            self.state.withLock { $0.isRunning = false }
            self.keepNext()
        }
    }

    /// There is nobody any more whose progress could be kept: whoever waits must hear of it.
    private func failWaiting() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for completion in waiting { completion(.failure(.notFound)) }
    }

    /// Commits writes in pieces; the last one says where the routing is.
    private func keep(_ writes: ArraySlice<CheckpointWrite>, completion: @escaping Completion) {
        var byteCount = 0
        let end = writes.firstIndex { write in
            byteCount += write.key.count + (write.value?.count ?? 0)
            return byteCount > Self.commitBytesMax
        }
        let count = max(1, (end ?? writes.endIndex) - writes.startIndex)
        let rest = writes.dropFirst(count)
        log.keep(Array(writes.prefix(count))) { result in
            guard case .success = result, !rest.isEmpty else { return completion(result) }
            self.keep(rest, completion: completion)
        }
    }
}
