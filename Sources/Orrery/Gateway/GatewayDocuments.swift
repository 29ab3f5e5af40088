internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryGateway
internal import OrreryKeys

/// The gateway's configuration as it is kept: one document each API, product, subscription and for the settings, in a
/// container of the server's own.
struct GatewayDocuments: Sendable {
    private let container: OrreryDatabase.Container

    static let containerName = "gateway"

    /// The container, made at the first start.
    init(account: Account) throws(DatabaseError) {
        let definition: JSONValue = [
            "id": .string(Self.containerName), "partitionKey": ["paths": ["/kind"], "kind": "Hash", "version": 2],
        ]
        container = try account.systemContainer(ContainerDefinition(definition))
    }

    /// All documents, and how far the container was when they were read.
    func all() throws(DatabaseError) -> (documents: [JSONValue], lsn: UInt64) {
        let lsn = try container.ranges.first.map { range throws(DatabaseError) in
            try container.snapshot(of: range).lsn
        }
        var documents: [JSONValue] = []
        try container.eachItem(in: .container) { item in
            if let json = try? JSONValue(parsing: item.text) { documents.append(json) }
        }
        return (documents, lsn ?? 0)
    }

    /// Calls back once, when the documents have changed past an LSN.
    func wait(
        after lsn: UInt64, _ wake: @escaping @Sendable (CommitWake) -> Void
    ) throws(DatabaseError) -> CommitWait? {
        guard let range = container.ranges.first else { return nil }
        return try container.wait(for: range, after: lsn, wake)
    }

    /// A document; nil where there is none.
    func document(_ kind: GatewayDocumentKind, _ id: String) -> JSONValue? {
        let key = OrreryKeys.PartitionKey([.string(kind.rawValue)])
        guard let found = try? container.item(id: Array(id.utf8), partitionKey: key) else { return nil }
        return try? JSONValue(parsing: found.item.text)
    }

    /// Keeps a document in the place of the one of its kind and id. `then` is told whether it is durable.
    func keep(_ document: JSONValue, then: @escaping @Sendable (Bool) -> Void) {
        do throws(DatabaseError) {
            let parsed = try OrreryDatabase.Container.document(parsing: document.text)
            let operation = try container.preparingCreate(parsed, partitionKey: nil, isUpsert: true)
            commit(operation, then)
        } catch {
            then(false)
        }
    }

    /// Keeps documents and removes another, all at once or nothing.
    func change(
        keeping kept: [JSONValue], removing ids: [String], of kind: GatewayDocumentKind,
        then: @escaping @Sendable (Bool) -> Void
    ) {
        do throws(DatabaseError) {
            let key = OrreryKeys.PartitionKey([.string(kind.rawValue)])
            var operations: [ItemOperation] = []
            for document in kept {
                let parsed = try OrreryDatabase.Container.document(parsing: document.text)
                operations.append(try container.preparingCreate(parsed, partitionKey: nil, isUpsert: true))
            }
            for id in ids { operations.append(try container.preparingDelete(id: Array(id.utf8), partitionKey: key)) }
            container.commit(operations) { result in
                if case .success = result { then(true) } else { then(false) }
            }
        } catch {
            then(false)
        }
    }

    private func commit(_ operation: ItemOperation, _ then: @escaping @Sendable (Bool) -> Void) {
        container.commit([operation]) { result in
            if case .success = result { then(true) } else { then(false) }
        }
    }
}
