internal import Synchronization

/// Calls a handler with one batch after the other, as long as there are any: a task, on the threads of handlers. Taking
/// the next batch when one is over costs less than a task for each, and a thread that runs need not be woken.
final class CallRunner: Sendable {
    private struct State {
        /// Nil for the instant until it is on its way.
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Calls before other handlers have their turn on the thread.
    private static let callsPerTurn = 64

    func start(for reader: TriggerReader) {
        let task = Task(executorPreference: reader.host.handlers) { await self.run(for: reader) }
        state.withLock { $0.task = task }
    }

    private func run(for reader: TriggerReader) async {
        var batch = reader.next(for: self) { $0.isRunnerStarting = false }
        var count = 0
        while let current = batch {
            let outcome = await reader.call(current)
            count += 1
            if count % Self.callsPerTurn == 0 { await Task.yield() }
            batch = reader.next(for: self, outcome)
        }
    }

    /// Whether it takes no further batch.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Says that the batch it is at is its last.
    func markCancelled() {
        state.withLock { $0.isCancelled = true }
    }

    /// Asks the call it is at to give up.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            return state.task
        }?.cancel()
    }
}
