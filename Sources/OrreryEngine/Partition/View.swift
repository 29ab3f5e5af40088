internal import Synchronization

/// What every read uses: runs, delta and log as of one LSN, one immutable value.
///
/// The partition publishes a new view after each group's flush and after each flush or merge of runs; a reader keeps
/// the one it took for as long as it needs it, and nothing that happens meanwhile disturbs it.
final class View: Sendable {
    /// A run with the versions of its range that are not live any more.
    struct FlushedRun: Sendable {
        let run: Run
        /// Versions of the run's range that are not live: dropped at the flush or superseded since.
        var superseded: VersionSet
        /// Versions in the run that are live.
        var liveCount: Int
        /// The file of `superseded`; nil while that is empty.
        var supersededFileName: String?

        func covers(_ version: UInt64) -> Bool {
            run.firstVersion <= version && version <= run.lastVersion
        }
    }

    /// The last LSN in this view.
    let lsn: UInt64
    /// Oldest first.
    let segments: [LogSegment]
    /// The same, for look-ups of records.
    private let segmentList: LogSegmentList
    /// Groups that are not in the log yet, oldest first. Always empty under strict durability.
    let unwritten: [UnwrittenGroup]
    /// Oldest first; their version ranges rise and do not overlap.
    let runs: [FlushedRun]
    /// Full deltas that wait for their flush, oldest first.
    let frozen: [Delta]
    /// The delta that grows.
    let active: Delta
    /// What was asked for of its indexes. Every query of one looks here, from whichever thread, and while nobody writes
    /// all look at the same view.
    private let knownParts = Lock<[IndexPathHash: IndexParts]>([:])
    private static let knownPartsMax = 64
    /// Whether look-ups were found to have little to put in order first.
    let knownReady = Atomic(false)

    init(
        lsn: UInt64, segments: [LogSegment], unwritten: [UnwrittenGroup] = [], runs: [FlushedRun], frozen: [Delta],
        active: Delta
    ) {
        self.lsn = lsn
        self.segments = segments
        segmentList = LogSegmentList(unretained: segments)
        self.unwritten = unwritten
        self.runs = runs
        self.frozen = frozen
        self.active = active
    }

    /// Bytes of the log in use.
    var logBytes: Int { segments.reduce(0) { $0 + $1.usedBytes } }

    /// The number of live items.
    var itemCount: Int {
        var count = runs.reduce(0) { $0 + $1.liveCount }
        for delta in frozen + [active] {
            // Each superseded version was live until then, here or in an older place.
            for batch in delta.batches { count += batch.itemCountChange }
        }
        return count
    }

    // MARK: One item

    /// Hands the item's current version to `body`; nil when there is no such item.
    func withCurrent<Result>(
        _ key: ItemKey, hash: UInt64, _ body: (borrowing LogRecord) -> Result
    ) throws(EngineError) -> Result? {
        var answer = Lookup<Result>.absent
        if try look(in: active, key, hash, body, &answer) { return answer.found }
        for delta in frozen.reversed() where try look(in: delta, key, hash, body, &answer) { return answer.found }
        for flushed in runs.reversed() {
            for version in try flushed.run.versions(ofHash: hash).reversed()
            where !flushed.superseded.contains(version) {
                if try look(at: version, key, body, &answer) { return answer.found }
            }
        }
        return nil
    }

    private enum Lookup<Result> {
        case absent
        case present(Result)

        var found: Result? {
            if case .present(let result) = self { result } else { nil }
        }
    }

    /// Looks in one delta, newest version first. Answers whether the search is over.
    private func look<Result>(
        in delta: Delta, _ key: ItemKey, _ hash: UInt64, _ body: (borrowing LogRecord) -> Result,
        _ answer: inout Lookup<Result>
    ) throws(EngineError) -> Bool {
        guard delta.mayContain(hash) else { return false }
        for batch in delta.batches.reversed() {
            for index in batch.versions(ofHash: hash).reversed() {
                if try look(at: batch.hashes[index].version, key, body, &answer) { return true }
            }
        }
        return false
    }

    /// Looks at one version. Answers whether it is of this item: newer ones were looked at before.
    private func look<Result>(
        at version: UInt64, _ key: ItemKey, _ body: (borrowing LogRecord) -> Result, _ answer: inout Lookup<Result>
    ) throws(EngineError) -> Bool {
        let isOver = try withRecord(version) { record in
            guard record.isVersion(of: key) else { return false }
            if !record.header.operation.isTombstone { answer = .present(body(record)) }
            return true
        }
        guard let isOver else { throw .damaged("version \(version) is indexed but not in the log") }
        return isOver
    }

    /// Hands one version of the log to `body`; nil when the log has none of that number.
    func withRecord<Result>(
        _ version: UInt64, _ body: (borrowing LogRecord) -> Result
    ) throws(EngineError) -> Result? {
        if let first = unwritten.first, first.firstVersion <= version {
            return unwritten.last { $0.firstVersion <= version }?.withRecord(version, body)
        }
        guard let index = segmentList.index(of: version) else { return nil }
        return try segmentList.with(index) { segment throws(EngineError) in try segment.withRecord(version, body) }
    }

