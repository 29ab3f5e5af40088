import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `GET …/docs` with `A-IM`: what changed in a range since an entity tag (wire specification, section 11). The mode
    /// is the latest version of each item, or every version and every delete.
    func readChangeFeed(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let target = try ItemRequest(request, containers)
        let mode = request.headers.bytes("a-im") ?? []
        if mode.equalsIgnoringCase("incremental feed") { return try readLatestVersions(target) }
        if mode.equalsIgnoringCase("full-fidelity feed") { return try readAllVersions(target) }
        throw .badRequest("The value specified for the header 'a-im' is not a mode of the change feed.")
    }

    private func readLatestVersions(_ target: ItemRequest) throws(CosmosError) -> HTTPResponse {
        let feed = try ChangeFeedRequest(target)
        let page = try database { () throws(DatabaseError) in
            try target.container.changes(
                of: feed.range, in: feed.scope, after: try feed.startLSN(in: target.container),
                sinceSeconds: feed.start.sinceSeconds, itemCountMax: feed.itemCountMax)
        }
        let response = page.items.isEmpty ? nil : target.feed(page.items)
        return answer(target, response, lsn: page.lsn, page.progress)
    }

    private func readAllVersions(_ target: ItemRequest) throws(CosmosError) -> HTTPResponse {
        let feed = try ChangeFeedRequest(target)
        let page = try database { () throws(DatabaseError) in
            try target.container.history(
                of: feed.range, in: feed.scope, after: try feed.startLSN(in: target.container),
                sinceSeconds: feed.start.sinceSeconds, itemCountMax: feed.itemCountMax)
        }
        var response: HTTPResponse?
        if !page.changes.isEmpty {
            let byteCount = page.changes.reduce(0) { $0 + $1.item.text.count }
            response = CosmosResponse.feed(
                .document, parent: String(decoding: target.container.resourceIDText, as: UTF8.self),
                bodies: page.changes.map(\.wireForm), to: target.request, charge: .query(outputByteCount: byteCount))
        }
        return answer(target, response, lsn: page.lsn, page.progress)
    }

    /// A page of changes, or 304 where there are none; either way the entity tag says where the next page begins.
    private func answer(
        _ target: ItemRequest, _ page: HTTPResponse?, lsn: UInt64, _ progress: PartitionProgress
    ) -> HTTPResponse {
        var response = page ?? CosmosResponse.empty(304, to: target.request, charge: .minimum)
        response.headers.append("etag", "\"\(lsn)\"")
        target.append(progress, to: &response.headers)
        return response
    }
}

/// What a request on a change feed asks for.
private struct ChangeFeedRequest {
    let scope: FeedScope
    let range: PartitionKeyRange
    let start: ChangeFeedStart
    let itemCountMax: Int?

    init(_ target: ItemRequest) throws(CosmosError) {
        scope = try target.feedScope()
        range = try target.changeFeedRange(scope)
        start = try ChangeFeedStart(target.request)
        itemCountMax = try target.request.itemCountMax()
    }

    func startLSN(in container: Container) throws(DatabaseError) -> UInt64 {
        switch start.position {
        case .beginning: 0
        case .now: try container.lsn(of: range)
        case .after(let lsn): lsn
        }
    }
}

extension ItemRequest {
    /// The one range that a change feed reads: the one named, or the one that the scope lies in.
    fileprivate func changeFeedRange(_ scope: FeedScope) throws(CosmosError) -> PartitionKeyRange {
        do throws(DatabaseError) {
            if let number = try? rangeNumber() { return try container.range(numbered: number) }
            let found = switch scope {
            case .partitionKey(let key):
                container.range(holding: container.definition.partitionKey.effectiveRange(ofPrefix: key).min)
            case .keys(let keys): container.range(holding: keys.min)
            case .container: container.ranges.count == 1 ? container.ranges.first : nil
            }
            guard let found else {
                throw .invalid("A change feed needs a partition key or a partition-key range.")
            }
            return found
        } catch {
            throw CosmosError(error)
        }
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
