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
}

extension Container {
    /// The changes of a range after an LSN: the latest version of each item, so that an item that changed twice is
    /// given once, and one that was deleted not at all.
    ///
    /// A page is never cut between the writes of one LSN, so it may hold more than was asked for.
    /// - Parameters:
    ///   - scope: which of the range's items.
    ///   - sinceSeconds: only changes after this second since 1970; nil for all.
    public func changes(
        of range: PartitionKeyRange, in scope: FeedScope, after lsn: UInt64, sinceSeconds: Int64?, itemCountMax: Int?
    ) throws(DatabaseError) -> ChangePage {
        let snapshot = try snapshot(of: range)
        var page = ChangePage(
            lsn: snapshot.lsn, progress: PartitionProgress(rangeNumber: range.number, lsn: snapshot.lsn))
        var byteCount = 0
        let countMax = min(itemCountMax ?? Self.pageItemsMax, Self.pageItemsMax)
        do throws(EngineError) {
            // A version's number is never below its LSN, so that all up to this version lie behind the caller.
            _ = try snapshot.scan(self.scope(of: scope, in: range), after: lsn) { item in
                if item.lsn <= lsn { return true }
                if let sinceSeconds, item.timestampSeconds <= sinceSeconds { return true }
                if let last = page.items.last, last.lsn != item.lsn,
                    page.items.count >= countMax || byteCount + item.text.count > Self.pageBytesMax {
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
    public func history(
        of range: PartitionKeyRange, in scope: FeedScope, after lsn: UInt64, sinceSeconds: Int64?, itemCountMax: Int?
    ) throws(DatabaseError) -> HistoryPage {
        let snapshot = try snapshot(of: range)
        var page = HistoryPage(
            lsn: snapshot.lsn, progress: PartitionProgress(rangeNumber: range.number, lsn: snapshot.lsn))
        var byteCount = 0
        let countMax = min(itemCountMax ?? Self.pageItemsMax, Self.pageItemsMax)
        do throws(EngineError) {
            _ = try snapshot.history(self.scope(of: scope, in: range), after: lsn) { change in
                let item = change.item
                if item.lsn <= lsn { return true }
                if let sinceSeconds, item.timestampSeconds <= sinceSeconds { return true }
                let changeByteCount = item.text.count + (change.previous?.text.count ?? 0)
                if let last = page.changes.last?.item, last.lsn != item.lsn,
                    page.changes.count >= countMax || byteCount + changeByteCount > Self.pageBytesMax {
                    page.lsn = last.lsn
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
        try snapshot(of: range).lsn
    }
}
