import OrreryDatabase
import OrreryHTTP

extension CosmosService {
    /// `POST …/docs` with the batch header
    func batchItems(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        throw .badRequest("Batches are not built yet.")
    }
}