    /// The number that orders items by `_rid`, of a version's item; not checked where it is in the log.
    func documentNumber(of version: UInt64) throws(EngineError) -> UInt64? {
        if let first = unwritten.first, first.firstVersion <= version {
            return try withRecord(version) { $0.header.documentNumber }
        }
        return segmentList.index(of: version).flatMap { segmentList.with($0) { $0.documentNumber(of: version) } }
    }

    /// Has some records brought into the processor's cache side by side, where to read one after the other would wait
    /// for each. Answers something that depends on them.
    func warm(_ versions: [UInt64]) -> Int {
        // All places first: to look one up may take a lock, which waits for what is on its way.
        var places: [(segment: Int, offset: Int)] = []
        places.reserveCapacity(versions.count)
        for version in versions {
            guard let segment = segmentList.index(of: version),
                let offset = segmentList.with(segment, { $0.offset(of: version) })
            else { continue }
            places.append((segment, offset))
        }
        // Then the beginnings, which tell how long the records are.
        var sum = 0
        for place in places { sum &+= segmentList.with(place.segment) { $0.byte(at: place.offset) } }
        for place in places { sum &+= segmentList.with(place.segment) { $0.touchRecord(at: place.offset) } }
        return sum
    }

    /// Whether the log has a version: not one that was trimmed.
    func contains(_ version: UInt64) -> Bool {
        if let first = unwritten.first, let last = unwritten.last, first.firstVersion <= version {
            return version <= last.lastVersion
        }
        return segments.last { $0.firstVersion <= version }?.contains(version) ?? false
    }

    // MARK: Many items

    /// What it has of an index, by the index's hash; nil where a run or batch is not indexed so.
    func parts(of index: OrderedIndex, _ path: IndexPathHash) -> IndexParts? {
        if let known = knownParts.withLock({ $0[path] }) { return known }
        guard let made = IndexParts(self, index, path) else { return nil }
        knownParts.withLock { known in
            if known.count < Self.knownPartsMax { known[path] = made }
        }
        return made
    }

    /// Whether a version that is no tombstone is the item's current one.
    func isLive(_ version: UInt64) -> Bool {
        if active.supersedes(version) || frozen.contains(where: { $0.supersedes(version) }) { return false }
        guard let flushed = runs.last(where: { $0.run.firstVersion <= version }), flushed.covers(version) else {
            return true
        }
        return !flushed.superseded.contains(version)
    }

    /// Takes those that are not live out of the versions from a place on.
    func dropDead(from start: Int, of versions: inout [UInt64]) {
        var end = start
        for index in start..<versions.count where isLive(versions[index]) {
            versions[end] = versions[index]
            end += 1
        }
        versions.removeLast(versions.count - end)
    }

    /// Walks the live items after a version, in version order, until `body` answers false.
    /// Answers whether the end was reached.
    func walk(
        after version: UInt64, _ body: (borrowing LogRecord) -> Bool
    ) throws(EngineError) -> Bool {
        var position = version
        while true {
            var resumption: UInt64?
            var deadCount = 0
            let isAtEnd = try walkHistory(after: position) { record in
                let version = record.header.version
                if !record.header.operation.isTombstone, isLive(version) {
                    deadCount = 0
                    return body(record)
                }
                deadCount += 1
                guard deadCount == Self.deadPassedMax else { return true }
                deadCount = 0
                resumption = firstPossiblyLive(from: version + 1)
                return resumption == nil
            }
            guard let next = resumption else { return isAtEnd }
            position = next - 1
        }
    }

    /// Records of no live item that a walk passes before it asks the runs where the next one is.
    private static let deadPassedMax = 64

    /// The first version from one on that a run does not know to be dead; nil where that is not far.
    private func firstPossiblyLive(from version: UInt64) -> UInt64? {
        guard let flushed = runs.last(where: { $0.run.firstVersion <= version }), flushed.covers(version) else {
            return nil
        }
        let next = min(flushed.superseded.firstAbsent(from: version), flushed.run.lastVersion + 1)
        return next > version + UInt64(Self.deadPassedMax) ? next : nil
    }

    /// Walks all versions after a version, tombstones and superseded ones too, until `body` answers false.
    /// Answers whether the end was reached.
    func walkHistory(
        after version: UInt64, _ body: (borrowing LogRecord) -> Bool
    ) throws(EngineError) -> Bool {
        try walkLog(after: version) { record in record.header.operation.isOfNoItem || body(record) }
    }

