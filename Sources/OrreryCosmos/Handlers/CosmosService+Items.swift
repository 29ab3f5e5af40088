import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `GET …/docs/{id}`
    func readItem(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let target = try ItemRequest(request, containers)
        let partitionKey = try target.requiredPartitionKey()
        let id = try target.itemID(partitionKey: partitionKey)
        let minimumLSN = try target.minimumLSN()
        let item: Item
        let progress: PartitionProgress
        do throws(ItemFailure) {
            (item, progress) = try target.container.item(
                id: id, partitionKey: partitionKey, minimumLSN: minimumLSN)
        } catch {
            return target.answer(error)
        }
        var response: HTTPResponse
        if target.isKnown(item) {
            response = CosmosResponse.empty(304, to: request, charge: .minimum)
        } else {
            response = CosmosResponse.json(
                200, item.text, to: request, charge: .read(byteCount: item.text.count))
        }
        response.headers.append(etag: item.etag)
        response.headers.append("Content-Location", request.url)
        target.append(progress, to: &response.headers)
        return response
    }

    /// `POST …/docs`
    func createItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        try write(request, exchange) { (target, partitionKey) throws(DatabaseError) in
            try target.container.preparingCreate(
                Container.document(parsing: request.http.body), partitionKey: partitionKey,
                precondition: target.precondition)
        }
    }

    /// `POST …/docs` with the upsert header
    func upsertItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        try write(request, exchange) { (target, partitionKey) throws(DatabaseError) in
            try target.container.preparingCreate(
                Container.document(parsing: request.http.body), partitionKey: partitionKey, isUpsert: true,
                precondition: target.precondition)
        }
    }

    /// `PUT …/docs/{id}`
    func replaceItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let target = try ItemRequest(request, containers)
        // People may leave the header out, for the document says its key itself.
        let partitionKey = try request.partitionKey()
        let document = try database { () throws(DatabaseError) in
            try Container.document(parsing: request.http.body)
        }
        let id = try target.itemID(
            partitionKey: partitionKey ?? target.container.definition.partitionKey.partitionKey(of: document.root))
        let operation = try database { () throws(DatabaseError) in
            try target.container.preparingReplace(
                id: id, document, partitionKey: partitionKey, precondition: target.precondition)
        }
        commit(operation, target, exchange)
    }

    /// `DELETE …/docs/{id}`
    func deleteItem(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let target = try ItemRequest(request, containers)
        let partitionKey = try target.requiredPartitionKey()
        let id = try target.itemID(partitionKey: partitionKey)
        let operation = try database { () throws(DatabaseError) in
            try target.container.preparingDelete(
                id: id, partitionKey: partitionKey, precondition: target.precondition)
        }
        commit(operation, target, exchange)
    }

    /// `POST …/operations/partitionkeydelete`
    func deletePartitionKey(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        guard request.link.id(at: 2)?.elementsEqual("partitionkeydelete") == true else { throw .notFound }
        let target = try ItemRequest(request, containers)
        let partitionKey = try target.requiredPartitionKey()
        target.container.deleteItems(of: partitionKey) { result in
            switch result {
            case .success(let deletion):
                var response = CosmosResponse.empty(200, to: request, charge: deletion.charge)
                target.append(deletion.progress, to: &response.headers)
                exchange.respond(response)
            case .failure(let failure):
                exchange.respond(target.answer(failure))
            }
        }
    }

    private func write(
        _ request: CosmosRequest, _ exchange: CosmosExchange,
        _ prepare: (ItemRequest, PartitionKey?) throws(DatabaseError) -> ItemOperation
    ) throws(CosmosError) {
        let target = try ItemRequest(request, containers)
        let partitionKey = try request.partitionKey()
        let operation = try database { () throws(DatabaseError) in try prepare(target, partitionKey) }
        commit(operation, target, exchange)
    }

    /// Hands an operation to its partition; the answer is sent from there.
    func commit(_ operation: ItemOperation, _ target: ItemRequest, _ exchange: CosmosExchange) {
        target.container.commit([target.traced(operation)]) { result in
            switch result {
            case .success(let commit):
                // One operation went in, so one answer comes out.
                if let answer = commit.answers.first {
                    exchange.respond(target.answer(answer, commit.progress))
                }
            case .failure(let failure):
                exchange.respond(target.answer(failure))
            }
        }
    }
}

extension ItemRequest {
    /// Whether the client said that it has this version of an item already.
    fileprivate func isKnown(_ item: Item) -> Bool {
        guard let tag = request.entityTag("if-none-match") else { return false }
        return tag.utf8.elementsEqual("*".utf8) || ItemEtag(text: Array(tag.utf8)) == item.etag
    }
}

extension CosmosRequest {
    /// The URL that the client asked, for the header that repeats it.
    var url: String {
        "\(http.isTLS ? "https" : "http")://\(http.host ?? "localhost")\(http.path)"
    }
}
