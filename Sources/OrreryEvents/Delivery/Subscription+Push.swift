import OrreryEngine
import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// Push delivery: events go out as they come, and again until they arrive or are given up.
extension Subscription {
    /// Takes deliveries out of the queue, as many as may be under way.
    func decideDeliveries(_ state: inout State, _ work: inout Work, _ now: Int64) {
        let runningMax = state.push.runningMax(definition.concurrencyMax, nowMilliseconds: now)
        while state.push.runningCount < runningMax {
            let entries = nextDelivery(&state, &work, now)
            if entries.isEmpty { return }
            state.push.runningCount += 1
            state.isChanged = true
            work.deliveries.append(entries)
        }
        state.push.expiryMilliseconds = runningMax > 0 ? nil : giveUpExpired(&state, &work, now)
    }

    /// Gives up the events whose time is over while none may be delivered: an endpoint that never agrees keeps events
    /// from nobody who looks after the dead letters. Answers when the next one's time is over.
    private func giveUpExpired(_ state: inout State, _ work: inout Work, _ now: Int64) -> Int64? {
        while let entry = state.queue.take() {
            guard let reason = reasonToGiveUp(entry, now) else {
                state.queue.putBack(entry.version)
                return entry.publishedMilliseconds + Int64(definition.timeToLiveMinutes) * 60_000
            }
            state.queue.hold(entry.version)
            work.deadLetters.append((entry, reason))
        }
        return nil
    }

    private func nextDelivery(_ state: inout State, _ work: inout Work, _ now: Int64) -> [DeliveryQueue.Entry] {
        let (countMax, byteCountMax) = definition.destination.batchMax
        var entries: [DeliveryQueue.Entry] = []
        var byteCount = 0
        while entries.count < countMax, let entry = state.queue.take() {
            if let reason = reasonToGiveUp(entry, now) {
                state.queue.hold(entry.version)
                work.deadLetters.append((entry, reason))
                continue
            }
            byteCount += entry.event?.byteCount ?? Self.unreadBytes
            if !entries.isEmpty, byteCount > byteCountMax {
                state.queue.putBack(entry.version)
                break
            }
            state.queue.began(entry.version, nowMilliseconds: now)
            if let begun = state.queue.entries[entry.version] { entries.append(begun) }
        }
        return entries
    }

    /// What an event counts for in a batch that was not read yet.
    private static let unreadBytes = 1024

    /// Sends what was taken.
    func deliver(_ entries: [DeliveryQueue.Entry]) {
        let items = events(of: entries).map { Delivery.Item(entry: $0.entry, event: $0.event) }
        guard !items.isEmpty else {
            state.withLock { $0.push.runningCount -= 1 }
            // Others wait for its place, and what could not be read for its time.
            host.readers.submit { self.pump() }
            return
        }
        let delivery = Delivery(
            subscription: definition, items: items, startedMilliseconds: host.clock.nowMilliseconds())
        let started = ContinuousClock.now
        host.send(delivery) { result in
            self.counters.destinationDuration.record(ContinuousClock.now - started)
            self.finished(delivery, result)
        }
    }

    // MARK: Afterwards

    private var schedule: RetrySchedule {
        RetrySchedule(
            RetryPolicy(deliveryAttemptsMax: definition.attemptsMax, timeToLiveMinutes: definition.timeToLiveMinutes))
    }

    private func finished(_ delivery: Delivery, _ result: DeliveryResult) {
        let now = host.clock.nowMilliseconds()
        writeDown(delivery, result, now)
        if result.outcome.isSuccess {
            counters.delivered.add(UInt64(delivery.items.count))
            settle(delivery.items.map(\.entry.version))
        } else {
            counters.failedAttempts.add(UInt64(delivery.items.count))
        }
        let wasGone = isGone
        let dead = state.withLock { state -> [(entry: DeliveryQueue.Entry, reason: DeadLetterReason)] in
            state.push.runningCount -= 1
            state.push.lastOutcome = result.message.isEmpty ? result.outcome.name : result.message
            state.push.lastAttemptMilliseconds = now
            state.isChanged = true
            if result.outcome.isSuccess {
                if state.push.succeeded() { state.queue.hurry() }
                return []
            }
            return retry(delivery, result.outcome, &state, now)
        }
        if !dead.isEmpty { bury(dead) }
        if isGone, !wasGone { noteGone() }
        topic?.progress.keepSoon()
        pump()
    }

    /// Whether the endpoint said that it is gone for good.
    private var isGone: Bool {
        if case .gone = standing { true } else { false }
    }

    private func noteGone() {
        host.log.warning("webhook-gone", [("topic", .text(definition.topic)), ("subscription", .text(name))])
        host.keepStanding(standing, of: self)
    }

    /// Decides for each event of a delivery that failed. Answers those that are given up.
    private func retry(
        _ delivery: Delivery, _ outcome: DeliveryOutcome, _ state: inout State, _ now: Int64
    ) -> [(entry: DeliveryQueue.Entry, reason: DeadLetterReason)] {
        var dead: [(entry: DeliveryQueue.Entry, reason: DeadLetterReason)] = []
        var isEventsFault = false
        for item in delivery.items {
            var entry = item.entry
            entry.lastStatus = outcome.status
            entry.lastOutcome = outcome.name
            let step = schedule.step(
                after: outcome, attempts: entry.attempts, publishedMilliseconds: entry.publishedMilliseconds,
                nowMilliseconds: now, chance: host.clock.random())
            switch step {
            case .delivered: break
            case .retry(let due):
                state.queue.retry(entry.version, atMilliseconds: due, status: outcome.status)
            case .deadLetter(let reason):
                isEventsFault = isEventsFault || reason == .notRetriable
                state.queue.hold(entry.version)
                dead.append((entry, DeadLetterReason(reason)))
            case .endSubscription:
                state.push.agreement = .withdrawn(sinceMilliseconds: now)
                state.queue.hold(entry.version)
                dead.append((entry, .destinationGone))
            }
        }
        if !isEventsFault { state.push.failed(nowMilliseconds: now) }
        return dead
    }

    private func writeDown(_ delivery: Delivery, _ result: DeliveryResult, _ now: Int64) {
        switch definition.deliveryLog {
        case .none: return
        case .failures where result.outcome.isSuccess: return
        default: break
        }
        let entries = delivery.items.map { item in
            DeliveryLog.Entry(
                eventID: item.event.event.id, eventType: item.event.event.type, attempt: item.entry.attempts,
                timeMilliseconds: delivery.startedMilliseconds,
                durationMilliseconds: now - delivery.startedMilliseconds, outcome: result.outcome.name,
                status: result.outcome.status, message: result.message, traceparent: item.event.traceparent)
        }
        host.deliveryLog.record(entries, of: definition)
    }
}

extension DestinationDefinition {
    /// The most events, and the most bytes of them, of one delivery.
    fileprivate var batchMax: (count: Int, bytes: Int) {
        switch self {
        case .webhook(let webhook): (webhook.batchCountMax, webhook.batchBytesMax)
        case .handler: (100, 1 << 20)
        case .container, .topic, .pull: (1, 1 << 20)
        }
    }
}

extension DeliveryOutcome {
    /// The status that was answered; 0 where nothing was.
    var status: Int {
        if case .answered(let status, _) = self { return status }
        return 0
    }
}

extension DeadLetterReason {
    fileprivate init(_ reason: RetrySchedule.DeadLetterReason) {
        switch reason {
        case .attemptsExceeded: self = .attemptsExceeded
        case .timeToLiveExceeded: self = .timeToLiveExceeded
        case .notRetriable: self = .notRetriable
        }
    }
}
