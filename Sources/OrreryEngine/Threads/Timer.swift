/// Calls back after a time, all callbacks from one thread. They must be quick: submit longer work to a pool.
final class Timer: Sendable {
    private struct Entry: Sendable {
        let dueNanoseconds: UInt64
        let job: WorkerPool.Job
    }

    private struct State: Sendable {
        var entries: [Entry] = []
        var isStopped = false
    }

    private let state: Monitor<State>

    init() {
        let state = Monitor(State())
        self.state = state
        Thread.start { Self.work(state) }
    }

    /// Runs a job once, so many milliseconds from now. After ``stop()`` nothing is run any more.
    func submit(afterMilliseconds milliseconds: Int, _ job: @escaping WorkerPool.Job) {
        let due = MonotonicClock.nanoseconds() + UInt64(max(0, milliseconds)) * 1_000_000
        state.withLock { $0.entries.append(Entry(dueNanoseconds: due, job: job)) }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    private static func work(_ state: Monitor<State>) {
        while !state.withLock({ $0.isStopped }) {
            let now = MonotonicClock.nanoseconds()
            let (ready, next) = state.withLock { state in
                let ready = state.entries.filter { $0.dueNanoseconds <= now }
                state.entries.removeAll { $0.dueNanoseconds <= now }
                return (ready, state.entries.map(\.dueNanoseconds).min())
            }
            for entry in ready { entry.job() }
            if !ready.isEmpty { continue }
            let earlier = { (state: inout State) -> Void? in
                state.isStopped || state.entries.contains { $0.dueNanoseconds < next ?? .max } ? () : nil
            }
            if let next {
                _ = state.wait(milliseconds: Int((next - now) / 1_000_000) + 1, for: earlier)
            } else {
                state.wait(for: earlier)
            }
        }
    }
}
