internal import OrreryDocuments
internal import OrreryEngine
public import OrreryKeys

extension Account {
    /// Makes a database.
    /// - Parameter throughput: what its containers share; nil where each has its own.
    /// - Throws: `.invalid`, `.conflict`.
    public func createDatabase(
        _ definition: DatabaseDefinition, throughput: Throughput?
    ) throws(DatabaseError) -> Resource {
        Resource(try change { () throws(CatalogError) in
            try catalog.insert(
                .database, under: nil, id: definition.id, makeBody: { _ in definition.json.text },
                with: { record in throughput.map { [Self.offer($0, of: record)] } ?? [] })
        })
    }

    /// How many databases and containers the account has, without the server's own.
    public var resourceCount: Int {
        let own = systemDatabaseID
        return catalog.list(.database, under: nil).reduce(0) { count, database in
            database.resourceID == own
                ? count : count + 1 + catalog.list(.container, under: database.resourceID).count
        }
    }

    /// The database of a name.
    public func database(named id: String) throws(DatabaseError) -> Resource {
        guard let record = catalog.find(.database, under: nil, id: id) else { throw .notFound }
        return Resource(record)
    }

    /// The resource id of the database of a name.
    public func databaseID(named id: String) throws(DatabaseError) -> ResourceID {
        guard let record = catalog.find(.database, under: nil, id: id) else { throw .notFound }
        return record.resourceID
    }

    /// Whether there is a database of this resource id.
    public func hasDatabase(_ resourceID: ResourceID) -> Bool {
        catalog.record(.database, resourceID) != nil
    }

    /// The database of a resource id.
    public func database(_ resourceID: ResourceID) throws(DatabaseError) -> Resource {
        guard let record = catalog.record(.database, resourceID) else { throw .notFound }
        return Resource(record)
    }

    /// All databases, the oldest first.
    public func databases() -> [Resource] {
        catalog.list(.database, under: nil).map(Resource.init)
    }

    /// Removes a database with everything in it.
    /// - Parameter etag: when given, the database must still carry this entity tag.
    public func deleteDatabase(_ resourceID: ResourceID, ifMatch etag: String? = nil) throws(DatabaseError) {
        let removed = try change { () throws(CatalogError) in
            try catalog.delete(.database, resourceID, ifMatch: etag)
        }
        for record in removed where record.kind == .container { store.removePartitions(of: record.resourceID) }
    }
}
