public import OrreryDocuments
internal import Synchronization

extension Partition {
    /// The item's current version, or nil.
    public func item(_ key: ItemKey) throws(EngineError) -> Item? {
        try read(key).item
    }

    /// The item's current version, or nil, with the LSN of the view it was read in.
    public func read(_ key: ItemKey) throws(EngineError) -> (item: Item?, lsn: UInt64) {
        // The moment first: a policy that let items end is followed by others only in views that have them gone.
        let moment = moment
        let view = currentView
        let item = try view.withCurrent(key, hash: hashing.hash(key)) { record in
            moment.hasEnded(record.header) ? nil : record.copied()
        }
        return (item ?? nil, view.lsn)
    }

    /// A consistent state of the partition for reads of many items. Holding it keeps old files alive, so let go of it
    /// soon; a page of results is copied out before its answer is sent.
    /// - Parameter milliseconds: since 1970, as of when items are seen to end; nil for now. What was removed since
    ///   stays gone.
    public func snapshot(asOf milliseconds: Int64? = nil) -> PartitionSnapshot {
        let moment = moment(asOf: milliseconds)
        return PartitionSnapshot(view: currentView, moment: moment, seed: hashing.seed, partition: self)
    }
}

/// One state of a partition, for scans. A class, for a query hands it around for every item that it reads: copies of
/// its parts would count references to what all threads share.
public final class PartitionSnapshot: Sendable {
    let view: View
    let moment: ExpiryMoment
    let seed: UInt64
    /// Stays open while somebody reads this.
    private let partition: Partition

    /// Which course of events its LSNs belong to.
    public var timeline: Timeline { partition.timeline }

    init(view: View, moment: ExpiryMoment, seed: UInt64, partition: Partition) {
        self.view = view
        self.moment = moment
        self.seed = seed
        self.partition = partition
    }

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

    /// The number of live items, and of those whose time is over but whose removal is not yet logged.
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
        try walk(scope, after: version) { body($0.copied()) }
    }

    /// The same scan of what a query reads.
    /// - Parameter excerpt: the members that are wanted; nil for all.
    public func scanTexts(
        _ scope: Scope, after version: UInt64, _ excerpt: JSONExcerpt?, _ body: (ItemText) -> Bool
    ) throws(EngineError) -> Bool {
        try walk(scope, after: version) { body($0.itemText(excerpt)) }
    }

    private func walk(
        _ scope: Scope, after version: UInt64, _ body: (borrowing LogRecord) -> Bool
    ) throws(EngineError) -> Bool {
        guard let keys = scope.keys else {
            return try view.walk(after: version) { record in moment.hasEnded(record.header) || body(record) }
        }
        if case .range(let lower, let upper) = scope, !lower.span.precedes(upper.span) { return true }
        return try walk(scope, of: view.versions(within: keys, after: version)[...], body)
    }

    /// How many live items a scope has. No item is copied out, and for all of a partition none is looked at but those
    /// whose time may be over, unless these are many.
    public func count(_ scope: Scope) throws(EngineError) -> Int {
        var count = 0
        func take(_ record: borrowing LogRecord) -> Bool {
            if scope.contains(record), !moment.hasEnded(record.header) { count += 1 }
            return true
        }
        switch scope {
        case .all:
            if let ended = try endedVersions() { return view.itemCount - ended.count }
            _ = try view.walk(after: 0, take)
        case .range(let lower, let upper):
            let keys = KeyOrder(lowerBound: lower.span)...KeyOrder(upperBound: upper.span)
            for version in try view.versions(within: keys, after: 0) { _ = try view.withRecord(version, take) }
        case .partitionKey(let effectiveKey, _):
            let order = KeyOrder(effectiveKey.span)
            for version in try view.versions(within: order...order, after: 0) {
                _ = try view.withRecord(version, take)
            }
        }
        return count
    }

    /// The versions that may satisfy a condition, ascending; nil where a scan of the scope costs less.
    /// Some may be outside the scope; the scan of them sorts these out.
    /// - Parameters:
    ///   - version: versions up to this one are not asked for, and runs that hold no others not looked at.
    ///   - limit: the answer is nil, too, where a run or batch has more than this for a part of the condition.
    public func candidates(
        _ condition: IndexCondition, in scope: Scope, after version: UInt64 = 0, limit: Int = .max
    ) throws(EngineError) -> [UInt64]? {
        guard case .partitionKey(let effectiveKey, _) = scope else {
            return try view.candidates(condition, seed: seed, after: version, limit: limit)
        }
        let order = KeyOrder(effectiveKey.span)
        let keyCount = try view.versionCount(within: order...order)
        // A handful is read sooner than looked up.
        if keyCount > Self.handfulMax {
            let fewer = min(limit, keyCount)
            let found = try view.candidates(condition, seed: seed, after: version, limit: fewer)
            if let found, found.count <= keyCount { return found }
        }
        return keyCount <= limit ? try view.versions(within: order...order, after: version) : nil
    }

    private static let handfulMax = 100

    /// Gives those of these versions that are in the scope, in their order, until `body` answers false.
    /// - Returns: whether the end was reached.
    public func scan(
        _ scope: Scope, of versions: ArraySlice<UInt64>, _ body: (Item) -> Bool
    ) throws(EngineError) -> Bool {
        try walk(scope, of: versions) { body($0.copied()) }
    }

    /// The same of what a query reads.
    public func scanTexts(
        _ scope: Scope, of versions: ArraySlice<UInt64>, _ excerpt: JSONExcerpt?, _ body: (ItemText) -> Bool
    ) throws(EngineError) -> Bool {
        try walk(scope, of: versions) { body($0.itemText(excerpt)) }
    }

    private func walk(
        _ scope: Scope, of versions: ArraySlice<UInt64>, _ body: (borrowing LogRecord) -> Bool
    ) throws(EngineError) -> Bool {
        for version in versions {
            // An item whose time is over is passed by.
            let goesOn = try view.withRecord(version) { record in
                !scope.contains(record) || moment.hasEnded(record.header) || body(record)
            }
            if goesOn == false { return false }
        }
        return true
    }
}

extension PartitionSnapshot.Scope {
    /// Where the keys of its items are; nil for everywhere.
    var keys: ClosedRange<KeyOrder>? {
        switch self {
        case .all: return nil
        case .range(let lower, let upper):
            return KeyOrder(lowerBound: lower.span)...max(
                KeyOrder(lowerBound: lower.span), KeyOrder(upperBound: upper.span))
        case .partitionKey(let effectiveKey, _):
            let order = KeyOrder(effectiveKey.span)
            return order...order
        }
    }

    func contains(_ record: borrowing LogRecord) -> Bool {
        switch self {
        case .all: true
        case .range(let lower, let upper): record.effectiveKey.isWithin(lower.span, upper.span)
        case .partitionKey(let effectiveKey, let partitionKey):
            record.effectiveKey.isEqual(to: effectiveKey.span) && record.hasPartitionKey(partitionKey.span)
        }
    }
}

extension Span<UInt8> {
    /// Whether these bytes are in [lower, upper), compared as bytes.
    func isWithin(_ lower: Span<UInt8>, _ upper: Span<UInt8>) -> Bool {
        !precedes(lower) && precedes(upper)
    }

    func precedes(_ other: Span<UInt8>) -> Bool {
        let common = Swift.min(count, other.count)
        for index in 0..<common where self[index] != other[index] { return self[index] < other[index] }
        return count < other.count
    }
}
