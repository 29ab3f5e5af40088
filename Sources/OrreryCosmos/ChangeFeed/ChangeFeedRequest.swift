import OrreryDatabase
import OrreryEngine
import OrreryHTTP
import OrreryKeys

/// What a request on a change feed asks for (wire specification, section 11).
struct ChangeFeedRequest: Sendable {
    enum Mode: Sendable {
        /// The latest version of each item.
        case latestVersion
        /// Every version and every delete.
        case allVersions
    }

    let target: ItemRequest
    let mode: Mode
    let scope: FeedScope
    let range: PartitionKeyRange
    let start: ChangeFeedStart
    let itemCountMax: Int?
    /// How long the client waits for changes where there are none; 0 for not at all.
    let waitMilliseconds: Int
    /// Whether the client wants changes sent as they come, as server-sent events.
    let isEventStream: Bool

    /// The longest that a client may wait in one request.
    static let waitMillisecondsMax = 60_000

    init(_ request: CosmosRequest, _ containers: ContainerCache) throws(CosmosError) {
        target = try ItemRequest(request, containers)
        mode = try Mode(request.headers.bytes("a-im") ?? [])
        scope = try target.feedScope()
        range = try target.changeFeedRange(scope)
        start = try ChangeFeedStart(request)
        itemCountMax = try request.itemCountMax()
        waitMilliseconds = try Self.waitMilliseconds(request)
        isEventStream = request.headers.bytes("accept")?.equalsIgnoringCase("text/event-stream") == true
    }

    private static func waitMilliseconds(_ request: CosmosRequest) throws(CosmosError) -> Int {
        guard let text = request.headers["x-orrery-wait-milliseconds"] else { return 0 }
        guard let milliseconds = Int(text), (0...waitMillisecondsMax).contains(milliseconds) else {
            throw .badRequest("The value '\(text.prefix(32))' specified for the header 'x-orrery-wait-milliseconds' is "
                + "not one of 0 to \(waitMillisecondsMax).")
        }
        return milliseconds
    }

    /// The LSN after which the feed begins.
    func startLSN() throws(CosmosError) -> UInt64 {
        switch start.position {
        case .beginning: 0
        case .now: try Self.database { () throws(DatabaseError) in try target.container.lsn(of: range) }
        case .after(let lsn): lsn
        }
    }

    /// The changes after an LSN.
    func page(after lsn: UInt64, byteCountMax: Int = Container.pageBytesMax) throws(CosmosError) -> ChangeFeedPage {
        try Self.database { () throws(DatabaseError) in
            switch mode {
            case .latestVersion:
                ChangeFeedPage(
                    try target.container.changes(
                        of: range, in: scope, after: lsn, sinceSeconds: start.sinceSeconds,
                        itemCountMax: itemCountMax, byteCountMax: byteCountMax))
            case .allVersions:
                ChangeFeedPage(
                    try target.container.history(
                        of: range, in: scope, after: lsn, sinceSeconds: start.sinceSeconds,
                        itemCountMax: itemCountMax, byteCountMax: byteCountMax))
            }
        }
    }

    /// Waits for changes after an LSN; see `Container.wait`.
    func wait(
        after lsn: UInt64, _ wake: @escaping @Sendable (CommitWake) -> Void
    ) throws(CosmosError) -> CommitWait {
        try Self.database { () throws(DatabaseError) in try target.container.wait(for: range, after: lsn, wake) }
    }

    /// A page of changes as the answer to the request, or 304 where it has none; either way the entity tag says where
    /// the next page begins.
    func answer(_ page: ChangeFeedPage) -> HTTPResponse {
        var response = if page.rows.isEmpty {
            CosmosResponse.empty(304, to: target.request, charge: .minimum)
        } else {
            CosmosResponse.feed(
                .document, parent: String(decoding: target.container.resourceIDText, as: UTF8.self),
                bodies: page.rows.map(\.body), to: target.request, charge: page.charge)
        }
        response.headers.append("etag", "\"\(page.lsn)\"")
        target.append(page.progress, to: &response.headers)
        return response
    }

    private static func database<Result>(
        _ body: () throws(DatabaseError) -> Result
    ) throws(CosmosError) -> Result {
        do throws(DatabaseError) {
            return try body()
        } catch {
            throw CosmosError(error)
        }
    }
}

extension ChangeFeedRequest.Mode {
    init(_ header: ArraySlice<UInt8>) throws(CosmosError) {
        if header.equalsIgnoringCase("incremental feed") {
            self = .latestVersion
        } else if header.equalsIgnoringCase("full-fidelity feed") {
            self = .allVersions
        } else {
            throw .badRequest("The value specified for the header 'a-im' is not a mode of the change feed.")
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
