import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryQuery

/// The body of a query: `{"query":"SELECT …","parameters":[{"name":"@x","value":…}]}` (wire specification, section 10).
enum QueryRequest {
    /// Reads a body, and the query in it.
    /// - Throws: 400, for a query with the places and codes of what is wrong in it.
    /// - Parameter container: the container whose items are queried; nil for resources of the control plane.
    static func query(_ request: CosmosRequest, over container: Container? = nil) throws(CosmosError) -> Query {
        guard let document = try? JSONDocument(parsing: request.http.body, limits: .request),
            let text = document.root["query"]?.stringBytes
        else { throw .unreadableBody }
        do throws(QueryError) {
            let parameters = try QueryParameters(document.root["parameters"])
            guard let container else { return try Query(text, parameters: parameters) }
            return try container.query(text, parameters: parameters)
        } catch {
            throw CosmosError(.badQuery(error))
        }
    }
}
