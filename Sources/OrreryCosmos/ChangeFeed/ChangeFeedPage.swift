import OrreryDatabase
import OrreryDocuments
import OrreryEngine

/// A page of changes of one range, each as the feed shows it.
struct ChangeFeedPage: Sendable {
    struct Row: Sendable {
        let lsn: UInt64
        /// JSON text.
        let body: [UInt8]
    }

    let rows: [Row]
    /// The LSN up to which the page goes; the next one begins after it.
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
