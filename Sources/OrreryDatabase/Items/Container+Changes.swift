public import OrreryEngine

/// A page of changes of one range.
public struct ChangePage: Sendable {
    /// The latest version of each item that changed, in the order of the changes.
    public var items: [Item] = []
    /// The LSN up to which the page goes; the next one begins after it.
    public var lsn: UInt64
    /// How far the range is.
    public let progress: PartitionProgress
}

/// A page of all changes of one range.
public struct HistoryPage: Sendable {
    public var changes: [ItemChange] = []
    /// The LSN up to which the page goes; the next one begins after it.
    public var lsn: UInt64
    /// How far the range is.
    public let progress: PartitionProgress
    /// The version that the page begins behind.
    public let startVersion: UInt64
    /// The last of the page's versions that the log may have let go of.
    public var trimmedVersion: UInt64

    /// How many versions the log has let go of, at most, of those of the page that lie behind one, up to another:
    /// checkpoints have versions, too.
    public func missingCount(behind version: UInt64, through last: UInt64 = .max) -> UInt64 {
        let (start, end) = (max(startVersion, version), min(trimmedVersion, last))
        guard start < end else { return 0 }
        return end - start - UInt64(changes.count { $0.item.version > start && $0.item.version <= end })
    }
}

extension Container {
    /// The changes of a range after an LSN: the latest version of each item, so that an item that changed twice is
    /// given once, and one that was deleted not at all.
    ///
    /// A page is never cut between the writes of one LSN, so it may hold more than was asked for.
    /// - Parameters:
    ///   - scope: which of the range's items.
    ///   - sinceSeconds: only changes after this second since 1970; nil for all.
    ///   - byteCountMax: how many bytes of items a page holds, unless one LSN alone has more.
    public func changes(
        of range: PartitionKeyRange, in scope: FeedScope, after lsn: UInt64, sinceSeconds: Int64?, itemCountMax: Int?,
        byteCountMax: Int = pageBytesMax
    ) throws(DatabaseError) -> ChangePage {
        let snapshot = try snapshot(of: range)
        let end = snapshot.durableLSN
        var page = ChangePage(
            lsn: end, progress: PartitionProgress(range.number, snapshot))
        var byteCount = 0
        let countMax = min(itemCountMax ?? Self.pageItemsMax, Self.pageItemsMax)
        do throws(EngineError) {
            let start = try snapshot.lastVersion(upTo: lsn, sinceSeconds: sinceSeconds)
            _ = try snapshot.scan(self.scope(of: scope, in: range), after: start) { item in
                if item.lsn > end { return false }
                if let last = page.items.last, last.lsn != item.lsn,
                    page.items.count >= countMax || byteCount + item.text.count > byteCountMax {
                    page.lsn = last.lsn
                    return false
                }
                page.items.append(item)
                byteCount += item.text.count
                return true
            }
        } catch {
            throw DatabaseError(error)
        }
        return page
    }

    /// All changes of a range after an LSN, deletes and superseded versions too, each with what was there before.
    ///
    /// A page is never cut between the writes of one LSN, so it may hold more than was asked for.
    /// - Parameter gapVersionMax: a version up to which the reader takes what there is, though something was let go of.
    /// - Throws: `historyGone` where the retention has let go of something behind the LSN.
    public func history(
        of range: PartitionKeyRange, in scope: FeedScope, after lsn: UInt64, sinceSeconds: Int64?, itemCountMax: Int?,
        byteCountMax: Int = pageBytesMax, gapVersionMax: UInt64 = 0
    ) throws(DatabaseError) -> HistoryPage {
        let snapshot = try snapshot(of: range)
        let trimmedVersion = try partition(of: range).trimmedVersion
        let end = snapshot.durableLSN
        var byteCount = 0
        let countMax = min(itemCountMax ?? Self.pageItemsMax, Self.pageItemsMax)
        let start: UInt64
        do throws(EngineError) {
            start = try snapshot.lastVersion(upTo: lsn, sinceSeconds: sinceSeconds)
        } catch {
            throw DatabaseError(error)
        }
        guard start >= trimmedVersion || gapVersionMax >= trimmedVersion else { throw .historyGone }
        var page = HistoryPage(
            lsn: end, progress: PartitionProgress(range.number, snapshot), startVersion: start,
            trimmedVersion: trimmedVersion)
        do throws(EngineError) {
            _ = try snapshot.history(self.scope(of: scope, in: range), after: start) { change in
                let item = change.item
                if item.lsn > end { return false }
                let changeByteCount = item.text.count + (change.previous?.text.count ?? 0)
                if let last = page.changes.last?.item, last.lsn != item.lsn,
                    page.changes.count >= countMax || byteCount + changeByteCount > byteCountMax {
                    page.lsn = last.lsn
                    page.trimmedVersion = min(trimmedVersion, last.version)
                    return false
                }
                page.changes.append(change)
                byteCount += changeByteCount
                return true
            }
        } catch {
            throw DatabaseError(error)
        }
        return page
    }

    /// The LSN that a range has reached: where a feed begins that wants only what comes.
    public func lsn(of range: PartitionKeyRange) throws(DatabaseError) -> UInt64 {
        try partition(of: range).durableLSN
    }

    /// The last version of a range that may lack something in the history, before it or with it; 0 where all is there.
    public func trimmedVersion(of range: PartitionKeyRange) throws(DatabaseError) -> UInt64 {
        try partition(of: range).trimmedVersion
    }

    /// The last version of a range, or the last one up to an LSN.
    public func lastVersion(
        of range: PartitionKeyRange, upTo lsn: UInt64 = .max
    ) throws(DatabaseError) -> UInt64 {
        let snapshot = try snapshot(of: range)
        do throws(EngineError) {
            return try snapshot.lastVersion(upTo: lsn)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// The LSN that a range had reached before a time, in milliseconds since 1970.
    public func lsn(
        of range: PartitionKeyRange, beforeMilliseconds milliseconds: Int64
    ) throws(DatabaseError) -> UInt64 {
        let snapshot = try snapshot(of: range)
        do throws(EngineError) {
            return try snapshot.lastLSN(beforeMilliseconds: milliseconds)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Calls back once, when a range has changes past an LSN, or when it will have none any more; see
    /// `Partition.wait`. The call must be quick and must not block. Letting go of the wait ends it.
    public func wait(
        for range: PartitionKeyRange, after lsn: UInt64, _ wake: @escaping @Sendable (CommitWake) -> Void
    ) throws(DatabaseError) -> CommitWait {
        try partition(of: range).wait(after: lsn, wake)
    }
}

extension PartitionSnapshot {
    /// The last version that a reader leaves out: at or before an LSN, or not after a second since 1970.
    fileprivate func lastVersion(upTo lsn: UInt64, sinceSeconds: Int64?) throws(EngineError) -> UInt64 {
        let behind = try lastVersion(upTo: lsn)
        guard let sinceSeconds else { return behind }
        let next = sinceSeconds.addingReportingOverflow(1)
        let milliseconds = next.partialValue.multipliedReportingOverflow(by: 1000)
        if next.overflow || milliseconds.overflow { return sinceSeconds > 0 ? .max : behind }
        return max(behind, try lastVersion(beforeMilliseconds: milliseconds.partialValue))
    }
}
