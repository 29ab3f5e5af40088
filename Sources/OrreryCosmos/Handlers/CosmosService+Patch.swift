import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryKeys

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

/// A patch that was checked against a container, ready to be applied to an item of it.
struct ItemPatch: Sendable {
    private let patch: JSONPatch

    /// - Throws: `.invalid` with the service's message.
    init(_ body: JSONNode, in container: Container) throws(DatabaseError) {
        do throws(JSONPatchError) {
            patch = try JSONPatch(body)
            let systemProperties = ["id", "_rid", "_self", "_etag", "_ts", "_attachments"].map { [Array($0.utf8)] }
            try patch.check(protecting: systemProperties + container.definition.partitionKey.segments)
        } catch {
            throw .invalid(error.description)
        }
        if patch.condition != nil {
            throw .unsupported("Conditions of patches are not built yet.")
        }
    }

    /// The patched document.
    @Sendable func apply(to document: JSONDocument) throws(DatabaseError) -> JSONDocument {
        do throws(JSONPatchError) {
            return try patch.apply(to: document)
        } catch {
            throw .invalid(error.description)
        }
    }
}
