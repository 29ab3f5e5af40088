import OrreryDatabase
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `GET …/pkranges`: all ranges, or what changed since an entity tag.
    ///
    /// With `A-IM: Incremental Feed` SDKs ask again and again until they are told 304, so a client that knows the
    /// current ranges must get exactly that. One that knows older ones gets those that came or changed since: children
    /// name their parents, which are gone, and a range that is being split says so (wire specification, section 8).
    func listPartitionKeyRanges(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let container = try parent { () throws(DatabaseError) in try account.containerID(of: request.link) }
        let ranges = account.partitionKeyRangeResources(of: container)
        // Entity tags in the catalog rise with each change, and are of one length.
        let etag = ranges.map(\.etag).max() ?? ""
        var changed = ranges
        if request.isChangeFeed, let known = request.entityTag("if-none-match"), known.utf8.count == etag.utf8.count,
            known <= etag {
            changed = ranges.filter { $0.etag > known }
        }
        var response: HTTPResponse
        if changed.isEmpty {
            response = CosmosResponse.empty(304, to: request, charge: .controlPlaneRead)
        } else {
            response = CosmosResponse.feed(
                .partitionKeyRange, parent: container.text, bodies: changed.map(\.body), to: request,
                charge: .controlPlaneRead)
        }
        response.headers.append("etag", "\"\(etag)\"")
        return response
    }
}
