import OrreryDatabase
import OrreryHTTP

extension CosmosService {
    func readItem(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse { throw .notFound }
    func listItems(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse { throw .notFound }
    func readChangeFeed(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse { throw .notFound }
    func createItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) { throw .notFound }
    func upsertItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) { throw .notFound }
    func replaceItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) { throw .notFound }
    func patchItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) { throw .notFound }
    func deleteItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) { throw .notFound }
    func batchItems(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) { throw .notFound }
    func deletePartitionKey(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        throw .notFound
    }
}
