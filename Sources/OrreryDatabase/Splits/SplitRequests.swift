internal import OrreryKeys
internal import Synchronization

/// The containers whose partitions are to be looked at, each at most once, and who waits for what becomes of it.
final class SplitRequests: Sendable {
    private struct State {
        var requested: Set<ResourceID> = []
        /// Containers with a range whose split has begun.
        var splitting: Set<ResourceID> = []
        var waiting: [ResourceID: [@Sendable () -> Void]] = [:]
        /// Log bytes at which a partition could not be divided.
        var undivided: [ResourceID: Int] = [:]
    }

    private let state = Mutex(State())
    /// Set once there is an account: its store may tell of partitions before.
    private let handler = Mutex<(@Sendable (ResourceID) -> Void)?>(nil)

    /// From now on requests are handled: `handler` is called for each, on the caller's thread.
    func handle(_ handler: @escaping @Sendable (ResourceID) -> Void) {
        let early = state.withLock { $0.requested }
        self.handler.withLock { $0 = handler }
        for container in early { handler(container) }
    }

    /// Asks for a look at a container, unless one is asked for already.
    func add(_ container: ResourceID) {
        let isFirst = state.withLock { $0.requested.insert(container).inserted }
        if isFirst { handler.withLock({ $0 })?(container) }
    }

    /// The look begins: what is asked for from now on needs another.
    func begin(_ container: ResourceID) {
        state.withLock { _ = $0.requested.remove(container) }
    }

    /// The look is over.
    func end(_ container: ResourceID) {
        let waiting = state.withLock { state in
            state.requested.contains(container) ? nil : state.waiting.removeValue(forKey: container)
        }
        for callback in waiting ?? [] { callback() }
    }

    /// Notes whether a range of a container is being split.
    func note(_ container: ResourceID, isSplitting: Bool) {
        state.withLock { state in
            if isSplitting { state.splitting.insert(container) } else { state.splitting.remove(container) }
        }
    }

    func isSplitting(_ container: ResourceID) -> Bool {
        state.withLock { $0.splitting.contains(container) }
    }

    /// Calls back once the next look is over.
    func whenEnded(_ container: ResourceID, _ callback: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiting[container, default: []].append(callback) }
    }

    /// Notes that a partition of this size had nothing to divide.
    func noteUndivided(_ range: ResourceID, byteCount: Int) {
        state.withLock { $0.undivided[range] = byteCount }
    }

    func undividedByteCount(_ range: ResourceID) -> Int {
        state.withLock { $0.undivided[range] ?? 0 }
    }
}
