import Glibc
import Synchronization

/// Lets only so many calls go on at a time. The others wait, and where a place becomes free the callers take turns,
/// each with its oldest call: whoever sends many waits behind its own, not others behind it.
final class FairQueue: Sendable {
    /// What becomes of a call that wants to go on.
    enum Entry: Sendable, Equatable {
        case runs, waits
        /// Too many wait.
        case refused
    }

    private struct Waiter {
        let number: UInt64
        let goOn: @Sendable (Bool) -> Void
    }

    private struct State {
        var running = 0
        /// The calls of each caller that wait, in order.
        var waiting: [String: [Waiter]] = [:]
        /// Callers with calls that wait, the one whose turn is next first.
        var turns: [String] = []
        var nextNumber: UInt64 = 0
        /// The threads that let calls go on, one after the other: a call that ends at once must not begin the next one
        /// from within itself, for there may be many.
        var handingOn: Set<pthread_t> = []
    }

    private let callsMax: Int
    private let waitingMaxOfCaller: Int
    private let callersMax: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - callsMax: how many calls go on at a time.
    ///   - waitingMaxOfCaller: how many calls of one caller wait.
    ///   - callersMax: how many callers wait.
    init(callsMax: Int, waitingMaxOfCaller: Int, callersMax: Int = 10_000) {
        (self.callsMax, self.waitingMaxOfCaller, self.callersMax) = (callsMax, waitingMaxOfCaller, callersMax)
    }

    /// Lets a call go on at once, where there is a place and nobody waits for it.
    func runsAtOnce() -> Bool {
        state.withLock { state in
            guard state.running < callsMax, state.turns.isEmpty else { return false }
            state.running += 1
            return true
        }
    }

    /// A call wants to go on.
    /// - Parameter goOn: called once for a call that waits, from any thread, with whether it may.
    /// - Returns: what becomes of it, and a number by which one that waits is given up.
    func enter(_ caller: String, _ goOn: @escaping @Sendable (Bool) -> Void) -> (Entry, number: UInt64) {
        state.withLock { state in
            if state.running < callsMax, state.turns.isEmpty {
                state.running += 1
                return (.runs, 0)
            }
            let count = state.waiting[caller]?.count ?? 0
            guard count < waitingMaxOfCaller, count > 0 || state.turns.count < callersMax else { return (.refused, 0) }
            state.nextNumber += 1
            state.waiting[caller, default: []].append(Waiter(number: state.nextNumber, goOn: goOn))
            if count == 0 { state.turns.append(caller) }
            return (.waits, state.nextNumber)
        }
    }

    /// A call that waits has waited too long: it is told that it may not go on, unless it was told something before.
    func giveUp(_ caller: String, _ number: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiting[caller]?.firstIndex(where: { $0.number == number }) else { return nil }
            let waiter = state.waiting[caller]?.remove(at: index)
            if state.waiting[caller]?.isEmpty == true {
                state.waiting[caller] = nil
                state.turns.removeAll { $0 == caller }
            }
            return waiter
        }
        waiter?.goOn(false)
    }

    /// A call that went on has ended.
    func leave() {
        let thread = pthread_self()
        let handsOn = state.withLock { state in
            state.running -= 1
            // Most often nobody waits.
            return !state.turns.isEmpty && state.handingOn.insert(thread).inserted
        }
        if !handsOn { return }
        while let next = next(thread) { next.goOn(true) }
    }

    private func next(_ thread: pthread_t) -> Waiter? {
        state.withLock { state in
            guard state.running < callsMax, let caller = state.turns.first, var waiting = state.waiting[caller] else {
                state.handingOn.remove(thread)
                return nil
            }
            let waiter = waiting.removeFirst()
            state.turns.removeFirst()
            state.waiting[caller] = waiting.isEmpty ? nil : waiting
            if !waiting.isEmpty { state.turns.append(caller) }
            state.running += 1
            return waiter
        }
    }

    var counts: (running: Int, waiting: Int) {
        state.withLock { ($0.running, $0.waiting.values.reduce(0) { $0 + $1.count }) }
    }
}
