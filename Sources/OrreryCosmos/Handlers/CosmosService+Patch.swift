import OrreryDatabase
import OrreryDocuments
import OrreryHTTP

extension CosmosService {
    /// `PATCH …/docs/{id}`
    func patchItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let target = try ItemRequest(request, containers)
        let partitionKey = try target.requiredPartitionKey()
        let id = try target.itemID(partitionKey: partitionKey)
        let body = try database { () throws(DatabaseError) in try Container.document(parsing: request.http.body) }
        let patch = try database { () throws(DatabaseError) in try ItemPatch(body.root, in: target.container) }
        let operation = try database { () throws(DatabaseError) in
            try target.container.preparingChange(
                id: id, partitionKey: partitionKey, precondition: target.precondition, patch.apply)
        }
        commit(operation, target, exchange)
    }
}
