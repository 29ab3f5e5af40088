import Synchronization

/// The request units of all tenants. Exact under any number of threads: whatever a container answered is counted once,
/// and calls that are under way are counted by what one like them took last.
final class UnitBudgets: Sendable {
    /// What a tenant is held to, and under which name it is counted.
    struct Limit: Sendable, Hashable {
        let policy: String
        let tenant: String
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
        private let budget: Budget
        private let operation: String
        private let reserved: Int
        private let isOpen = Atomic(true)

        fileprivate init(_ budgets: UnitBudgets, _ budget: Budget, _ operation: String, _ reserved: Int) {
            (self.budgets, self.budget, self.operation, self.reserved) = (budgets, budget, operation, reserved)
        }

        /// Counts what a container says that the call took, in thousandths of units.
        func charge(_ units: Int) {
            budgets.learn(operation, units)
            budget.charge(units - takeReserved(), at: budgets.now())
        }

        /// The call has ended: what it did not take is the tenant's again.
        func release() {
            let reserved = takeReserved()
            if reserved > 0 { budget.charge(-reserved, at: budgets.now()) }
        }

        private func takeReserved() -> Int {
            isOpen.exchange(false, ordering: .acquiringAndReleasing) ? reserved : 0
        }
    }

    /// One tenant's, which calls find once and then have.
    fileprivate final class Budget: Sendable {
        private let units: Mutex<UnitBudget>

        init(_ limit: Limit, at now: UInt64) {
            units = Mutex(
                UnitBudget(
                    capacity: limit.units * 1000, windowNanoseconds: UInt64(limit.windowSeconds) * 1_000_000_000,
                    at: now))
        }

        func reserve(_ count: Int, at now: UInt64) -> UInt64? { units.withLock { $0.reserve(count, at: now) } }
        func charge(_ count: Int, at now: UInt64) { units.withLock { $0.charge(count, at: now) } }
        func isFull(at now: UInt64) -> Bool { units.withLock { $0.isFull(at: now) } }
    }

    private struct State {
        var budgets: [Limit: Budget] = [:]
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
        // The budget is not forgotten before the call is counted in it.
        return state.withLock { state in
            // Who cannot be counted is not let in.
            guard let budget = Self.budget(limit, &state, now) else { return .refused(retryAfterSeconds: 1) }
            let units = state.lastUnits[operation] ?? Self.unknownUnits
            if let wait = budget.reserve(units, at: now) {
                return .refused(retryAfterSeconds: Int(clamping: wait / 1_000_000_000) + 1)
            }
            return .admitted(Reservation(self, budget, operation, units))
        }
    }

    private static func budget(_ limit: Limit, _ state: inout State, _ now: UInt64) -> Budget? {
        if let known = state.budgets[limit] { return known }
        if state.budgets.count >= entriesMax { state.budgets = state.budgets.filter { !$0.value.isFull(at: now) } }
        guard state.budgets.count < entriesMax else { return nil }
        let made = Budget(limit, at: now)
        state.budgets[limit] = made
        return made
    }

    private func learn(_ operation: String, _ units: Int) {
        state.withLock { state in
            if state.lastUnits.count >= Self.entriesMax { state.lastUnits = [:] }
            state.lastUnits[operation] = units
        }
    }
}
