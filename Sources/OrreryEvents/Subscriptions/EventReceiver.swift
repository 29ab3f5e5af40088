import OrreryHTTP

/// An event that a receiver has for itself for a while.
struct ReceivedEvent: Sendable {
    let lockToken: LockToken
    /// How often it was handed over, this time included.
    let deliveryCount: Int
    let event: StoredEvent
}

/// Names a receiver's hold on one event.
struct LockToken: Sendable, Equatable {
    let version: UInt64
    let lock: UInt64

    init(version: UInt64, lock: UInt64) {
        self.version = version
        self.lock = lock
    }

    /// The token as clients have it: two numbers in hexadecimal.
    var text: String { String(version, radix: 16) + "-" + String(lock, radix: 16) }

    /// Reads a token; nil for what is none.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let version = UInt64(parts[0], radix: 16), let lock = UInt64(parts[1], radix: 16),
            lock != 0
        else { return nil }
        self.init(version: version, lock: lock)
    }
}

/// Somebody who asked for events and waits for them.
final class EventReceiver: Sendable {
    let countMax: Int
    /// When it wants to hear that there is none, in milliseconds since 1970.
    let deadlineMilliseconds: Int64
    private let completion: @Sendable ([ReceivedEvent]) -> Void

    init(
        countMax: Int, deadlineMilliseconds: Int64, completion: @escaping @Sendable ([ReceivedEvent]) -> Void
    ) {
        self.countMax = countMax
        self.deadlineMilliseconds = deadlineMilliseconds
        self.completion = completion
    }

    func answer(_ events: [ReceivedEvent]) {
        completion(events)
    }
}
