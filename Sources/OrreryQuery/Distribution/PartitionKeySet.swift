public import OrreryKeys

/// The partition keys whose items a filter can be true for: everything, or a union of points and hierarchical
/// prefixes, possibly none.
public struct PartitionKeySet: Sendable, Equatable {
    /// Distinct keys, in the order in which the filter names them; nil for every key. A key with fewer values than
    /// the definition has paths is a prefix and stands for every key below it.
    public let keys: [PartitionKey]?

    /// Every key.
    public static let all = PartitionKeySet(keys: nil)
    /// No key.
    public static let none = PartitionKeySet(keys: [])

    /// Whether no key is possible, so that the query yields no item.
    public var isEmpty: Bool { keys?.isEmpty == true }

    /// The one key that is left, if there is only one and it is whole.
    public func singleKey(pathCount: Int) -> PartitionKey? {
        guard let keys, keys.count == 1, keys[0].values.count == pathCount else { return nil }
        return keys[0]
    }

    /// The set as ranges of effective keys, sorted and not overlapping. No key at all is the point at the start of
    /// the key space: a client sends the query there, once.
    public func ranges(under definition: PartitionKeyDefinition) -> [QueryRange] {
        guard let keys else { return [QueryRange(min: .min, max: .max, isMaxInclusive: false)] }
        guard !keys.isEmpty else { return [QueryRange(min: .min, max: .min, isMaxInclusive: true)] }
        var ranges: Set<QueryRange> = []
        for key in keys.flatMap(Self.withBothZeros) {
            if key.values.count < definition.paths.count {
                let range = definition.effectiveRange(ofPrefix: key)
                ranges.insert(QueryRange(min: range.min, max: range.max, isMaxInclusive: false))
            } else {
                let point = definition.effectiveKey(of: key)
                ranges.insert(QueryRange(min: point, max: point, isMaxInclusive: true))
            }
        }
        let sorted = ranges.sorted { $0.min < $1.min || ($0.min == $1.min && $1.max < $0.max) }
        var kept: [QueryRange] = []
        for range in sorted {
            if let last = kept.last, range.max < last.max || range.max == last.max && !last.isMaxInclusive { continue }
            kept.append(range)
        }
        return kept
    }

    /// Zero and minus zero are equal in a filter and hash apart.
    private static func withBothZeros(_ key: PartitionKey) -> [PartitionKey] {
        var keys = [PartitionKey([])]
        for value in key.values {
            if case .number(let number) = value, number == 0 {
                keys = keys.flatMap { key in
                    [PartitionKey(key.values + [.number(0)]), PartitionKey(key.values + [.number(-0.0)])]
                }
            } else {
                keys = keys.map { PartitionKey($0.values + [value]) }
            }
        }
        return keys
    }
}
