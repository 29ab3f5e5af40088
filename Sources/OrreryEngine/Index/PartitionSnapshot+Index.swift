/// What queries ask of a partition's index besides candidates.
extension PartitionSnapshot {
    /// The item of a version, where it is in a scope and its time is not over.
    public func item(_ version: UInt64, in scope: Scope = .all) throws(EngineError) -> Item? {
        let found = try view.withRecord(version) { record in
            scope.contains(record) && !moment.hasEnded(record.header) ? record.copied() : nil
        }
        return found ?? nil
    }

    /// The number that orders items by `_rid`, of a version's item.
    public func documentNumber(of version: UInt64) throws(EngineError) -> UInt64? {
        try view.withRecord(version) { $0.header.documentNumber }
    }

    /// The versions in a scope, ascending; nil for all of the partition. Some may be outside the scope.
    public func versions(in scope: Scope) throws(EngineError) -> [UInt64]? {
        switch scope {
        case .all: return nil
        case .range(let lower, let upper):
            return try view.versions(
                within: KeyOrder(lowerBound: lower.span)...KeyOrder(upperBound: upper.span), after: 0)
        case .partitionKey(let effectiveKey, _):
            let order = KeyOrder(effectiveKey.span)
            return try view.versions(within: order...order, after: 0)
        }
    }

    /// About how many versions satisfy a condition, never fewer; nil where the index cannot tell, or where there are
    /// so many that a scan costs less.
    public func estimate(_ condition: IndexCondition) throws(EngineError) -> Int? {
        var total = 0
        for flushed in view.runs {
            let search = IndexSearch(source: flushed.run, seed: seed, afterVersion: 0)
            guard let count = try search.estimate(condition) else { return nil }
            total += count
        }
        for batch in view.batches {
            let search = IndexSearch(source: batch, seed: seed, afterVersion: 0)
            guard let count = try search.estimate(condition) else { return nil }
            total += count
        }
        return total
    }

    /// The items that satisfy a condition, ascending, by the index alone; nil where it cannot tell.
    /// - Parameter condition: one that holds of exactly the items with these places: no cut string, no array or object.
    public func exactVersions(_ condition: IndexCondition) throws(EngineError) -> [UInt64]? {
        var found: [UInt64] = []
        for source in sources {
            let search = IndexSearch(source: source.index, seed: seed, afterVersion: 0)
            guard let versions = try search.exactVersions(condition) else { return nil }
            found += source.isIntact ? versions : versions.filter { view.isLive($0) }
        }
        guard let ended = try endedVersions() else { return nil }
        return ended.isEmpty ? found : found.subtracting(sorted: ended)
    }

    /// How many items satisfy a condition; see ``exactVersions(_:)``.
    public func count(_ condition: IndexCondition) throws(EngineError) -> Int? {
        guard let path = condition.onlyRange, moment.policy == .off else { return try exactVersions(condition)?.count }
        // One range has each item at most once, unless it is one of an array's elements.
        var count = 0
        for source in sources {
            guard source.index.selection.covers(path.path) else { return nil }
            let hash = IndexPathHash(seed: seed, path: path.path)
            if source.isIntact {
                count += try source.index.count(hash, path.values, limit: .max)
            } else {
                for version in try source.index.versions(hash, path.values, after: 0) where view.isLive(version) {
                    count += 1
                }
            }
        }
        return count
    }

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
            var walk = try OrderedWalk(
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
        let now = UInt64(max(0, moment.nowMilliseconds)) / 1000
        var found: [UInt64] = []
        var entryCount = 0
        for flushed in view.runs {
            let entries = try flushed.run.expiryEntries(after: nil, limit: Self.endedEntriesMax)
            for entry in entries.prefix(while: { $0.second <= now }) {
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
    /// The one range that this is, of a path without elements.
    fileprivate var onlyRange: (path: IndexPath, values: ClosedRange<IndexValue>)? {
        switch self {
        case .range(let path, let values): path.steps.contains(.element) ? nil : (path, values)
        case .all(let parts): parts.count == 1 ? parts.first?.onlyRange : nil
        case .any, .composite: nil
        }
    }
}
