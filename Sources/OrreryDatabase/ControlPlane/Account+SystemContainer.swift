internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys

extension Account {
    /// A container that the server keeps for itself, made with its database where they are missing. It has no offer,
    /// for nobody pays for it.
    /// - Throws: `.unavailable` where it cannot be made.
    public func systemContainer(
        _ definition: ContainerDefinition, in database: DatabaseDefinition
    ) throws(DatabaseError) -> Container {
        let databaseID: ResourceID
        if let found = catalog.find(.database, under: nil, id: database.id) {
            databaseID = found.resourceID
        } else {
            databaseID = try createDatabase(database, throughput: nil).resourceID
        }
        if let found = catalog.find(.container, under: databaseID, id: definition.id) {
            return try openContainer(found.resourceID)
        }
        let container = try change { () throws(CatalogError) in
            let record = try catalog.insert(.container, under: databaseID, id: definition.id) { _ in
                definition.json.text
            }
            for (number, keys) in zip(UInt64(0)..., EffectiveKeyRange.initialLayout(throughput: Throughput.manualMin)) {
                let body = PartitionKeyRange.body(number: number, keys: keys, parents: [])
                _ = try catalog.insertPartition(number, of: record.resourceID, body: body)
            }
            return record
        }
        return try openContainer(container.resourceID)
    }
}
