import OrreryTriggers
import Synchronization

/// A clock that goes on when a test says so.
final class VirtualClock: Sendable {
    private struct State {
        var nowMilliseconds: Int64 = 1_800_000_000_000
        var calls: [(due: Int64, number: Int, body: @Sendable () -> Void)] = []
        var callCount = 0
    }

    private let state = Mutex(State())

    /// How many calls wait for their time.
    var waitingCount: Int { state.withLock { $0.calls.count } }

    var nowMilliseconds: Int64 { state.withLock { $0.nowMilliseconds } }

    /// Lets time pass, and makes the calls that are due in it, each at its time.
    func advance(milliseconds: Int64) {
        let end = nowMilliseconds + milliseconds
        while let call = next(until: end) { call() }
        state.withLock { $0.nowMilliseconds = end }
    }

    private func next(until end: Int64) -> (@Sendable () -> Void)? {
        state.withLock { state in
            let found = state.calls.indices.filter { state.calls[$0].due <= end }.min { a, b in
                (state.calls[a].due, state.calls[a].number) < (state.calls[b].due, state.calls[b].number)
            }
            guard let found else { return nil }
            let call = state.calls.remove(at: found)
            state.nowMilliseconds = max(state.nowMilliseconds, call.due)
            return call.body
        }
    }

    var clock: TriggerClock {
        TriggerClock(
            nowMilliseconds: { self.nowMilliseconds },
            schedule: { milliseconds, body in
                self.state.withLock { state in
                    state.callCount += 1
                    state.calls.append((state.nowMilliseconds + Int64(milliseconds), state.callCount, body))
                }
            },
            random: { 0.5 })
    }
}
