import OrreryDatabase
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `GET …/pkranges`: all ranges, or what changed since an entity tag.
    ///
    /// With `A-IM: Incremental Feed` SDKs ask again and again until they are told 304, so a client that knows the
    /// current ranges must get exactly that (wire specification, section 8).
    func listPartitionKeyRanges(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let container = try parent { () throws(DatabaseError) in try account.containerID(of: request.link) }
        let ranges = account.partitionKeyRangeResources(of: container)
        // Ranges are never changed in place: each split adds two with numbers of their own.
        let etag = "\(ranges.count)-\(ranges.map(\.etag).max() ?? "")"
        var response: HTTPResponse
        if request.isChangeFeed, request.entityTag("if-none-match")?.utf8.elementsEqual(etag.utf8) == true {
            response = CosmosResponse.empty(304, to: request, charge: .controlPlaneRead)
        } else {
            response = CosmosResponse.feed(
                .partitionKeyRange, parent: container.text, bodies: ranges.map(\.body), to: request,
                charge: .controlPlaneRead)
        }
        response.headers.append("etag", "\"\(etag)\"")
        return response
    }
}
