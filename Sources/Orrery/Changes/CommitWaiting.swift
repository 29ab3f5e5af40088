internal import OrreryDatabase
internal import OrreryEngine
internal import Synchronization

/// A task that waits for a commit in any of several ranges. It ends with the first one, with the end of a range, or
/// with the task's cancellation.
final class CommitWaiting: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Void, Never>?
        var isOver = false
        /// Whether one of the ranges will have no more commits.
        var hasMetEnd = false
        var waits: [CommitWait] = []
    }

    private let state = Mutex(State())

    /// - Parameter places: the LSN that each range is waited beyond, by the range's number.
    /// - Returns: `gone` where a range has come to its end.
    func wait(
        for ranges: [PartitionKeyRange], of container: OrreryDatabase.Container, after places: [UInt64: UInt64]
    ) async throws(DatabaseError) -> CommitWake {
        do throws(DatabaseError) {
            for range in ranges {
                let wait = try container.wait(for: range, after: places[range.number] ?? 0) { wake in
                    self.end(hasMetEnd: wake == .gone)
                }
                state.withLock { if !$0.isOver { $0.waits.append(wait) } }
            }
        } catch {
            // Those that began hold this, and this holds them.
            end()
            throw error
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.isOver { state.continuation = continuation }
                    return state.isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end()
        }
        return state.withLock { $0.hasMetEnd } ? .gone : .committed
    }

    private func end(hasMetEnd: Bool = false) {
        let last = state.withLock { state in
            state.isOver = true
            state.hasMetEnd = state.hasMetEnd || hasMetEnd
            defer { (state.continuation, state.waits) = (nil, []) }
            return (state.continuation, state.waits)
        }
        for wait in last.1 { wait.cancel() }
        last.0?.resume()
    }
}
