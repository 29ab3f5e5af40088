internal import Synchronization

/// Wakes those who wait for a partition's next commit. A commit that nobody waits for pays one load of a number.
final class CommitSignal: Sendable {
    private struct Waiter: Sendable {
        let lsn: UInt64
        let wake: @Sendable (CommitWake) -> Void
    }

    private struct State: Sendable {
        var waiters: [UInt64: Waiter] = [:]
        var nextID: UInt64 = 0
        var isGone = false
    }

    private let state = Mutex(State())
    /// How many wait. Raised before the waiter looks at the partition's LSN, and read after a commit has raised that,
    /// both with the view's lock between: so either the waiter sees the commit or the commit sees the waiter.
    private let waiterCount = Atomic(0)

    /// Whether anybody waits.
    var hasWaiters: Bool { waiterCount.load(ordering: .sequentiallyConsistent) > 0 }

    /// Adds a waiter, to be woken once. Answers its number; nil when it was woken at once.
    /// - Parameter reached: gives the LSN reached by now.
    func add(
        after lsn: UInt64, reached: () -> UInt64, _ wake: @escaping @Sendable (CommitWake) -> Void
    ) -> UInt64? {
        let id: UInt64? = state.withLock { state in
            if state.isGone { return nil }
            state.nextID += 1
            state.waiters[state.nextID] = Waiter(lsn: lsn, wake: wake)
            waiterCount.add(1, ordering: .sequentiallyConsistent)
            return state.nextID
        }
        guard let id else {
            wake(.gone)
            return nil
        }
        guard reached() > lsn else { return id }
        // A commit may have come between, and woken it.
        if remove(id) { wake(.committed) }
        return nil
    }

    /// Removes a waiter. Answers whether it still waited.
    @discardableResult
    func remove(_ id: UInt64) -> Bool {
        state.withLock { state in
            guard state.waiters.removeValue(forKey: id) != nil else { return false }
            waiterCount.subtract(1, ordering: .sequentiallyConsistent)
            return true
        }
    }

    /// Tells of a commit that is durable and visible.
    func committed(_ lsn: UInt64) {
        guard waiterCount.load(ordering: .sequentiallyConsistent) > 0 else { return }
        let woken = state.withLock { state in
            let found = state.waiters.filter { $0.value.lsn < lsn }
            for id in found.keys { state.waiters[id] = nil }
            waiterCount.subtract(found.count, ordering: .sequentiallyConsistent)
            return found
        }
        for waiter in woken.values { waiter.wake(.committed) }
    }

    /// Tells that no commit will come any more, now and whoever asks later.
    func end() {
        let woken = state.withLock { state in
            state.isGone = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        waiterCount.subtract(woken.count, ordering: .sequentiallyConsistent)
        for waiter in woken.values { waiter.wake(.gone) }
    }
}
