public import OrreryDocuments

/// What queries ask of a partition's index besides candidates.
extension PartitionSnapshot {
    /// The item of a version, where it is in a scope and its time is not over.
    /// - Parameter excerpt: the members that are wanted; nil for all.
    public func itemText(
        _ version: UInt64, in scope: Scope = .all, _ excerpt: JSONExcerpt? = nil
    ) throws(EngineError) -> ItemText? {
        let found = try view.withRecord(version) { record in
            scope.contains(record) && !moment.hasEnded(record.header) ? record.itemText(excerpt) : nil
        }
        return found ?? nil
    }

    /// Appends the text of a version's item, where that is in a scope and its time is not over; answers its number,
    /// or nil.
    public func appendText(
        of version: UInt64, in scope: Scope = .all, to texts: inout [UInt8]
    ) throws(EngineError) -> UInt64? {
        let number = try view.withRecord(version) { record -> UInt64? in
            guard scope.contains(record), !moment.hasEnded(record.header) else { return nil }
            texts.append(copying: record.text)
            return record.header.documentNumber
        }
        return number ?? nil
    }

    /// Has the records of some versions that are to be read brought nearer, side by side.
    @discardableResult
    public func warm(_ versions: [UInt64]) -> Int { view.warm(versions) }

    /// The number that orders items by `_rid`, of a version's item. Whether the item is whole is found out when it is
    /// read.
    public func documentNumber(of version: UInt64) throws(EngineError) -> UInt64? {
        try view.documentNumber(of: version)
    }

    /// What all live versions lie within; nil where there is none.
    public var versionBounds: ClosedRange<UInt64>? {
        let batches = view.batches
        guard let first = view.runs.first?.run.firstVersion ?? batches.first?.firstVersion,
            let last = batches.last?.lastVersion ?? view.runs.last?.run.lastVersion, first <= last
        else { return nil }
        return first...last
    }

    /// The versions in a scope, ascending; nil for all of the partition. Some may be outside the scope.
    public func versions(in scope: Scope) throws(EngineError) -> [UInt64]? {
        try scope.keys.map { keys throws(EngineError) in try view.versions(within: keys, after: 0) }
    }

    /// How many versions may be in a scope, superseded ones among them; nil for all of the partition.
    /// - Parameter limit: where there are as many, or more, they are not counted further.
    public func versionCount(in scope: Scope, limit: Int) throws(EngineError) -> Int? {
        try scope.keys.map { keys throws(EngineError) in try view.versionCount(within: keys, limit: limit) }
    }

    /// Whether versions may lack an index's path. No version lacks a composite index.
    public func mayLack(_ index: OrderedIndex) -> Bool {
        guard case .path = index else { return false }
        let path = index.hash(seed: seed)
        return view.runs.contains { !$0.run.hasAll(path) } || view.batches.contains { !$0.hasAll(path) }
    }

    /// About how many versions satisfy a condition, never fewer; nil where the index cannot tell, where there are so
    /// many that a scan costs less, or more than `limit`.
    public func estimate(_ condition: IndexCondition, limit: Int = .max) throws(EngineError) -> Int? {
        let lookup = IndexLookup(condition, seed: seed)
        var total = 0
        for source in sources {
            let search = IndexSearch(source: source.index, limit: limit)
            guard let count = try search.estimate(lookup) else { return nil }
            total += count
        }
        return total <= limit ? total : nil
    }

    /// Whether a look-up finds the delta's postings in order, or so few of them that putting them in order takes no
    /// time to speak of.
    public var isReadyForLookups: Bool { view.isReadyForLookups }

    /// The items that satisfy a condition, ascending, by the index alone; nil where it cannot tell.
    /// - Parameters:
    ///   - condition: one that holds of exactly the items with these places: no cut string, no array or object.
    ///   - limit: the most items; where a part of the condition has more of them the answer is nil. So it is where a
    ///     part of an AND has so many more than another that the items of that had better be read.
    public func exactVersions(_ condition: IndexCondition, limit: Int = .max) throws(EngineError) -> [UInt64]? {
        guard let found = try placedVersions(condition, limit: limit), found.count <= limit,
            let ended = try endedVersions()
        else { return nil }
        return ended.isEmpty ? found : found.subtracting(sorted: ended)
    }

