/// What is asked of the index: values of paths, under AND and OR.
///
/// An answer lacks no item for which the condition holds. It may have others, for values share places and paths may
/// share a hash.
public indirect enum IndexCondition: Sendable {
    /// The path has a value within these.
    case range(IndexPath, ClosedRange<IndexValue>)
    /// The path has a value, but none of these, which share their places with no other.
    case noneOf(IndexPath, [IndexValue])
    /// The place in a composite index is within these.
    case composite(CompositeIndex, ClosedRange<IndexValue>)
    case all([IndexCondition])
    case any([IndexCondition])
}

extension IndexCondition {
    fileprivate var isSingleValue: Bool {
        switch self {
        case .range(_, let values), .composite(_, let values): values.lowerBound == values.upperBound
        case .noneOf, .all, .any: false
        }
    }

    /// The same in ranges: those between the values that a path must not have.
    static func ranges(_ path: IndexPath, without values: [IndexValue]) -> IndexCondition {
        .any(IndexValue.ranges(without: values).map { .range(path, $0) })
    }
}

/// Something that indexes a range of versions: a run or a batch of the delta.
protocol IndexSource {
    var selection: IndexSelection { get }
    /// How many versions it indexes.
    var versionCount: Int { get }
    /// How many postings a path has, where that is known without counting.
    func knownCount(_ path: IndexPathHash) -> Int?
    /// How many postings a range has, counting no further than `limit`.
    func count(_ path: IndexPathHash, _ values: ClosedRange<IndexValue>, limit: Int) throws(EngineError) -> Int
    /// The versions after `version` in a range, in the order of their values; nil where there are more than `limit`.
    func versions(
        _ path: IndexPathHash, _ values: ClosedRange<IndexValue>, after version: UInt64, limit: Int
    ) throws(EngineError) -> [UInt64]?
}

extension IndexSource {
    func versions(
        _ path: IndexPathHash, _ values: ClosedRange<IndexValue>, after version: UInt64
    ) throws(EngineError) -> [UInt64] {
        try versions(path, values, after: version, limit: .max) ?? []
    }
}

extension Run: IndexSource {
    var versionCount: Int { entryCount }

    func knownCount(_ path: IndexPathHash) -> Int? { statistics[path].map { Int(clamping: $0.postingCount) } }

    func versions(
        _ path: IndexPathHash, _ values: ClosedRange<IndexValue>, after version: UInt64, limit: Int
    ) throws(EngineError) -> [UInt64]? {
        var found: [UInt64] = []
        return try versions(path, values, after: version, limit: limit, into: &found) ? found : nil
    }
}

extension DeltaBatch: IndexSource {
    var versionCount: Int { keys.count }

    func knownCount(_ path: IndexPathHash) -> Int? { postings.column(path).postings.count }

    func count(_ path: IndexPathHash, _ values: ClosedRange<IndexValue>, limit: Int) -> Int {
        postings.column(path).range(values).count
    }

    func versions(
        _ path: IndexPathHash, _ values: ClosedRange<IndexValue>, after version: UInt64, limit: Int
    ) -> [UInt64]? {
        let column = postings.column(path)
        let range = column.range(values)
        if range.count > limit { return nil }
        return range.lazy.map { column.postings[$0].version }.filter { $0 > version }
    }
}

/// Answers a condition from one source.
struct IndexSearch {
    let source: any IndexSource
    let seed: UInt64
    var afterVersion: UInt64 = 0
    /// The most versions that are wanted: where there are more they are as good as all.
    var limit = Int.max

    /// A part of a condition, ready to be looked up, with what that may cost.
    private indirect enum Step {
        case range(IndexPathHash, ClosedRange<IndexValue>, count: Int)
        case all([Step])
        case any([Step])

        /// About how many versions it has: never fewer.
        var count: Int {
            switch self {
            case .range(_, _, let count): count
            case .all(let steps): steps.map(\.count).min() ?? 0
            case .any(let steps): steps.reduce(0) { $0 + $1.count }
            }
        }
    }

    /// The versions that may satisfy the condition, ascending; nil where the source cannot tell or where it would name
    /// so many of its versions that reading them all costs less.
    func versions(_ condition: IndexCondition) throws(EngineError) -> [UInt64]? {
        guard let step = try plan(condition, countMax: countMax), step.count <= countMax else { return nil }
        return try run(step)
    }

