internal import Synchronization

/// Remembers queries by their texts, so that a text that comes again is not parsed again, nor planned again when its
/// parameters are the same as the last time. One cache serves one container's definition.
///
/// What a plan is depends on the parameters, for the index is asked with their values; so they are no part of the key,
/// and a text keeps the plan of its last parameters only.
public final class QueryCache: Sendable {
    /// What is kept of a text.
    final class Entry: Sendable {
        let parsed: ParsedQuery
        /// The last parameters, and their plan where they came twice.
        let plan = Mutex<(parameters: [UInt8], plan: CachedPlan?)>(([], nil))

        init(_ parsed: ParsedQuery) {
            self.parsed = parsed
        }
    }

    fileprivate struct State {
        var entries: [[UInt8]: Entry] = [:]
        /// In the order in which they came: the first goes first.
        var texts: [[UInt8]] = []
        var oldest = 0
        var hitCount = 0
        var missCount = 0
    }

    private let state = Mutex(State())

    /// The texts that are kept, and the longest that is.
    public static let entriesMax = 256
    public static let textBytesMax = 8 * 1024
    /// The most bytes of parameters with which a plan is kept.
    static let parameterBytesMax = 4 * 1024

    public init() {}

    /// How many queries were found, and how many were not.
    public var counts: (hits: Int, misses: Int) { state.withLock { ($0.hitCount, $0.missCount) } }

    /// Reads a query, or takes it as it was read before. See ``Query/init(_:parameters:computedProperties:limits:)``.
    public func query(
        _ text: [UInt8], parameters: QueryParameters = QueryParameters(), computedProperties: [ComputedProperty] = []
    ) throws(QueryError) -> Query {
        let known = state.withLock { state in
            let entry = state.entries[text]
            if entry == nil { state.missCount += 1 } else { state.hitCount += 1 }
            return entry
        }
        let limits = QueryLimits()
        if let known {
            return try Query(known, text, parameters, limits, computedProperties)
        }
        let entry = Entry(try Parser.parse(text, limits: limits))
        let query = try Query(entry, text, parameters, limits, computedProperties)
        if text.count <= Self.textBytesMax { state.withLock { $0.add(entry, text, countMax: Self.entriesMax) } }
        return query
    }
}

extension QueryCache.State {
    fileprivate mutating func add(_ entry: QueryCache.Entry, _ text: [UInt8], countMax: Int) {
        guard entries[text] == nil else { return }
        if texts.count < countMax {
            texts.append(text)
        } else {
            entries[texts[oldest]] = nil
            texts[oldest] = text
            oldest = (oldest + 1) % countMax
        }
        entries[text] = entry
    }
}

/// What is made of a bound query before it runs.
final class CachedPlan: Sendable {
    let logical: LogicalPlan
    let physical: SharedPlan
    let demand: IndexDemand

    init(logical: LogicalPlan, physical: PhysicalPlan, demand: IndexDemand) {
        self.logical = logical
        self.physical = SharedPlan(physical)
        self.demand = demand
    }
}
