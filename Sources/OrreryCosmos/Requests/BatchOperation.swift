import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys

/// One operation of a batch, as its JSON object says it (wire specification, section 9).
struct BatchOperation: Sendable {
    private enum Kind: String {
        case create, upsert, replace, read, delete, patch
    }

    private let kind: Kind
    private let id: [UInt8]?
    private let resourceBody: [UInt8]
    /// The partition key of an operation of a bulk request; nil where the whole request has one.
    private let partitionKey: PartitionKey?
    private let precondition: ItemWrite.Precondition
    /// Whether the client wants the item left out of the answer; SDKs say so of each operation of a bulk request.
    let prefersMinimal: Bool

    /// - Throws: 400 for what is no operation.
    init(_ node: JSONNode) throws(CosmosError) {
        guard let type = node["operationType"]?.string, let kind = Kind(rawValue: type.lowercased()) else {
            throw .invalidInput
        }
        self.kind = kind
        id = node["id"]?.stringBytes
        prefersMinimal = kind != .read && node["minimalReturnPreference"]?.boolean == true
        resourceBody = node["resourceBody"].map { Array($0.text) } ?? []
        if let key = node["partitionKey"].map({ $0.stringBytes ?? Array($0.text) }) {
            guard let parsed = try? PartitionKey(headerText: key) else { throw .invalidInput }
            partitionKey = parsed
        } else {
            partitionKey = nil
        }
        if let tag = node["ifMatch"]?.string {
            precondition = tag == "*" ? .exists : .match(ItemEtag(text: Self.bare(tag)))
        } else if let tag = node["ifNoneMatch"]?.string {
            precondition = tag == "*" ? .absent : .noneMatch(ItemEtag(text: Self.bare(tag)))
        } else {
            precondition = .none
        }
    }

    /// Checks the operation against a container and makes it ready to be committed.
    func prepared(in container: Container, partitionKey shared: PartitionKey?) throws(CosmosError) -> ItemOperation {
        do throws(DatabaseError) {
            guard let key = partitionKey ?? shared else { throw .partitionKeyMismatch }
            // Who may use the header's key alone may not name another one here.
            if let shared, key != shared { throw .partitionKeyMismatch }
            return try prepared(container, key)
        } catch {
            throw CosmosError(error)
        }
    }

    /// The same, where a document that is sent whole says its partition key itself.
    func prepared(in container: Container) throws(DatabaseError) -> ItemOperation {
        if let partitionKey { return try prepared(container, partitionKey) }
        let sent = try Container.document(parsing: resourceBody)
        switch kind {
        case .create, .upsert, .replace: 
            return try prepared(container, container.definition.partitionKey.partitionKey(of: sent.root))
        case .read, .delete, .patch: throw .partitionKeyMismatch
        }
    }

    private func prepared(_ container: Container, _ key: PartitionKey) throws(DatabaseError) -> ItemOperation {
        switch kind {
        case .create, .upsert:
            return try container.preparingCreate(
                Container.document(parsing: resourceBody), partitionKey: key, isUpsert: kind == .upsert,
                precondition: precondition)
        case .replace:
            return try container.preparingReplace(
                id: requiredID(), Container.document(parsing: resourceBody), partitionKey: key,
                precondition: precondition)
        case .read:
            return try container.preparingRead(id: requiredID(), partitionKey: key, precondition: precondition)
        case .delete:
            return try container.preparingDelete(id: requiredID(), partitionKey: key, precondition: precondition)
        case .patch:
            let body = try Container.document(parsing: resourceBody)
            let patch = try ItemPatch(body.root, in: container)
            return try container.preparingChange(
                id: requiredID(), partitionKey: key, precondition: precondition, patch.apply)
        }
    }

    private func requiredID() throws(DatabaseError) -> [UInt8] {
        guard let id else { throw .invalidInput }
        return id
    }

    private static func bare(_ tag: String) -> [UInt8] {
        Array(tag.utf8).filter { $0 != UInt8(ascii: "\"") }
    }
}
