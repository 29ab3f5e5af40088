import OrreryDocuments
import OrreryQuery
import OrreryTriggers

/// The event that tells of one change of an item.
enum ChangeEvent {
    /// The event of a change. Its id is the same whenever the change is read, and another for every other change.
    static func of(_ change: TriggerChange, _ bridge: BridgeDefinition) -> Event {
        let parts = bridge.container.split(separator: "/")
        let (database, container) = (parts.first ?? "", parts.last ?? "")
        var event = Event(
            id: change.idempotencyKey, source: "/dbs/\(database)/colls/\(container)",
            type: bridge.typePrefix + suffix(change.kind), subject: "docs/\(change.id)",
            time: EventTime(microseconds: change.timestampMilliseconds * 1000).text,
            dataContentType: "application/json")
        event.extensions = [
            EventExtension("etag", .string(etag(of: change))), EventExtension("lsn", .string(String(change.lsn))),
        ]
        if let text = change.text ?? change.previous {
            event.data = .json(bridge.projection.map { project(text, $0) } ?? text)
        }
        return event
    }

    /// The same event without its data, for items whose event would be too long.
    static func withoutData(_ event: Event) -> Event {
        var short = event
        short.data = nil
        short.extensions.append(EventExtension("dataomitted", .boolean(true)))
        return short
    }

    private static func suffix(_ kind: TriggerChange.Kind) -> String {
        switch kind {
        case .create: ".Created"
        case .replace: ".Replaced"
        case .delete: ".Deleted"
        case .expire: ".Expired"
        }
    }

    /// The item's entity tag: what stands behind the container's id in the key.
    private static func etag(of change: TriggerChange) -> String {
        guard let start = change.idempotencyKey.firstIndex(of: "-") else { return change.idempotencyKey }
        return String(change.idempotencyKey[change.idempotencyKey.index(after: start)...])
    }

    /// The query's first row over the item; null where it has none.
    private static func project(_ text: [UInt8], _ projection: PreparedQuery) -> [UInt8] {
        let none = Array("null".utf8)
        guard let document = try? JSONDocument(parsing: text) else { return none }
        var source = DocumentList([document])
        var options = QueryPageOptions(sign: { _ in [] })
        options.rowCountMax = 1
        guard let page = try? projection.page(over: &source, options: options), page.rowCount > 0 else { return none }
        return page.rows
    }
}
