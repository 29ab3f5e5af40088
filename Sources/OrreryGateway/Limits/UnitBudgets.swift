import Synchronization

/// The request units of all tenants. Exact under any number of threads: whatever a container answered is counted once,
/// and calls that are under way are counted by what one like them took last.
final class UnitBudgets: Sendable {
    /// What a tenant is held to, and under which name it is counted.
    struct Limit: Sendable, Hashable {
        /// The policy and the tenant.
        let name: String
        let units: Int
        let windowSeconds: Int
    }

    enum Verdict: Sendable {
        case admitted(Reservation)
        case refused(retryAfterSeconds: Int)
    }

    /// What is set aside for a call until it is known what it took.
    final class Reservation: Sendable {
        private let budgets: UnitBudgets
        private let limit: Limit
        private let operation: String
        private let reserved: Int
        private let isOpen = Atomic(true)

        fileprivate init(_ budgets: UnitBudgets, _ limit: Limit, _ operation: String, _ reserved: Int) {
            (self.budgets, self.limit, self.operation, self.reserved) = (budgets, limit, operation, reserved)
        }

        /// Counts what a container says that the call took, in thousandths of units.
        func charge(_ units: Int) {
            budgets.settle(limit, operation, took: units, reserved: takeReserved())
        }

        /// The call has ended: what it did not take is the tenant's again.
        func release() {
            let reserved = takeReserved()
            if reserved > 0 { budgets.charge(limit, -reserved) }
        }

        private func takeReserved() -> Int {
            isOpen.exchange(false, ordering: .acquiringAndReleasing) ? reserved : 0
        }
    }

    private struct State {
        var budgets: [Limit: UnitBudget] = [:]
        /// What the last call of an operation took, in thousandths of units.
        var lastUnits: [String: Int] = [:]
    }

    /// Tenants and operations that are kept in mind.
    private static let entriesMax = 65_536
    /// What a call is taken to need of which nothing is known: a read of a small item.
    private static let unknownUnits = 1000

    private let state = Mutex(State())
    private let now: @Sendable () -> UInt64

    init(nowNanoseconds: @escaping @Sendable () -> UInt64) {
        now = nowNanoseconds
    }

    /// Decides on a call.
    /// - Parameter operation: which calls are like it.
    func admit(_ limit: Limit, operation: String) -> Verdict {
        let now = now()
        return state.withLock { state in
            if state.budgets[limit] == nil {
                if state.budgets.count >= Self.entriesMax { Self.forgetFull(&state, now) }
                // Who cannot be counted is not let in.
                guard state.budgets.count < Self.entriesMax else { return .refused(retryAfterSeconds: 1) }
                state.budgets[limit] = UnitBudget(
                    capacity: limit.units * 1000, windowNanoseconds: UInt64(limit.windowSeconds) * 1_000_000_000,
                    at: now)
            }
            let units = state.lastUnits[operation] ?? Self.unknownUnits
            if let wait = state.budgets[limit]?.reserve(units, at: now) {
                return .refused(retryAfterSeconds: Int(clamping: wait / 1_000_000_000) + 1)
            }
            return .admitted(Reservation(self, limit, operation, units))
        }
    }

    private static func forgetFull(_ state: inout State, _ now: UInt64) {
        state.budgets = state.budgets.filter { entry in
            var budget = entry.value
            return !budget.isFull(at: now)
        }
    }

    private func settle(_ limit: Limit, _ operation: String, took units: Int, reserved: Int) {
        let now = now()
        state.withLock { state in
            if state.lastUnits.count >= Self.entriesMax { state.lastUnits = [:] }
            state.lastUnits[operation] = units
            state.budgets[limit]?.charge(units - reserved, at: now)
        }
    }

    private func charge(_ limit: Limit, _ units: Int) {
        let now = now()
        state.withLock { $0.budgets[limit]?.charge(units, at: now) }
    }
}
