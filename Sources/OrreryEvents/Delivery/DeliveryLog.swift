import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// What was sent where and what came of it, as items of a container that can be queried. It is written in the
/// background; where more comes than can be written the rest is counted and left out, for no delivery waits for it.
final class DeliveryLog: Sendable {
    /// One attempt at one event, or its end among the dead letters.
    struct Entry: Sendable {
        let eventID: String
        let eventType: String
        let attempt: Int
        /// When it began, in milliseconds since 1970.
        let timeMilliseconds: Int64
        let durationMilliseconds: Int64
        let outcome: String
        let status: Int
        let message: String
        let traceparent: String?
    }

    static let containerName = "event-deliveries"
    /// Days that an entry is kept.
    static let daysMax = 7
    /// The most entries that wait to be written.
    private static let waitingMax = 20_000
    private static let delayMilliseconds = 200
    private static let commitCountMax = 500

    private struct State {
        var waiting: [String: [Entry]] = [:]
        var waitingCount = 0
        var isScheduled = false
    }

    private let account: Account
    private let clock: TriggerClock
    private let log: Log
    private let suppressed: Counter
    private let state = Mutex(State())
    private let writer = WorkerPool(threadCount: 1)

    init(_ account: Account, clock: TriggerClock, metrics: MetricsRegistry, log: Log) {
        self.account = account
        self.clock = clock
        self.log = log
        suppressed = metrics.counter(
            "orrery_events_delivery_log_suppressed_total",
            help: "Entries of the delivery log that were left out because too many came.")
    }

    /// Writes entries down, before long.
    func record(_ entries: [Entry], of subscription: SubscriptionDefinition) {
        let mustSchedule = state.withLock { state in
            let room = Self.waitingMax - state.waitingCount
            if entries.count > room { suppressed.add(UInt64(entries.count - max(0, room))) }
            let taken = entries.prefix(max(0, room))
            state.waiting[subscription.id, default: []] += taken
            state.waitingCount += taken.count
            if state.isScheduled || taken.isEmpty { return false }
            state.isScheduled = true
            return true
        }
        if mustSchedule { clock.schedule(Self.delayMilliseconds) { self.writer.submit { self.write() } } }
    }

    /// Writes down that events are among the dead letters.
    func record(_ letters: [EventDeadLetters.Letter], of subscription: SubscriptionDefinition) {
        guard subscription.deliveryLog != .none else { return }
        let now = clock.nowMilliseconds()
        let entries = letters.map { letter in
            Entry(
                eventID: letter.event.event.id, eventType: letter.event.event.type, attempt: letter.entry.attempts,
                timeMilliseconds: now, durationMilliseconds: 0, outcome: "deadLettered",
                status: letter.entry.lastStatus, message: letter.reason.rawValue,
                traceparent: letter.event.traceparent)
        }
        record(entries, of: subscription)
    }

    /// Writes what waits. Called when the log is closed, too.
    func write() {
        let waiting = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        do throws(DatabaseError) {
            if waiting.isEmpty { return }
            let container = try account.systemContainer(
                ContainerDefinition([
                    "id": .string(Self.containerName),
                    "partitionKey": ["paths": ["/subscription"], "kind": "Hash", "version": 2],
                    "defaultTtl": .number(Self.daysMax * 86_400),
                ]))
            for (subscription, entries) in waiting {
                var rest = entries[...]
                while !rest.isEmpty {
                    let batch = rest.prefix(Self.commitCountMax)
                    rest = rest.dropFirst(Self.commitCountMax)
                    try write(batch, of: subscription, to: container)
                }
            }
        } catch {
            log.error("delivery-log-failed", [("reason", .text("\(error)"))])
        }
    }

    private func write(
        _ entries: ArraySlice<Entry>, of subscription: String, to container: Container
    ) throws(DatabaseError) {
        var operations: [ItemOperation] = []
        for entry in entries {
            let document = try Container.document(parsing: entry.json(subscription: subscription).text)
            operations.append(try container.preparingCreate(document, partitionKey: nil))
        }
        container.commit(operations) { [log] result in
            guard case .failure(let failure) = result else { return }
            log.error("delivery-log-failed", [("reason", .text("\(failure.error)"))])
        }
    }

    /// Hands what waits to the store. To be called before that is closed.
    func stop() {
        writer.submit { self.write() }
        writer.stop()
    }
}

extension DeliveryLog.Entry {
    fileprivate func json(subscription: String) -> JSONValue {
        var json: JSONValue = [
            "id": .string(EventID.random()),
            "subscription": .string(subscription),
            "eventId": .string(eventID),
            "eventType": .string(eventType),
            "attempt": .number(attempt),
            "time": .string(EventTime(microseconds: timeMilliseconds * 1000).text),
            "durationMilliseconds": .number(durationMilliseconds),
            "outcome": .string(outcome),
        ]
        if status > 0 { json["status"] = .number(status) }
        if !message.isEmpty { json["message"] = .string(message) }
        if let traceparent { json["traceparent"] = .string(traceparent) }
        return json
    }
}