    /// The live versions that satisfy a condition as far as places tell, ascending.
    private func placedVersions(_ condition: IndexCondition, limit: Int) throws(EngineError) -> [UInt64]? {
        switch condition {
        case .range(let path, let values): return try versions(by: .path(path), within: values, limit: limit)
        case .noneOf(let path, let values):
            return try placedVersions(.ranges(path, without: values), limit: limit)
        case .composite(let composite, let values):
            return try versions(by: .composite(composite), within: values, limit: limit)
        case .all(let parts):
            var found: [UInt64]?
            for part in try smallestFirst(parts) {
                // What has many times as many as are left costs more than to read those and see.
                let worthMax = found.map { max(Self.wideMin, IndexSearch.worthFactor * $0.count) } ?? .max
                guard let versions = try placedVersions(part, limit: min(limit, worthMax)) else { return nil }
                found = found.map { $0.intersection(sorted: versions) } ?? versions
                if found?.isEmpty == true { break }
            }
            return found
        case .any(let parts):
            var found: [UInt64] = []
            for part in parts {
                guard let versions = try placedVersions(part, limit: limit) else { return nil }
                found += versions
                if found.count > limit { return nil }
            }
            return found.sortedUnique()
        }
    }

    /// So many are looked up beside however few.
    private static let wideMin = 256

    /// Parts of an AND in the order of what they have, as far as that is known at once: single values are counted.
    private func smallestFirst(_ parts: [IndexCondition]) throws(EngineError) -> [IndexCondition] {
        if parts.count < 2 { return parts }
        var counted: [(part: IndexCondition, count: Int)] = []
        let sources = sources
        for part in parts {
            let range: PostingRange? = switch part {
            case .range(let path, let values): PostingRange(IndexPathHash(seed: seed, path: path), values)
            case .composite(let composite, let values): PostingRange(composite.path(seed: seed), values)
            case .noneOf, .all, .any: nil
            }
            var count = Int.max
            if let range, range.isOneValue {
                count = 0
                for source in sources { count += try source.index.count(range, limit: .max) }
            }
            counted.append((part: part, count: count))
        }
        return counted.sorted { $0.count < $1.count }.map(\.part)
    }

    /// The live versions within a range of an index, ascending; nil where it is not in all runs and batches.
    private func versions(
        by index: OrderedIndex, within values: ClosedRange<IndexValue>, limit: Int
    ) throws(EngineError) -> [UInt64]? {
        let path = index.hash(seed: seed)
        guard let parts = view.parts(of: index, path) else { return nil }
        let wanted = PostingRange(path, values)
        var found: [UInt64] = []
        for part in parts.runs {
            let start = found.count
            guard try part.run.versions(wanted, after: 0, limit: limit, into: &found) else { return nil }
            if !part.isIntact { view.dropDead(from: start, of: &found) }
        }
        let (lower, upper) = (WalkedPlace(values.lowerBound), WalkedPlace(values.upperBound))
        for part in parts.columns {
            let start = found.count
            let range = part.postings.range(from: lower, to: upper)
            guard start + range.count <= limit else { return nil }
            for posting in range { found.append(part.postings.postings[posting].version) }
            if !part.isIntact { view.dropDead(from: start, of: &found) }
        }
        return found.sortedUnique()
    }

    /// How many items satisfy a condition; see ``exactVersions(_:limit:)``.
    /// - Parameter isBrief: whether the answer is nil where more than a few postings would have to be looked at.
    public func count(_ condition: IndexCondition, isBrief: Bool = false) throws(EngineError) -> Int? {
        let limit = isBrief ? Self.briefPostingsMax : .max
        guard let (path, only) = condition.onlyPath, moment.policy == .off else {
            return try exactVersions(condition, limit: limit)?.count
        }
        if case .without(let values) = only, isBrief, values.count * sources.count > limit { return nil }
        // A path without elements has one value of an item at most.
        var count = 0
        for source in sources {
            guard source.index.selection.covers(path) else { return nil }
            let hash = IndexPathHash(seed: seed, path: path)
            let found = switch only {
            case .within(let values): try self.count(source, PostingRange(hash, values), limit: limit)
            case .without(let values): try self.count(source, hash, without: values, limit: limit)
            }
            guard let found else { return nil }
            count += found
        }
        return count
    }

    /// How many live versions of a source have a value within a range; nil where more than `limit` postings would have
    /// to be looked at. Those of one value are counted in no time.
    private func count(
        _ source: Source, _ range: PostingRange, limit: Int
    ) throws(EngineError) -> Int? {
        if source.isIntact {
            let countLimit = range.isOneValue ? .max : limit
            let count = try source.index.count(range, limit: countLimit)
            return count < countLimit ? count : nil
        }
        return try source.index.versions(range, after: 0, limit: limit)?.count { view.isLive($0) }
    }

