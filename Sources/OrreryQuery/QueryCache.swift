internal import OrreryDocuments
internal import Synchronization

/// Remembers queries by their texts, so that a text that comes again is not parsed again, nor planned again where its
/// parameters differ in nothing but values that the filter compares with (``QueryTemplate``). One cache serves one
/// container's definition.
public final class QueryCache: Sendable {
    /// What is kept of a text: the template of the last parameters that were no open ones.
    fileprivate final class Entry: Sendable {
        let template: Mutex<QueryTemplate>

        init(_ template: QueryTemplate) {
            self.template = Mutex(template)
        }
    }

    fileprivate struct State {
        var entries: [ByteKey: Entry] = [:]
        /// In the order in which they came: the first goes first.
        var texts: [ByteKey] = []
        var oldest = 0
        var hitCount = 0
        var missCount = 0
    }

    private let state = Mutex(State())

    /// The texts that are kept, and the longest that is.
    public static let entriesMax = 256
    public static let textBytesMax = 8 * 1024
    /// The most bytes of parameters that are not open, with which a plan is kept.
    static let parameterBytesMax = 4 * 1024

    public init() {}

    /// How many queries were found, and how many were not.
    public var counts: (hits: Int, misses: Int) { state.withLock { ($0.hitCount, $0.missCount) } }

    /// Reads a query, or takes it as it was read before. See ``Query/init(_:parameters:computedProperties:limits:)``.
    public func query(
        _ text: [UInt8], parameters: QueryParameters = QueryParameters(), computedProperties: [ComputedProperty] = []
    ) throws(QueryError) -> Query {
        let known = state.withLock { state in
            let entry = state.entries[ByteKey(text)]
            if entry == nil { state.missCount += 1 } else { state.hitCount += 1 }
            return entry
        }
        let limits = QueryLimits()
        let last = known?.template.withLock { $0 }
        if let last, let values = last.values(of: parameters) {
            return Query(last, values: values, text, parameters)
        }
        let parsed = if let last { last.parsed } else { try Parser.parse(text, limits: limits) }
        let template = try QueryTemplate(parsed, parameters, limits, computedProperties, leavesOpen: true)
        guard let values = template.values(of: parameters) else {
            return try Query(text, parameters: parameters, computedProperties: computedProperties, limits: limits)
        }
        if template.closedBytes.count <= Self.parameterBytesMax {
            if let known {
                known.template.withLock { $0 = template }
            } else if text.count <= Self.textBytesMax {
                state.withLock { $0.add(Entry(template), ByteKey(text), countMax: Self.entriesMax) }
            }
        }
        return Query(template, values: values, text, parameters)
    }
}

extension QueryCache.State {
    fileprivate mutating func add(_ entry: QueryCache.Entry, _ text: ByteKey, countMax: Int) {
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
