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

    /// How many live items satisfy a condition, by the index alone; nil where it cannot tell.
    /// - Parameter condition: one that holds of exactly the items with these places: no cut string, no array or object.
    public func count(_ condition: IndexCondition) throws(EngineError) -> Int? {
        // The index does not know whose time is over.
        guard moment.policy == .off else { return nil }
        var count = 0
        for flushed in view.runs {
            let search = IndexSearch(source: flushed.run, seed: seed, afterVersion: 0)
            guard let versions = try search.exactVersions(condition) else { return nil }
            for version in versions where view.isLive(version) { count += 1 }
        }
        for batch in view.batches {
            let search = IndexSearch(source: batch, seed: seed, afterVersion: 0)
            guard let versions = try search.exactVersions(condition) else { return nil }
            for version in versions where view.isLive(version) { count += 1 }
        }
        return count
    }
}
