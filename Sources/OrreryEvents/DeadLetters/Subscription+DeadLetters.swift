import OrreryDatabase
import OrreryEngine
import OrreryTelemetry
import OrreryTriggers
import Synchronization

extension Subscription {
    /// How long until it is tried again to keep dead letters.
    private static let retryMilliseconds: Int64 = 10_000
    /// The most events that are kept in one commit.
    private static let lettersMax = 100

    /// Puts events among the dead letters. They leave the queue when they are kept there, and not before.
    /// - Parameter completion: called when all were tried.
    func bury(
        _ dead: [(entry: DeliveryQueue.Entry, reason: DeadLetterReason)],
        completion: @escaping @Sendable () -> Void = {}
    ) {
        let batch = dead.prefix(Self.lettersMax)
        let rest = Array(dead.dropFirst(Self.lettersMax))
        var reasons: [UInt64: DeadLetterReason] = [:]
        for (entry, reason) in batch { reasons[entry.version] = reason }
        let letters = events(of: batch.map(\.entry)).map { entry, event in
            EventDeadLetters.Letter(event: event, entry: entry, reason: reasons[entry.version] ?? .attemptsExceeded)
        }
        let next: @Sendable () -> Void = { rest.isEmpty ? completion() : self.bury(rest, completion: completion) }
        if letters.isEmpty {
            next()
            // What was gone has made room.
            host.readers.submit { self.pump() }
            return
        }
        host.deadLetters.put(letters, of: definition) { result in
            switch result {
            case .success:
                self.counters.deadLettered.add(UInt64(letters.count))
                self.settle(letters.map(\.entry.version))
                self.host.deliveryLog.record(letters, of: self.definition)
            case .failure(let error):
                self.host.log.error("dead-letters-not-kept", [
                    ("subscription", .text(self.definition.id)), ("reason", .text("\(error)")),
                ])
                let due = self.host.clock.nowMilliseconds() + Self.retryMilliseconds
                self.state.withLock { state in
                    for letter in letters {
                        state.queue.retry(
                            letter.entry.version, atMilliseconds: due, status: letter.entry.lastStatus)
                    }
                }
            }
            next()
            self.host.readers.submit { self.pump() }
        }
    }
}
