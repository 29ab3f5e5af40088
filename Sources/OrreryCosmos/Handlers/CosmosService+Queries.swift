import OrreryDatabase
import OrreryDocuments
import OrreryHTTP

extension CosmosService {
    /// Runs a query over control-plane resources that are all in memory.
    func queryResources(_ bodies: [[UInt8]], _ request: CosmosRequest) throws(CosmosError) -> [[UInt8]] {
        throw .badRequest("Queries are not built yet.")
    }

    /// `POST …/docs` with a query
    func queryItems(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        throw .badRequest("Queries are not built yet.")
    }

    /// `POST …/docs` for a query's plan
    func planQuery(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        throw .badRequest("Queries are not built yet.")
    }
}
