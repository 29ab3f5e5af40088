import OrreryEngine
import OrreryTriggers
import Synchronization

/// What time does to a subscription by itself.
extension Subscription {
    /// How often a queue that nobody asks is looked through for events whose time is over.
    private static let sweepMilliseconds = 60_000
    /// The longest wait of one timer.
    private static let waitMillisecondsMax: Int64 = 86_400_000

    /// Ends with its definition's time, and looks after events that no receiver asks for.
    func watchTime() {
        if definition.isPull { sweepLater() }
        if let end = definition.expiresMilliseconds { endLater(end) }
    }

    private func sweepLater() {
        host.clock.schedule(Self.sweepMilliseconds) { [weak self] in
            guard let self, !self.state.withLock({ $0.isEnded }) else { return }
            self.host.readers.submit { self.sweep() }
            self.sweepLater()
        }
    }

    /// Puts the events whose time is over among the dead letters. They are the oldest, and so stand first.
    private func sweep() {
        let now = host.clock.nowMilliseconds()
        let dead = state.withLock { state -> [(entry: DeliveryQueue.Entry, reason: DeadLetterReason)] in
            var dead: [(entry: DeliveryQueue.Entry, reason: DeadLetterReason)] = []
            _ = state.queue.wake(nowMilliseconds: now)
            while !state.isEnded, let entry = state.queue.take() {
                guard let reason = reasonToGiveUp(entry, now) else {
                    state.queue.putBack(entry.version)
                    break
                }
                state.queue.hold(entry.version)
                dead.append((entry, reason))
            }
            if !dead.isEmpty { state.isChanged = true }
            return dead
        }
        if dead.isEmpty { pump() } else { bury(dead) }
    }

    private func endLater(_ end: Int64) {
        let wait = max(0, end - host.clock.nowMilliseconds())
        host.clock.schedule(Int(min(wait, Self.waitMillisecondsMax))) { [weak self] in
            guard let self, !self.state.withLock({ $0.isEnded }) else { return }
            if self.host.clock.nowMilliseconds() >= end { self.host.remove(expired: self) } else { self.endLater(end) }
        }
    }
}
