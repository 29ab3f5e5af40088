import Synchronization

/// How often values of each size occurred. Buckets are fixed when it is made; recording touches two atomics and never
/// locks.
public final class Histogram: Sendable {
    /// What the recorded whole numbers stand for, and the bucket bounds that suit them.
    public struct Scale: Sendable {
        /// The largest value of each bucket, rising, in recorded units; at most `boundCountMax`. Above the last, a
        /// bucket without bound.
        public let bounds: [UInt64]

        /// Recorded units in one unit of the text output: 1e9 for nanoseconds shown as seconds.
        public let unitsPerShown: Double

        public init(bounds: [UInt64], unitsPerShown: Double = 1) {
            precondition(bounds.count <= Histogram.boundCountMax, "too many buckets")
            self.bounds = bounds
            self.unitsPerShown = unitsPerShown
        }

        /// Durations recorded in nanoseconds and shown in seconds: 10 µs to 5 s in steps of 1, 2.5, 5.
        public static let duration = Scale(bounds: steps([10, 25, 50], from: 1_000, decades: 6), unitsPerShown: 1e9)

        /// Sizes in bytes: 64 B to 16 MiB in powers of four.
        public static let bytes = Scale(bounds: (0..<10).map { 64 << (2 * UInt64($0)) })

        /// Numbers of things: 1, 2, 5, 10 … 50,000.
        public static let count = Scale(bounds: steps([1, 2, 5], from: 1, decades: 5))

        private static func steps(_ steps: [UInt64], from first: UInt64, decades: Int) -> [UInt64] {
            var unit = first
            var bounds: [UInt64] = []
            for _ in 0..<decades {
                bounds += steps.map { $0 * unit }
                unit *= 10
            }
            return bounds
        }
    }

    public static let boundCountMax = 23

    public let scale: Scale

    private let buckets = InlineArray<24, Atomic<UInt64>> { _ in Atomic(0) }
    private let total = Atomic<UInt64>(0)

    public init(_ scale: Scale) {
        self.scale = scale
    }

    /// Counts one value, in the scale's recorded units.
    public func record(_ value: UInt64) {
        var low = 0
        var high = scale.bounds.count
        while low < high {
            let middle = (low + high) / 2
            if scale.bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        buckets[low].wrappingAdd(1, ordering: .relaxed)
        total.wrappingAdd(value, ordering: .relaxed)
    }

    /// Counts a duration; one below zero counts as zero.
    public func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        record(nanoseconds.overflow ? .max : UInt64(max(0, nanoseconds.partialValue + attoseconds / 1_000_000_000)))
    }

    /// The number of values in each bucket, the last without bound. Values that come in meanwhile may be missed.
    public var counts: [UInt64] {
        (0...scale.bounds.count).map { buckets[$0].load(ordering: .relaxed) }
    }

    /// The sum of the values, in recorded units; wraps after 2^64.
    public var sum: UInt64 { total.load(ordering: .relaxed) }
}
