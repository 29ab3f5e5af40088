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
    /// The ranges that it reads, one a page.
    let ranges: [PartitionKeyRange]
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
        ranges = try target.changeFeedRanges(scope)
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

    /// Where the feed begins.
    /// - Throws: 410 where its place is in none of the ranges.
    func startPosition() throws(CosmosError) -> ChangeFeedPosition {
        switch start.position {
        case .beginning: return ChangeFeedPosition(lsn: 0)
        case .after(let position): return position
        case .now:
            var marks: [ChangeFeedPosition.Mark] = []
            for range in ranges {
                let lsn = try Self.database { () throws(DatabaseError) in try target.container.lsn(of: range) }
                marks.append(ChangeFeedPosition.Mark(rangeNumber: range.number, lsn: lsn))
            }
            return ChangeFeedPosition(marks)
        }
    }

    /// The changes after a position, of the first range that has any.
    func page(
        after position: ChangeFeedPosition, byteCountMax: Int = Container.pageBytesMax
    ) throws(CosmosError) -> ChangeFeedPage {
        guard let position = position.resolved(in: ranges) else { throw CosmosError(DatabaseError.rangeGone) }
        var page = ChangeFeedPage(after: position)
        for mark in position.marks {
            guard let range = ranges.first(where: { $0.number == mark.rangeNumber }) else { continue }
            if page.take(try part(of: range, after: mark.lsn, byteCountMax)) { break }
        }
        return page
    }

    private func part(
        of range: PartitionKeyRange, after lsn: UInt64, _ byteCountMax: Int
    ) throws(CosmosError) -> ChangeFeedPage.Part {
        try Self.database { () throws(DatabaseError) in
            switch mode {
            case .latestVersion:
                ChangeFeedPage.Part(
                    try target.container.changes(
                        of: range, in: scope, after: lsn, sinceSeconds: start.sinceSeconds,
                        itemCountMax: itemCountMax, byteCountMax: byteCountMax))
            case .allVersions:
                ChangeFeedPage.Part(
                    try target.container.history(
                        of: range, in: scope, after: lsn, sinceSeconds: start.sinceSeconds,
                        itemCountMax: itemCountMax, byteCountMax: byteCountMax))
            }
        }
    }

    /// Waits for changes after a position, in each range; see `Container.wait`. It may call more than once.
    func wait(
        after position: ChangeFeedPosition, _ wake: @escaping @Sendable (CommitWake) -> Void
    ) throws(CosmosError) -> [CommitWait] {
        guard let position = position.resolved(in: ranges) else { throw CosmosError(DatabaseError.rangeGone) }
        var waits: [CommitWait] = []
        for mark in position.marks {
            guard let range = ranges.first(where: { $0.number == mark.rangeNumber }) else { continue }
            waits.append(
                try Self.database { () throws(DatabaseError) in
                    try target.container.wait(for: range, after: mark.lsn, wake)
                })
        }
        return waits
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
        response.headers.append("etag", "\"\(page.next.text)\"")
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
    /// The ranges that a change feed reads: the one named, or those that the scope reaches into.
    fileprivate func changeFeedRanges(_ scope: FeedScope) throws(CosmosError) -> [PartitionKeyRange] {
        do throws(DatabaseError) {
            if let number = try? rangeNumber() { return [try container.range(numbered: number)] }
            return container.ranges(of: scope)
        } catch {
            throw CosmosError(error)
        }
    }
}
