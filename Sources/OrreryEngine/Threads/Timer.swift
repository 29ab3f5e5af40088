/// Calls back after a time, all callbacks from one thread. They must be quick: submit longer work to a pool.
public final class Timer: Sendable {
    private struct Entry: Sendable {
        let dueNanoseconds: UInt64
        let job: WorkerPool.Job
    }

    private struct State: Sendable {
        /// The next one due is last.
        var entries: [Entry] = []
        var isStopped = false

        mutating func insert(_ entry: Entry) {
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].dueNanoseconds > entry.dueNanoseconds { low = middle + 1 } else { high = middle }
            }
            entries.insert(entry, at: low)
        }

        /// Takes the next job where its time has come.
        mutating func takeDue(atNanoseconds now: UInt64) -> WorkerPool.Job? {
            guard let next = entries.last, next.dueNanoseconds <= now else { return nil }
            return entries.removeLast().job
        }
    }

    private let state: Monitor<State>

    /// Starts the thread.
    public init() {
        let state = Monitor(State())
        self.state = state
        Thread.start { Self.work(state) }
    }

    /// Nobody waits any more for what is due later, or could have said so.
    deinit {
        stop()
    }

    /// Runs a job once, so many milliseconds from now. After ``stop()`` nothing is run any more.
    public func submit(afterMilliseconds milliseconds: Int, _ job: @escaping WorkerPool.Job) {
        let due = MonotonicClock.nanoseconds() + UInt64(max(0, milliseconds)) * 1_000_000
        state.withLock { $0.insert(Entry(dueNanoseconds: due, job: job)) }
    }

    /// Ends the thread, and lets go of the jobs that wait.
    public func stop() {
        state.withLock { state in
            state.isStopped = true
            state.entries = []
        }
    }

    private static func work(_ state: Monitor<State>) {
        while !state.withLock({ $0.isStopped }) {
            let now = MonotonicClock.nanoseconds()
            while let job = state.withLock({ $0.takeDue(atNanoseconds: now) }) { job() }
            let next = state.withLock { $0.entries.last?.dueNanoseconds }
            let earlier = { (state: inout State) -> Void? in
                state.isStopped || state.entries.last?.dueNanoseconds ?? .max < next ?? .max ? () : nil
            }
            if let next {
                let milliseconds = next > now ? Int(clamping: (next - now) / 1_000_000) + 1 : 0
                _ = state.wait(milliseconds: milliseconds, for: earlier)
            } else {
                state.wait(for: earlier)
            }
        }
    }
}
