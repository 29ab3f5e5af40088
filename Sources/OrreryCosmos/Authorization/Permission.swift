import OrreryDatabase
import OrreryDocuments
import OrreryKeys

/// What the holder of a permission's token may do.
///
/// A permission names a container, or one resource in it, and a mode. Whatever it names, its holder may read the
/// account document, the container's definition and its partition-key ranges, for SDKs need them before anything else
/// (wire specification, section 3).
struct Permission {
    private let link: ResourceLink
    private let allowsWrites: Bool
    /// The partition key that every operation must name; nil where any will do.
    private let partitionKey: PartitionKey?

    /// Reads the body of a permission; nil where what it names is no link into a container.
    init?(_ body: JSONValue) {
        guard let resource = body["resource"]?.string, let link = ResourceLink(rawPath: Array(resource.utf8)),
            link.kind.isOfContainer, link.idCount >= 2, let mode = body["permissionMode"]?.string
        else { return nil }
        self.link = link
        allowsWrites = mode.lowercased() == "all"
        if let key = body["resourcePartitionKey"], !key.isNull {
            let components = key.array == nil ? JSONValue.array([key]) : key
            guard let parsed = try? PartitionKey(headerText: components.text) else { return nil }
            partitionKey = parsed
        } else {
            partitionKey = nil
        }
    }

    /// Lets a request pass that the permission covers.
    /// - Throws: 403 for any other.
    func authorize(_ request: CosmosRequest, _ operation: Operation, in account: Account) throws(CosmosError) {
        if operation == .readAccount { return }
        guard request.link.kind.isOfContainer, request.link.idCount >= 2, let own = try? account.containerID(of: link),
            let asked = try? account.containerID(of: request.link), own == asked
        else { throw .insufficientPermission }
        if [.readContainer, .listPartitionKeyRanges, .planQuery].contains(operation) { return }
        guard request.link.kind != .container, allowsWrites || operation.isRead, covers(request.link) else {
            throw .insufficientPermission
        }
        if let partitionKey {
            guard try request.partitionKey() == partitionKey else { throw .insufficientPermission }
        }
    }

    /// A permission on a container covers all in it; one on a resource in it that resource alone, under the same link:
    /// by names and by resource ids the same text means different items.
    private func covers(_ other: ResourceLink) -> Bool {
        if link.kind == .container { return true }
        return link.kind == other.kind && link.mayBeResourceIDs == other.mayBeResourceIDs
            && link.id(at: 2).map(Array.init) == other.id(at: 2).map(Array.init)
    }
}
