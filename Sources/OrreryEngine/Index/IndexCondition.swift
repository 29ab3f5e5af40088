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
    /// The same in ranges: those between the values that a path must not have.
    static func ranges(_ path: IndexPath, without values: [IndexValue]) -> IndexCondition {
        .any(IndexValue.ranges(without: values).map { .range(path, $0) })
    }
}

/// A condition as it is looked up: made once for all runs and batches that are asked for it.
indirect enum IndexLookup: Sendable {
    case range(OrderedIndex, PostingRange)
    case all([IndexLookup])
    case any([IndexLookup])

    init(_ condition: IndexCondition, seed: UInt64) {
        switch condition {
        case .range(let path, let values):
            self = .range(.path(path), PostingRange(IndexPathHash(seed: seed, path: path), values))
        case .noneOf(let path, let values): self.init(.ranges(path, without: values), seed: seed)
        case .composite(let composite, let values):
            self = .range(.composite(composite), PostingRange(composite.path(seed: seed), values))
        case .all(let parts):
            let lookups = parts.map { IndexLookup($0, seed: seed) }
            // A single value is counted at once, so those go first.
            self = .all(lookups.filter(\.isOneValue) + lookups.filter { !$0.isOneValue })
        case .any(let parts): self = .any(parts.map { IndexLookup($0, seed: seed) })
        }
    }

    private var isOneValue: Bool {
        if case .range(_, let range) = self { range.isOneValue } else { false }
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
    func count(_ range: PostingRange, limit: Int) throws(EngineError) -> Int
    /// The versions after `version` in a range, in the order of their values; nil where there are more than `limit`.
    func versions(_ range: PostingRange, after version: UInt64, limit: Int) throws(EngineError) -> [UInt64]?
}

extension IndexSource {
    func versions(_ range: PostingRange, after version: UInt64) throws(EngineError) -> [UInt64] {
        try versions(range, after: version, limit: .max) ?? []
    }
}

extension Run: IndexSource {
    var versionCount: Int { entryCount }

    func knownCount(_ path: IndexPathHash) -> Int? { statistics[path].map { Int(clamping: $0.postingCount) } }

    func versions(_ range: PostingRange, after version: UInt64, limit: Int) throws(EngineError) -> [UInt64]? {
        var found: [UInt64] = []
        return try versions(range, after: version, limit: limit, into: &found) ? found : nil
    }
}

extension DeltaBatch: IndexSource {
    var versionCount: Int { keys.count }

    func knownCount(_ path: IndexPathHash) -> Int? { postings.column(path).postings.count }

    func count(_ range: PostingRange, limit: Int) -> Int {
        postings.column(range.path).range(range.values).count
    }

    func versions(_ range: PostingRange, after version: UInt64, limit: Int) -> [UInt64]? {
        let column = postings.column(range.path)
        let places = column.range(range.values)
        if places.count > limit { return nil }
        return places.lazy.map { column.postings[$0].version }.filter { $0 > version }
    }
}

/// Answers a look-up from one source.
struct IndexSearch {
    let source: any IndexSource
    var afterVersion: UInt64 = 0
    /// The most versions that are wanted: where there are more they are as good as all.
    var limit = Int.max

    /// A part of a condition, ready to be looked up, with what that may cost.
    private indirect enum Step {
        case range(PostingRange, count: Int)
        case all([Step])
        case any([Step])

        /// About how many versions it has: never fewer.
        var count: Int {
            switch self {
            case .range(_, let count): count
            case .all(let steps): steps.map(\.count).min() ?? 0
            case .any(let steps): steps.reduce(0) { $0 + $1.count }
            }
        }
    }

    /// The versions that may be in the look-up, ascending; nil where the source cannot tell or where it would name
    /// so many of its versions that reading them all costs less.
    func versions(_ lookup: IndexLookup) throws(EngineError) -> [UInt64]? {
        guard let step = try plan(lookup, countMax: countMax), step.count <= countMax else { return nil }
        return try run(step)
    }

    /// About how many versions ``versions(_:)`` would name; nil where it would name none at all.
    func estimate(_ lookup: IndexLookup) throws(EngineError) -> Int? {
        guard let count = try plan(lookup, countMax: countMax)?.count, count <= countMax else { return nil }
        return count
    }

    /// Above this share of the versions a look-up costs more than a scan: documents found by it are read one by one.
    private var countMax: Int { min(limit, max(200, source.versionCount / 4)) }

    /// Parts that the index cannot tell are left out of an AND and give up an OR.
    /// - Parameter countMax: no part is counted further than to one more.
    private func plan(_ lookup: IndexLookup, countMax: Int) throws(EngineError) -> Step? {
        switch lookup {
        case .range(let index, let range):
            guard source.selection.covers(index) else { return nil }
            if range.isWhole, let count = source.knownCount(range.path) { return .range(range, count: count) }
            return .range(range, count: try source.count(range, limit: countMax + 1))
        case .all(let parts):
            var steps: [Step] = []
            // What has many times as many versions as the smallest part is not looked up beside it, and so not
            // counted; nor is anything beside a part that there is nothing of.
            var worthMax = countMax
            for part in parts {
                guard let step = try plan(part, countMax: worthMax) else { continue }
                if step.count == 0 { return step }
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
    static let worthFactor = 100

    /// Parts of an AND that are looked up beside the smallest: a filter may have thousands.
    private static let furtherPartsMax = 4

    private func run(_ step: Step) throws(EngineError) -> [UInt64] {
        switch step {
        case .range(let range, let count):
            return count == 0 ? [] : try source.versions(range, after: afterVersion).sortedUnique()
        case .all(let steps):
            // The smallest first. Another is worth looking up while it takes less than reading what is left.
            var found = try steps.first.map { step throws(EngineError) in try run(step) } ?? []
            for step in steps.dropFirst().prefix(Self.furtherPartsMax)
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
        let lookup = IndexLookup(condition, seed: seed)
        var found: [UInt64] = []
        for flushed in runs where flushed.run.lastVersion > version {
            let search = IndexSearch(source: flushed.run, afterVersion: version, limit: limit)
            guard let versions = try search.versions(lookup) else { return nil }
            found += isIntact(flushed) ? versions : versions.filter { isLive($0) }
        }
        for batch in batches where batch.lastVersion > version {
            let search = IndexSearch(source: batch, afterVersion: version, limit: limit)
            guard let versions = try search.versions(lookup) else { return nil }
            found += isIntact(batch) ? versions : versions.filter { isLive($0) }
        }
        return found
    }
}
