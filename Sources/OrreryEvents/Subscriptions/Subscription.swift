import OrreryDatabase
import OrreryEngine
import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// One subscription at work: a window over its topic's events, and whoever takes them from it.
///
/// While it is as far as its topic's routing, that offers it what matches. Where its window is full it stays behind,
/// and reads on by itself when there is room: so one that is slow costs the others nothing, and memory no more than
/// its window.
final class Subscription: Sendable {
    struct State {
        var queue: DeliveryQueue
        /// Whether it is as far as its topic's routing.
        var isLive = false
        var isReading = false
        var isEnded = false
        /// Whether what is kept of it is behind.
        var isChanged = true
        /// When it is looked at next; nil where nothing is due.
        var timerMilliseconds: Int64?
        /// Receivers that wait for events, the oldest first.
        var receivers: [EventReceiver] = []
        var push = PushState()
        var losses = SubscriptionLosses()
    }

    let definition: SubscriptionDefinition
    /// Weak, so that a topic that is gone is gone.
    private let holder: TopicHolder
    let host: EventHost
    let counters: SubscriptionCounters
    let state: Mutex<State>
    /// What an endpoint sends back to agree.
    let validationCode = WebhookHandshake.newCode()

    /// How many of its window's places must be free before it reads on.
    private static let readCountMax = DeliveryQueue.countMax / 2

    /// A subscription that goes on where a record says.
    /// - Parameter standing: what its endpoint said before.
    init(
        _ definition: SubscriptionDefinition, of topic: Topic, from record: QueueRecord, standing: EndpointStanding
    ) {
        self.definition = definition
        holder = TopicHolder(topic)
        host = topic.host
        counters = SubscriptionCounters(topic: definition.topic, name: definition.name, in: topic.host.metrics)
        let position = record.isLive ? max(record.position, topic.routedPosition) : record.position
        var queue = DeliveryQueue(after: position, isOrdered: definition.isOrdered)
        // Those that wait for each other must come in their order.
        for var entry in record.entries.sorted(by: { $0.version < $1.version }) {
            if definition.isOrdered { entry.lane = (try? topic.log.event(entry.version))?.event.subject ?? "" }
            queue.add(entry)
        }
        var push = PushState()
        switch standing {
        case .agreed: break
        case .unasked where definition.needsAgreement:
            push.agreement = .missing(reason: "The endpoint was not asked yet.")
        case .unasked: break
        case .gone(let milliseconds): push.agreement = .withdrawn(sinceMilliseconds: milliseconds)
        }
        state = Mutex(State(queue: queue, push: push, losses: record.losses))
    }

    private final class TopicHolder: Sendable {
        weak let topic: Topic?
        init(_ topic: Topic) { self.topic = topic }
    }

    var name: String { definition.name }
    var topic: Topic? { holder.topic }

    // MARK: Coming and going

    /// Goes on, or begins.
    /// - Parameter completion: hears when the endpoint was asked whether it agrees, where it must.
    func start(completion: @escaping @Sendable () -> Void = {}) {
        joinRouting()
        watchTime()
        if isAgreed { completion() } else { shakeHands { _ in completion() } }
        pump()
    }

    /// Whether the endpoint need not be asked whether it wants the events.
    var isAgreed: Bool {
        state.withLock { if case .missing = $0.push.agreement { false } else { true } }
    }

    /// What the endpoint said.
    var standing: EndpointStanding {
        state.withLock { state in
            switch state.push.agreement {
            case .given: .agreed
            case .missing: .unasked
            case .withdrawn(let milliseconds): .gone(sinceMilliseconds: milliseconds)
            }
        }
    }

    /// Takes and gives no more. It stays behind its topic's routing from here on, and is kept as such: what is offered
    /// to the topic later is not lost for whoever goes on from its record.
    func end() {
        let (receivers, byteCount) = state.withLock { state -> ([EventReceiver], Int) in
            state.isEnded = true
            state.isLive = false
            state.isChanged = true
            defer { state.receivers = [] }
            return (state.receivers, state.queue.forgetEvents())
        }
        host.memory.release(byteCount)
        for receiver in receivers { receiver.answer([]) }
    }

    // MARK: Filling

