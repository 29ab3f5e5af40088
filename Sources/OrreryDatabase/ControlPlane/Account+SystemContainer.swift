internal import OrreryDocuments
internal import OrreryEngine
public import OrreryKeys

extension Account {
    /// The database of what the server keeps for itself.
    public static let systemDatabaseName = "_orrery"

    /// The database of what the server keeps for itself; nil while there is none.
    public var systemDatabaseID: ResourceID? { Self.systemDatabaseID(in: catalog) }

    static func systemDatabaseID(in catalog: Catalog) -> ResourceID? {
        catalog.find(.database, under: nil, id: systemDatabaseName)?.resourceID
    }

    /// A container that the server keeps for itself, made with its database where they are missing. It has no offer,
    /// for nobody pays for it, and its partition keys grow as far as the disk does.
    /// - Throws: `.unavailable` where it cannot be made.
    public func systemContainer(_ definition: ContainerDefinition) throws(DatabaseError) -> Container {
        let databaseID: ResourceID
        if let found = systemDatabaseID {
            databaseID = found
        } else {
            let database = try DatabaseDefinition(["id": .string(Self.systemDatabaseName)])
            databaseID = try createDatabase(database, throughput: nil).resourceID
        }
        if let found = catalog.find(.container, under: databaseID, id: definition.id) {
            return try openContainer(found.resourceID)
        }
        let container = try change { () throws(CatalogError) in
            try insertContainer(definition, in: databaseID, throughput: nil)
        }
        return try openContainer(container.resourceID)
    }
}
