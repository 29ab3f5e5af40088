import Synchronization

/// A number that rises and falls: connections open, bytes held. Any thread may change it; it never locks.
public final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    public init() {}

    public func set(_ value: Int64) {
        level.store(value, ordering: .relaxed)
    }

    /// Adds to the level, or takes from it when negative.
    public func add(_ amount: Int64) {
        level.wrappingAdd(amount, ordering: .relaxed)
    }

    public var value: Int64 { level.load(ordering: .relaxed) }
}