    /// About how many versions ``versions(_:)`` would name; nil where it would name none at all.
    func estimate(_ condition: IndexCondition) throws(EngineError) -> Int? {
        guard let count = try plan(condition, countMax: countMax)?.count, count <= countMax else { return nil }
        return count
    }

    /// Above this share of the versions a look-up costs more than a scan: documents found by it are read one by one.
    private var countMax: Int { min(limit, max(200, source.versionCount / 4)) }

    /// Parts that the index cannot tell are left out of an AND and give up an OR.
    /// - Parameter countMax: no part is counted further than to one more.
    private func plan(_ condition: IndexCondition, countMax: Int) throws(EngineError) -> Step? {
        switch condition {
        case .range(let path, let values):
            guard source.selection.covers(path) else { return nil }
            let hash = IndexPathHash(seed: seed, path: path)
            return .range(hash, values, count: try source.count(hash, values, limit: countMax + 1))
        case .noneOf(let path, let values):
            return try plan(.ranges(path, without: values), countMax: countMax)
        case .composite(let composite, let values):
            guard source.selection.composites.contains(composite) else { return nil }
            let hash = composite.path(seed: seed)
            return .range(hash, values, count: try source.count(hash, values, limit: countMax + 1))
        case .all(let parts):
            var steps: [Step] = []
            // A single value is counted at once. What has many times as many versions as the smallest part is not
            // looked up beside it, and so not counted.
            var worthMax = countMax
            for part in parts.filter(\.isSingleValue) + parts.filter({ !$0.isSingleValue }) {
                guard let step = try plan(part, countMax: worthMax) else { continue }
                steps.append(step)
                worthMax = min(worthMax, Self.worthFactor * step.count)
            }
            return steps.isEmpty ? nil : .all(steps.sorted { $0.count < $1.count })
        case .any(let parts):
            var steps: [Step] = []
            for part in parts {
                guard let step = try plan(part, countMax: countMax) else { return nil }
                steps.append(step)
            }
            return .any(steps)
        }
    }

    /// To look a part up is worth it beside fewer than so many times as many items that would be read otherwise.
    private static let worthFactor = 20

    private func run(_ step: Step) throws(EngineError) -> [UInt64] {
        switch step {
        case .range(let path, let values, _):
            return try source.versions(path, values, after: afterVersion).sortedUnique()
        case .all(let steps):
            // The smallest first. Another is worth looking up while it takes less than reading what is left.
            var found = try steps.first.map { step throws(EngineError) in try run(step) } ?? []
            for step in steps.dropFirst()
            where step.count <= countMax && step.count < Self.worthFactor * found.count {
                found = found.intersection(sorted: try run(step))
            }
            return found
        case .any(let steps):
            var found: [UInt64] = []
            for step in steps { found += try run(step) }
            return found.sortedUnique()
        }
    }
}

extension [UInt64] {
    /// Ascending, each once.
    func sortedUnique() -> [UInt64] {
        var isAscending = true
        for index in indices.dropFirst() where self[index - 1] >= self[index] {
            isAscending = false
            break
        }
        if isAscending { return self }
        var result: [UInt64] = []
        result.reserveCapacity(count)
        for version in sorted() where result.last != version { result.append(version) }
        return result
    }

    /// What both hold; both are ascending.
    func intersection(sorted other: [UInt64]) -> [UInt64] {
        var result: [UInt64] = []
        var index = 0
        for version in self {
            while index < other.count, other[index] < version { index += 1 }
            if index == other.count { break }
            if other[index] == version { result.append(version) }
        }
        return result
    }
}

extension View {
    /// The live versions after `version` that may satisfy a condition, ascending; nil where a scan costs less, or where
    /// a run or batch has more than `limit`.
    func candidates(
        _ condition: IndexCondition, seed: UInt64, after version: UInt64, limit: Int
    ) throws(EngineError) -> [UInt64]? {
        var found: [UInt64] = []
        for flushed in runs where flushed.run.lastVersion > version {
            let search = IndexSearch(source: flushed.run, seed: seed, afterVersion: version, limit: limit)
            guard let versions = try search.versions(condition) else { return nil }
            found += isIntact(flushed) ? versions : versions.filter { isLive($0) }
        }
        for batch in batches where batch.lastVersion > version {
            let search = IndexSearch(source: batch, seed: seed, afterVersion: version, limit: limit)
            guard let versions = try search.versions(condition) else { return nil }
            found += isIntact(batch) ? versions : versions.filter { isLive($0) }
        }
        return found
    }
}
