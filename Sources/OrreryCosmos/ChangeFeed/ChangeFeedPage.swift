import OrreryDatabase
import OrreryDocuments
import OrreryEngine

/// A page of a feed: changes of one range, each as the feed shows it, or none of any.
struct ChangeFeedPage: Sendable {
    struct Row: Sendable {
        /// Where a feed goes on that has shown all of the row's LSN.
        let lsn: UInt64
        /// JSON text.
        let body: [UInt8]
    }

    /// One range's part.
    struct Part: Sendable {
        let rows: [Row]
        /// The LSN up to which the part goes; the next one begins after it.
        let lsn: UInt64
        let progress: PartitionProgress
        let charge: RequestCharge

        init(_ page: ChangePage) {
            rows = page.items.map { Row(lsn: $0.lsn, body: $0.text) }
            (lsn, progress) = (page.lsn, page.progress)
            charge = page.items.reduce(.minimum) { $0 + .read(byteCount: $1.text.count) }
        }

        init(_ page: HistoryPage) {
            rows = page.changes.map { Row(lsn: $0.item.lsn, body: $0.wireForm) }
            (lsn, progress) = (page.lsn, page.progress)
            charge = .query(outputByteCount: page.changes.reduce(0) { $0 + $1.item.text.count })
        }
    }

    private(set) var rows: [Row] = []
    /// Where the rows begin.
    private(set) var start: ChangeFeedPosition
    /// Where the next page begins.
    private(set) var next: ChangeFeedPosition
    private(set) var progress: [PartitionProgress] = []
    private(set) var charge = RequestCharge.minimum

    init(after position: ChangeFeedPosition) {
        (start, next) = (position, position)
    }

    /// Takes what was found in the next range. Answers whether the page is done.
    mutating func take(_ part: Part) -> Bool {
        start = next
        next.advance(part.progress.rangeNumber, to: part.lsn, givesTurn: !part.rows.isEmpty)
        progress.append(part.progress)
        if part.rows.isEmpty { return false }
        (rows, charge) = (part.rows, part.charge)
        return true
    }

    /// Where a feed goes on that has shown a row and all that share its LSN.
    func position(after row: Row) -> ChangeFeedPosition {
        progress.last.map { start.advanced($0.rangeNumber, to: row.lsn) } ?? next
    }
}

extension ItemChange {
    /// The change as the feed of all versions shows it: the item as it is, where it is gone as it was, and what
    /// happened.
    fileprivate var wireForm: [UInt8] {
        let isGone = kind == .delete || kind == .expire
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("current")
        if isGone { writer.raw(Array("{}".utf8)) } else { writer.raw(item.text) }
        if isGone, let previous {
            writer.name("previous")
            writer.raw(previous.text)
        }
        writer.name("metadata")
        writer.beginObject()
        writer.name("operationType")
        writer.string(isGone ? "delete" : kind == .create ? "create" : "replace")
        writer.name("lsn")
        writer.number(Int64(clamping: item.lsn))
        writer.name("crts")
        writer.number(item.timestampSeconds)
        if let previous {
            writer.name("previousImageLSN")
            writer.number(Int64(clamping: previous.lsn))
        }
        if isGone {
            writer.name("timeToLiveExpired")
            writer.boolean(kind == .expire)
            writer.name("id")
            writer.string(String(decoding: item.id, as: UTF8.self))
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}