    /// How many live versions of a source have any value but some; nil as above.
    private func count(
        _ source: Source, _ path: IndexPathHash, without values: [IndexValue], limit: Int
    ) throws(EngineError) -> Int? {
        guard source.isIntact, let all = source.index.knownCount(path) else {
            var count = 0
            for range in IndexValue.ranges(without: values) {
                let rest = limit - count
                guard let found = try self.count(source, PostingRange(path, range), limit: rest) else { return nil }
                count += found
            }
            return count
        }
        var count = all
        var last: IndexValue?
        for value in values.sorted() where value != last {
            count -= try source.index.count(PostingRange(path, value...value), limit: .max)
            last = value
        }
        // A count that others have changed in the file is less than what it is the sum of.
        return max(0, count)
    }

    /// Postings that are looked at within a fraction of a millisecond.
    private static let briefPostingsMax = 4096

    /// The most entries that are looked at to find what has ended; behind more the sweep is far behind.
    private static let endedEntriesMax = 10_000

    /// The live versions whose time is over, ascending: the sweep has not logged their end yet. Nil where there are so
    /// many that looking at the items costs less.
    public func endedVersions() throws(EngineError) -> [UInt64]? {
        guard moment.policy != .off else { return [] }
        guard let own = try versionsEndedByThemselves() else { return nil }
        guard let seconds = moment.policy.lifeSeconds else { return own }
        // Whole seconds are indexed, so some are found that have part of a second left.
        let last = Double(moment.nowMilliseconds / 1000 - Int64(seconds))
        guard
            let walk = try OrderedWalk(
                [self], by: .path(IndexPath([.property(SystemProperty.timestamp)])),
                within: IndexValue(number: -.infinity)...IndexValue(number: last), isDescending: false,
                includesMissing: false)
        else { return nil }
        var found = own
        var items: [WalkedItem] = []
        while try walk.next(into: &items) {
            guard walk.postingCount <= Self.endedEntriesMax else { return nil }
            for item in items where try isEnded(item.version) { found.append(item.version) }
        }
        return Array(Set(found)).sorted()
    }

    private func versionsEndedByThemselves() throws(EngineError) -> [UInt64]? {
        // Entries name the first whole second at which an item has ended; within that second it may have.
        let now = UInt64(max(0, moment.nowMilliseconds) + 999) / 1000
        var found: [UInt64] = []
        var entryCount = 0
        for flushed in view.runs {
            let entries = try flushed.run.expiryEntries(through: now, limit: Self.endedEntriesMax)
            for entry in entries {
                entryCount += 1
                if view.isLive(entry.version), try isEnded(entry.version) { found.append(entry.version) }
            }
        }
        for batch in view.batches {
            for entry in batch.expiries.prefix(while: { $0.second <= now }) {
                entryCount += 1
                if view.isLive(entry.version), try isEnded(entry.version) { found.append(entry.version) }
            }
        }
        return entryCount < Self.endedEntriesMax ? found.sorted() : nil
    }

    private func isEnded(_ version: UInt64) throws(EngineError) -> Bool {
        try view.withRecord(version) { moment.hasEnded($0.header) } ?? false
    }

    /// About how many different values a path has, never fewer, as far as runs tell; and how many items it has them of.
    public func valueCounts(of path: IndexPath) -> (values: Int, items: Int) {
        let hash = IndexPathHash(seed: seed, path: path)
        var counts = (values: 0, items: 0)
        for flushed in view.runs {
            guard let known = flushed.run.statistics[hash] else { continue }
            counts.values += Int(clamping: known.valueCount)
            counts.items += Int(clamping: known.postingCount)
        }
        return counts
    }

    // MARK: Runs and batches alike

    private struct Source {
        let index: any IndexSource
        let isIntact: Bool
    }

    /// In the order of their versions.
    private var sources: [Source] {
        view.runs.map { Source(index: $0.run, isIntact: view.isIntact($0)) }
            + view.batches.map { Source(index: $0, isIntact: view.isIntact($0)) }
    }
}

extension IndexCondition {
    /// What is asked of one path's values.
    fileprivate enum Values {
        case within(ClosedRange<IndexValue>)
        case without([IndexValue])
    }

    /// The one path without elements that this is about, and what it asks of it.
    fileprivate var onlyPath: (path: IndexPath, values: Values)? {
        switch self {
        case .range(let path, let values): path.steps.contains(.element) ? nil : (path, .within(values))
        case .noneOf(let path, let values): path.steps.contains(.element) ? nil : (path, .without(values))
        case .all(let parts): parts.count == 1 ? parts.first?.onlyPath : nil
        case .any, .composite: nil
        }
    }
}
