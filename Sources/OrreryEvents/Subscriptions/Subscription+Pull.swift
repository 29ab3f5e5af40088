import OrreryDatabase
import OrreryEngine
import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// Pull delivery: receivers ask for events, have them for themselves for a while, and say what became of them.
extension Subscription {
    /// What a receiver says of events that it has.
    enum Verdict: Sendable {
        /// They are done with.
        case acknowledge
        /// Others may have them, after so many milliseconds.
        case release(delayMilliseconds: Int64)
        /// Nobody can do anything with them.
        case reject
        /// It needs them longer.
        case renewLock
    }

    /// Hands over events as soon as there are any, and none when the wait is over.
    func receive(
        countMax: Int, waitMilliseconds: Int64, completion: @escaping @Sendable ([ReceivedEvent]) -> Void
    ) {
        let receiver = EventReceiver(
            countMax: countMax, deadlineMilliseconds: host.clock.nowMilliseconds() + waitMilliseconds,
            completion: completion)
        let isEnded = state.withLock { state in
            if !state.isEnded { state.receivers.append(receiver) }
            return state.isEnded
        }
        if isEnded { receiver.answer([]) } else { pump() }
    }

    func decideReceptions(_ state: inout State, _ work: inout Work, _ now: Int64) {
        while let receiver = state.receivers.first {
            var entries: [DeliveryQueue.Entry] = []
            while entries.count < receiver.countMax, let entry = state.queue.take() {
                if let reason = reasonToGiveUp(entry, now) {
                    state.queue.hold(entry.version)
                    work.deadLetters.append((entry, reason))
                    continue
                }
                state.queue.began(entry.version, nowMilliseconds: now)
                let lock = UInt64.random(in: 1 ... .max)
                state.queue.lock(entry.version, lock, untilMilliseconds: now + Int64(definition.lockSeconds) * 1000)
                if let locked = state.queue.entries[entry.version] { entries.append(locked) }
            }
            if entries.isEmpty {
                // Nothing more is ready; those whose wait is over hear of it.
                let isLooking = !state.isLive && (state.isReading || !state.queue.isFull)
                let over = isLooking ? [] : state.receivers.filter { $0.deadlineMilliseconds <= now }
                state.receivers.removeAll { receiver in over.contains { $0 === receiver } }
                for receiver in over { work.receptions.append((receiver, [])) }
                return
            }
            state.isChanged = true
            state.receivers.removeFirst()
            work.receptions.append((receiver, entries))
        }
    }

    /// Answers a receiver with the events that were locked for it.
    func hand(_ entries: [DeliveryQueue.Entry], to receiver: EventReceiver) {
        let events = events(of: entries).map { entry, event in
            ReceivedEvent(
                lockToken: LockToken(version: entry.version, lock: entry.lock), deliveryCount: entry.attempts,
                event: event)
        }
        if !events.isEmpty { topic?.progress.keepSoon() }
        if events.isEmpty, !entries.isEmpty, waitAgain(receiver) { return }
        receiver.answer(events)
    }

    /// None of the events that were found could be read: the receiver goes on waiting.
    private func waitAgain(_ receiver: EventReceiver) -> Bool {
        let isWaiting = state.withLock { state in
            if !state.isEnded { state.receivers.insert(receiver, at: 0) }
            return !state.isEnded
        }
        if isWaiting { host.readers.submit { self.pump() } }
        return isWaiting
    }

    /// Does what a receiver says. `completion` hears, once that is durable, which tokens held.
    func conclude(
        _ tokens: [LockToken?], _ verdict: Verdict,
        completion: @escaping @Sendable (Result<[Bool], DatabaseError>) -> Void
    ) {
        let now = host.clock.nowMilliseconds()
        var dead: [(entry: DeliveryQueue.Entry, reason: DeadLetterReason)] = []
        var freed = 0
        let held = state.withLock { state in
            _ = state.queue.wake(nowMilliseconds: now)
            state.isChanged = true
            return tokens.map { token in
                guard let token, let entry = state.queue.entries[token.version], entry.lock == token.lock else {
                    return false
                }
                switch verdict {
                case .acknowledge: freed += state.queue.remove(token.version)?.event?.byteCount ?? 0
                case .renewLock:
                    let end = now + Int64(definition.lockSeconds) * 1000
                    state.queue.lock(token.version, token.lock, untilMilliseconds: end)
                case .release(let delay):
                    if entry.attempts >= definition.attemptsMax {
                        state.queue.hold(token.version)
                        dead.append((entry, .attemptsExceeded))
                    } else {
                        state.queue.retry(token.version, atMilliseconds: delay == 0 ? 0 : now + delay)
                    }
                case .reject:
                    state.queue.hold(token.version)
                    dead.append((entry, .rejected))
                }
                return true
            }
        }
        host.memory.release(freed)
        if case .acknowledge = verdict { counters.delivered.add(UInt64(held.count { $0 })) }
        let keep: @Sendable () -> Void = {
            guard let progress = self.topic?.progress else { return completion(.failure(.notFound)) }
            progress.keepNow { result in completion(result.map { held }) }
            self.pump()
        }
        if dead.isEmpty { keep() } else { bury(dead, completion: keep) }
    }
}