    /// Walks all records after a version, those too that stand for versions of another partition, until `body` answers
    /// false. Answers whether the end was reached.
    func walkLog(
        after version: UInt64, _ body: (borrowing LogRecord) -> Bool
    ) throws(EngineError) -> Bool {
        // Clients' tokens name versions, also such as there can be none behind.
        guard version < .max else { return true }
        let firstUnwritten = unwritten.first?.firstVersion ?? .max
        let first = segments.lastIndex { $0.firstVersion <= version + 1 } ?? 0
        for segment in segments[first...] {
            var isPast = false
            let isAtEnd = try segment.walk(after: version) { record in
                // The log may have grown since this view was taken.
                isPast = record.header.lsn > lsn || record.header.version >= firstUnwritten
                return !isPast && body(record)
            }
            if isPast { break }
            if !isAtEnd { return false }
        }
        for group in unwritten where group.lastVersion > version {
            for each in max(group.firstVersion, version + 1)...group.lastVersion
            where group.withRecord(each, body) == false { return false }
        }
        return true
    }

    /// The versions after `version` that may belong to keys within the range, ascending. Superseded ones are left out;
    /// keys are to be verified.
    func versions(within range: ClosedRange<KeyOrder>, after version: UInt64) throws(EngineError) -> [UInt64] {
        var found: [UInt64] = []
        for flushed in runs { try flushed.run.versions(within: range, after: version, into: &found) }
        for delta in frozen + [active] {
            for batch in delta.batches {
                let start = batch.keys.firstIndex(notBefore: DeltaBatch.KeyEntry(order: range.lowerBound, version: 0))
                for entry in batch.keys[start...] {
                    if entry.order > range.upperBound { break }
                    if entry.version > version { found.append(entry.version) }
                }
            }
        }
        found.sort()
        return found.filter { isLive($0) }
    }

    /// How many versions may belong to keys within a range, superseded ones among them, counting no further than
    /// `limit`.
    func versionCount(within range: ClosedRange<KeyOrder>, limit: Int = .max) throws(EngineError) -> Int {
        var count = 0
        for flushed in runs where count < limit {
            count += try flushed.run.versionCount(within: range, limit: limit - count)
        }
        for batch in batches where count < limit {
            let start = batch.keys.firstIndex(notBefore: DeltaBatch.KeyEntry(order: range.lowerBound, version: 0))
            let end = batch.keys.firstIndex(notBefore: DeltaBatch.KeyEntry(order: range.upperBound, version: .max))
            count += end - start
        }
        return count
    }

    // MARK: The next view

    /// What one more group makes of the active delta.
    struct Growth {
        /// Deltas that became full with it, or were closed before it.
        var frozen: [Delta] = []
        var active: Delta
    }

    /// Works out what one more group makes of the active delta, merging small batches. Only the committer whose turn
    /// it is changes that delta, so this needs no lock.
    func growth(_ batch: DeltaBatch, freezingAt versionsMax: Int) -> Growth {
        var growth = Growth(active: active)
        if let selection = active.selection, selection != batch.selection {
            // A delta, and the run it becomes, has one selection.
            growth = Growth(frozen: [active], active: Delta())
        }
        growth.active.append(batch)
        if growth.active.count >= versionsMax {
            growth.frozen.append(growth.active)
            growth.active = Delta()
        }
        return growth
    }

    /// With one more group, which is in the log unless it is given as unwritten.
    func appending(_ growth: Growth, lsn: UInt64, unwritten group: UnwrittenGroup?) -> View {
        View(
            lsn: lsn, segments: segments, unwritten: group.map { unwritten + [$0] } ?? unwritten, runs: runs,
            frozen: frozen + growth.frozen, active: growth.active)
    }

    /// Without the oldest unwritten groups: they are in the log now.
    func droppingUnwritten(_ count: Int) -> View {
        View(
            lsn: lsn, segments: segments, unwritten: Array(unwritten.dropFirst(count)), runs: runs, frozen: frozen,
            active: active)
    }

    /// With the delta that grows closed, for its flush.
    func freezingActive() -> View {
        View(
            lsn: lsn, segments: segments, unwritten: unwritten, runs: runs, frozen: frozen + [active], active: Delta())
    }

    /// With one more log segment.
    func appending(_ segment: LogSegment) -> View {
        View(
            lsn: lsn, segments: segments + [segment], unwritten: unwritten, runs: runs, frozen: frozen, active: active)
    }

    /// With a trimmed copy of a segment in its place.
    func replacing(_ segment: LogSegment, with trimmed: LogSegment) -> View {
        View(
            lsn: lsn, segments: segments.map { $0 === segment ? trimmed : $0 }, unwritten: unwritten, runs: runs,
            frozen: frozen, active: active)
    }

    /// With other runs, and without the oldest frozen delta where that was flushed into them.
    func replacing(runs: [FlushedRun], droppingOldestFrozen: Bool) -> View {
        View(
            lsn: lsn, segments: segments, unwritten: unwritten, runs: runs,
            frozen: droppingOldestFrozen ? Array(frozen.dropFirst()) : frozen, active: active)
    }
}
