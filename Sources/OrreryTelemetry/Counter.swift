import Synchronization

/// A number that only rises: requests answered, bytes written. Any thread may add to it; it never locks.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    public init() {}

    /// Adds to the count; wraps after 2^64.
    public func add(_ amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    public var value: UInt64 { count.load(ordering: .relaxed) }
}