    /// Whether an event is for this subscription.
    private func matches(_ event: StoredEvent, _ undecided: inout UndecidedEvents) -> Bool {
        if let only = event.onlySubscription { return only.utf8.elementsEqual(name.utf8) }
        var candidate = EventCandidate(event.event)
        return definition.filter?.matches(&candidate) { undecided.add(event, reason: $0) } ?? true
    }

    /// Whether it is as far as its topic's routing.
    var isLive: Bool { state.withLock { $0.isLive } }

    /// Leaves its topic's routing, which passes events that it was not offered; it reads them by itself.
    func fallBehind() {
        state.withLock { ($0.isLive, $0.isChanged) = (false, true) }
    }

    /// Takes events that the topic's routing found to match, where it is as far as that.
    /// - Parameter position: the version up to which the topic was looked at.
    func offer(_ events: [StoredEvent], through position: UInt64) {
        state.withLock { state in
            guard state.isLive, !state.isEnded else { return }
            take(events, through: position, &state)
        }
    }

    private func take(_ events: [StoredEvent], through position: UInt64, _ state: inout State) {
        for event in events where event.version > state.queue.position {
            if state.queue.isFull {
                // Kept at once: a record that says "live" moves on with the routing, past what was not taken.
                (state.isLive, state.isChanged) = (false, true)
                return
            }
            // A replay comes by events that are here already.
            if state.queue.entries[event.version] == nil {
                state.queue.add(event, keepsEvent: host.memory.claim(event.byteCount))
            }
            state.queue.pass(to: event.version)
            state.isChanged = true
        }
        state.queue.pass(to: position)
    }

    /// Reads on behind the window, by itself.
    func read() {
        guard let topic else { return }
        let position = state.withLock { $0.queue.position }
        do throws(DatabaseError) {
            let page = try topic.log.read(after: position, countMax: Self.readCountMax)
            noteExpired(after: position, page, in: topic)
            var undecided = UndecidedEvents()
            let events = page.events.filter { matches($0, &undecided) }
            note(undecided)
            counters.matchedBehind.add(UInt64(events.count))
            state.withLock { state in
                state.isReading = false
                // A replay may have moved the window meanwhile, and one that has ended takes nothing more.
                guard state.queue.position == position, !state.isEnded else { return }
                take(events, through: page.position, &state)
                state.isChanged = true
            }
            joinRouting()
            pump()
            topic.progress.keepSoon()
        } catch {
            host.log.error("events-not-read", [
                ("topic", .text(definition.topic)), ("subscription", .text(name)), ("reason", .text("\(error)")),
            ])
            host.clock.schedule(1000) {
                self.state.withLock { $0.isReading = false }
                self.pump()
            }
        }
    }

    /// Goes along with the topic's routing from now on, where it is as far.
    private func joinRouting() {
        topic?.whileNotRouting { position in
            state.withLock { state in
                if !state.isEnded, !state.queue.isFull, state.queue.position >= position { state.isLive = true }
            }
        }
    }

    // MARK: Working

    /// What is to be done, decided at one look at the state.
    struct Work {
        var deliveries: [[DeliveryQueue.Entry]] = []
        var receptions: [(receiver: EventReceiver, entries: [DeliveryQueue.Entry])] = []
        var deadLetters: [(entry: DeliveryQueue.Entry, reason: DeadLetterReason)] = []
        var mustRead = false
        var timerMilliseconds: Int64?
    }

    /// Does what can be done now: hands events over, reads on, looks after what is due.
    func pump() {
        let now = host.clock.nowMilliseconds()
        let work = state.withLock { state -> Work in
            var work = Work()
            if state.isEnded { return work }
            let unlocked = state.queue.wake(nowMilliseconds: now)
            if !unlocked.isEmpty { state.isChanged = true }
            if definition.isPull {
                decideReceptions(&state, &work, now)
            } else {
                decideDeliveries(&state, &work, now)
            }
            let hasRoom = state.queue.count <= Self.readCountMax || state.queue.readyCount == 0
            if !state.isLive, !state.isReading, !state.queue.isFull, hasRoom {
                (state.isReading, work.mustRead) = (true, true)
            }
            work.timerMilliseconds = timer(&state, now)
            return work
        }
        for (receiver, entries) in work.receptions { hand(entries, to: receiver) }
        for entries in work.deliveries { deliver(entries) }
        if !work.deadLetters.isEmpty { bury(work.deadLetters) }
        if work.mustRead { host.readers.submit { self.read() } }
        if let due = work.timerMilliseconds { wake(atMilliseconds: due, now) }
    }

