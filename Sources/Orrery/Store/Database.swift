internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryKeys

/// One database of a store: a name space of containers.
///
/// ```swift
/// let shop = try store.database("shop")
/// ```
public struct Database: Sendable {
    let store: Store
    /// Its name.
    ///
    /// ```swift
    /// print(shop.name)
    /// ```
    public let name: String
    let resourceID: ResourceID

    /// The container of a name, made where there is none.
    ///
    /// ```swift
    /// let orders = try shop.container("orders", partitionKey: "/customer")
    /// ```
    /// - Parameters:
    ///   - name: the container's name.
    ///   - partitionKey: the paths of the partition key's values in an item: one, or up to three of a hierarchical key.
    ///     For a container that is there they must be its own.
    ///   - timeToLiveSeconds: how long items live after their last write; nil for ever.
    /// - Throws: ``StoreError/invalid(_:)`` for what is no name or no path, ``StoreError/conflict(_:)`` for a container
    ///   with another partition key.
    public func container(
        _ name: String, partitionKey: String..., timeToLiveSeconds: Int? = nil
    ) throws(StoreError) -> Container {
        try StoreError.translating { () throws(DatabaseError) in
            let definition = try Self.definition(name, partitionKey, timeToLiveSeconds)
            do throws(DatabaseError) {
                let found = try account.openContainer(try account.containerID(named: name, in: resourceID))
                guard found.definition.partitionKey == definition.partitionKey else {
                    throw .conflict("The container '\(name)' has another partition key.")
                }
                return Container(store: store, databaseName: self.name, opened: found)
            } catch .notFound {
                let made = try account.createContainer(definition, in: resourceID, throughput: nil)
                return Container(
                    store: store, databaseName: self.name, opened: try account.openContainer(made.resourceID))
            }
        }
    }

    /// The container of a name, which must be there.
    ///
    /// ```swift
    /// let orders = try shop.container("orders")
    /// ```
    /// - Throws: ``StoreError/notFound``.
    public func container(_ name: String) throws(StoreError) -> Container {
        try StoreError.translating { () throws(DatabaseError) in
            let opened = try account.openContainer(try account.containerID(named: name, in: resourceID))
            return Container(store: store, databaseName: self.name, opened: opened)
        }
    }

    /// The names of all containers, the oldest first.
    ///
    /// ```swift
    /// for name in shop.containerNames { print(name) }
    /// ```
    public var containerNames: [String] { account.containers(in: resourceID).map(\.id) }

    /// Removes a container with all its items.
    ///
    /// ```swift
    /// try shop.removeContainer("orders")
    /// ```
    /// - Throws: ``StoreError/notFound`` where there is none.
    public func removeContainer(_ name: String) throws(StoreError) {
        try StoreError.translating { () throws(DatabaseError) in
            try account.deleteContainer(try account.containerID(named: name, in: resourceID))
        }
    }

    private var account: Account { store.account }

    private static func definition(
        _ name: String, _ paths: [String], _ timeToLiveSeconds: Int?
    ) throws(DatabaseError) -> ContainerDefinition {
        var json: JSONValue = [
            "id": .string(name),
            "partitionKey": [
                "paths": .array(paths.map { .string($0) }), "kind": .string(paths.count > 1 ? "MultiHash" : "Hash"),
                "version": 2,
            ],
        ]
        if let timeToLiveSeconds { json["defaultTtl"] = .number(JSONNumber(Int64(timeToLiveSeconds))) }
        return try ContainerDefinition(json)
    }
}
