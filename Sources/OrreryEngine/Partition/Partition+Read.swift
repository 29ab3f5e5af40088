internal import Synchronization

extension Partition {
    /// The item's current version, or nil.
    public func item(_ key: ItemKey) throws(EngineError) -> Item? {
        try currentView.withCurrent(key, hash: hashing.hash(key)) { $0.copied() }
    }

    /// The item's current version, or nil, with the LSN of the view it was read in.
    public func read(_ key: ItemKey) throws(EngineError) -> (item: Item?, lsn: UInt64) {
        let view = currentView
        return (try view.withCurrent(key, hash: hashing.hash(key)) { $0.copied() }, view.lsn)
    }

    /// A consistent state of the partition for reads of many items. Holding it keeps old files alive, so let go of it
    /// soon; a page of results is copied out before its answer is sent.
    public func snapshot() -> PartitionSnapshot {
        PartitionSnapshot(view: currentView)
    }
}

/// One state of a partition, for scans.
public struct PartitionSnapshot: Sendable {
    let view: View

    /// Which items a scan gives.
    public enum Scope: Sendable {
        /// All of the partition.
        case all
        /// Those whose effective partition keys are in [lower, upper), compared as bytes.
        case range(lower: [UInt8], upper: [UInt8])
        /// Those of one partition key, by its effective key and its canonical bytes.
        case partitionKey(effectiveKey: [UInt8], partitionKey: [UInt8])
    }

    /// The LSN of this state.
    public var lsn: UInt64 { view.lsn }

    /// The number of live items.
    public var itemCount: Int { view.itemCount }

    /// Gives the live items of a scope with versions after `version`, in version order, until `body` answers false.
    ///
    /// An item that does not change keeps its version, so a scan that goes on from the last version it gave meets
    /// each such item exactly once, whatever is written meanwhile.
    ///
    /// - Returns: whether the end was reached.
    public func scan(
        _ scope: Scope, after version: UInt64 = 0, _ body: (Item) -> Bool
    ) throws(EngineError) -> Bool {
        switch scope {
        case .all:
            return try view.walk(after: version) { body($0.copied()) }
        case .range(let lower, let upper):
            return try scan(lower: lower, upper: upper, after: version, body)
        case .partitionKey(let effectiveKey, let partitionKey):
            let order = KeyOrder(effectiveKey.span)
            for version in try view.versions(within: order...order, after: version) {
                let goesOn = try view.withRecord(version) { record in
                    guard record.effectiveKey.isEqual(to: effectiveKey.span),
                        record.hasPartitionKey(partitionKey.span)
                    else { return true }
                    return body(record.copied())
                }
                if goesOn == false { return false }
            }
            return true
        }
    }

    /// A narrow range is found by its postings; one that holds much of the partition is cheaper to walk.
    private func scan(
        lower: [UInt8], upper: [UInt8], after version: UInt64, _ body: (Item) -> Bool
    ) throws(EngineError) -> Bool {
        let versions = try view.versions(
            within: KeyOrder(lowerBound: lower.span)...KeyOrder(upperBound: upper.span), after: version)
        for version in versions {
            let goesOn = try view.withRecord(version) { record in
                record.effectiveKey.isWithin(lower.span, upper.span) ? body(record.copied()) : true
            }
            if goesOn == false { return false }
        }
        return true
    }
}

extension Span<UInt8> {
    /// Whether these bytes are in [lower, upper), compared as bytes.
    func isWithin(_ lower: Span<UInt8>, _ upper: Span<UInt8>) -> Bool {
        !precedes(lower) && precedes(upper)
    }

    private func precedes(_ other: Span<UInt8>) -> Bool {
        let common = Swift.min(count, other.count)
        for index in 0..<common where self[index] != other[index] { return self[index] < other[index] }
        return count < other.count
    }
}