    /// When a timer is to be set; nil where one that is set comes soon enough.
    private func timer(_ state: inout State, _ now: Int64) -> Int64? {
        var due = state.queue.nextDueMilliseconds
        if let expiry = state.push.expiryMilliseconds { due = min(due ?? .max, expiry) }
        if state.queue.readyCount > 0, let probe = state.push.waitsUntilMilliseconds(nowMilliseconds: now) {
            due = min(due ?? .max, probe)
        }
        for receiver in state.receivers { due = min(due ?? .max, receiver.deadlineMilliseconds) }
        guard let due, due < state.timerMilliseconds ?? .max else { return nil }
        state.timerMilliseconds = due
        return due
    }

    private func wake(atMilliseconds due: Int64, _ now: Int64) {
        host.clock.schedule(Int(clamping: max(1, due - now))) { [weak self] in
            guard let self else { return }
            self.state.withLock { if $0.timerMilliseconds == due { $0.timerMilliseconds = nil } }
            self.host.readers.submit { self.pump() }
        }
    }

    /// Whether an event may not be delivered any more, and why.
    func reasonToGiveUp(_ entry: DeliveryQueue.Entry, _ now: Int64) -> DeadLetterReason? {
        if now - entry.publishedMilliseconds >= Int64(definition.timeToLiveMinutes) * 60_000 {
            return .timeToLiveExceeded
        }
        return entry.attempts >= definition.attemptsMax ? .attemptsExceeded : nil
    }

    /// The events of entries, read again where there was no room for them in memory. What is not there any more is
    /// settled, and said to be lost.
    func events(of entries: [DeliveryQueue.Entry]) -> [(entry: DeliveryQueue.Entry, event: StoredEvent)] {
        var found: [(entry: DeliveryQueue.Entry, event: StoredEvent)] = []
        var gone: [UInt64] = []
        for entry in entries {
            if let event = entry.event {
                found.append((entry, event))
                continue
            }
            do throws(DatabaseError) {
                if let event = try topic?.log.event(entry.version) {
                    found.append((entry, event))
                } else {
                    gone.append(entry.version)
                }
            } catch {
                let due = host.clock.nowMilliseconds() + 1000
                state.withLock { $0.queue.retry(entry.version, atMilliseconds: due, status: entry.lastStatus) }
            }
        }
        if !gone.isEmpty {
            noteLoss(UInt64(gone.count), "The topic's retention ended before they were delivered.")
            settle(gone)
        }
        return found
    }

    /// Events are delivered, or among the dead letters.
    func settle(_ versions: [UInt64]) {
        let byteCount = state.withLock { state in
            state.isChanged = true
            return versions.reduce(0) { $0 + (state.queue.remove($1)?.event?.byteCount ?? 0) }
        }
        host.memory.release(byteCount)
        topic?.progress.keepSoon()
    }

    // MARK: What is kept

    /// What is to be kept, where it changed since it was taken last.
    func takeRecord() -> QueueRecord? {
        state.withLock { state in
            guard state.isChanged else { return nil }
            state.isChanged = false
            return QueueRecord(
                isLive: state.isLive, position: state.queue.position, losses: state.losses,
                entries: Array(state.queue.entries.values))
        }
    }

    /// Takes and gives no more, and answers where whoever takes its place goes on: with all that it has in hand, that
    /// which is under way too, for it will not hear of that.
    func lastRecord() -> QueueRecord? {
        // At one moment: what the routing passes after it is the successor's.
        let record = topic?.whileNotRouting { routed in
            state.withLock { state in
                state.isEnded = true
                let position = state.isLive ? max(state.queue.position, routed) : state.queue.position
                let entries = state.queue.entries.values.map { entry in
                    var entry = entry
                    (entry.isRunning, entry.event) = (false, nil)
                    return entry
                }
                return QueueRecord(isLive: false, position: position, losses: state.losses, entries: entries)
            }
        }
        end()
        return record
    }

    func markChanged() {
        state.withLock { $0.isChanged = true }
    }
}
