/// A tenant's request units: a store that fills evenly and holds no more than so many. Calls are admitted while there
/// is enough in it of what such a call took the last time, which is set aside, and charged for what they took in the
/// end. A call that took more than there was leaves a debt, which is filled up first.
///
/// Thousandths of units are counted, and the filling is reckoned without a rest being lost, so at any time all charges
/// together are at most what the store held at the beginning, what has come since, and the debt that one reads off.
struct UnitBudget: Sendable {
    private let capacity: Int
    private let windowNanoseconds: UInt64
    /// Thousandths of units; below zero for a debt.
    private(set) var balance: Int
    private var filledAt: UInt64
    /// What has come of the next thousandth: so many of its `windowNanoseconds` parts.
    private var rest: UInt64 = 0

    /// A full store.
    /// - Parameters:
    ///   - capacity: thousandths of units, which come anew within each window.
    ///   - now: nanoseconds on a clock that never goes back.
    init(capacity: Int, windowNanoseconds: UInt64, at now: UInt64) {
        (self.capacity, self.windowNanoseconds) = (capacity, windowNanoseconds)
        (balance, filledAt) = (capacity, now)
    }

    /// Sets units aside, where they are there or the store is full.
    /// - Returns: nil where they were; else how long it takes until they will be.
    mutating func reserve(_ units: Int, at now: UInt64) -> UInt64? {
        fill(at: now)
        // What takes more than the store can ever hold goes when it is full.
        let needed = min(units, capacity)
        if balance >= needed {
            balance -= units
            return nil
        }
        // Rounded up, so that it is enough.
        let (high, low) = UInt64(needed - balance).multipliedFullWidth(by: windowNanoseconds)
        guard high < UInt64(capacity) else { return .max }
        return UInt64(capacity).dividingFullWidth((high, low)).quotient + 1
    }

    /// Counts units that were taken, or gives back those that were not.
    mutating func charge(_ units: Int, at now: UInt64) {
        fill(at: now)
        balance = min(capacity, balance.subtractingReportingOverflow(units).partialValue)
    }

    mutating func isFull(at now: UInt64) -> Bool {
        fill(at: now)
        return balance == capacity
    }

    private mutating func fill(at now: UInt64) {
        guard now > filledAt else { return }
        let product = (now - filledAt).multipliedFullWidth(by: UInt64(capacity))
        filledAt = now
        let (low, carries) = product.low.addingReportingOverflow(rest)
        let high = product.high + (carries ? 1 : 0)
        guard high < windowNanoseconds else { return fillUp() }
        let gained = windowNanoseconds.dividingFullWidth((high, low))
        guard gained.quotient < UInt64(capacity - balance) else { return fillUp() }
        balance += Int(gained.quotient)
        rest = gained.remainder
    }

    private mutating func fillUp() {
        (balance, rest) = (capacity, 0)
    }
}
