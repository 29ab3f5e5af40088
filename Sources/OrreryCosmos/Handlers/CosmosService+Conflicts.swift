import OrreryDatabase
import OrreryHTTP
import OrreryKeys

/// An account with one region never has conflicts, so their feed is empty and none can be found.
extension CosmosService {
    /// `GET …/conflicts`
    func listConflicts(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let container = try parent { () throws(DatabaseError) in try account.containerID(of: request.link) }
        return CosmosResponse.feed(
            .conflict, parent: container.text, bodies: [], to: request, charge: .controlPlaneRead)
    }

    /// `POST …/conflicts` with a query
    func queryConflicts(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        if try request.partitionKey() == nil, !request.allowsCrossPartition { throw .crossPartitionDisabled }
        return try listConflicts(request)
    }

    /// `GET` and `DELETE …/conflicts/{id}`
    func findNoConflict(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        throw .notFound
    }
}
