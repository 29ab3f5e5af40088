public import OrreryDocuments
public import OrreryEngine
public import OrreryKeys

/// Users, permissions, stored procedures, triggers and user-defined functions: resources that stand under a database,
/// a user or a container and differ only in what their definitions must hold.
extension Account {
    /// The most stored procedures a container may have; likewise triggers and functions.
    public static let storedProceduresMax = 100
    public static let triggersMax = 100
    public static let userDefinedFunctionsMax = 50

    /// Makes a resource under a parent.
    public func createChild(
        _ kind: ResourceKind, under parent: ResourceID, body: JSONValue
    ) throws(DatabaseError) -> Resource {
        let definition = try ChildDefinition(kind, body)
        if let limit = Self.childrenMax(kind), catalog.list(kind, under: parent).count >= limit {
            throw .forbidden("The container has reached its limit of \(limit) resources of this kind.")
        }
        return Resource(try change { () throws(CatalogError) in
            try catalog.insert(kind, under: parent, id: definition.id) { _ in definition.json.text }
        })
    }

    /// Replaces the resource of the body's id under a parent, or makes it.
    /// - Returns: the resource, and whether it was made.
    public func upsertChild(
        _ kind: ResourceKind, under parent: ResourceID, body: JSONValue
    ) throws(DatabaseError) -> (resource: Resource, isNew: Bool) {
        let definition = try ChildDefinition(kind, body)
        guard let old = catalog.find(kind, under: parent, id: definition.id) else {
            return (try createChild(kind, under: parent, body: body), true)
        }
        let resource = Resource(try change { () throws(CatalogError) in
            try catalog.replace(kind, old.resourceID, body: definition.json.text)
        })
        return (resource, false)
    }

    /// The resource of a name under a parent.
    public func child(
        _ kind: ResourceKind, named id: String, under parent: ResourceID
    ) throws(DatabaseError) -> Resource {
        guard let record = catalog.find(kind, under: parent, id: id) else { throw .notFound }
        return Resource(record)
    }

    /// The resource of a resource id under a parent.
    public func child(
        _ kind: ResourceKind, _ resourceID: ResourceID, under parent: ResourceID
    ) throws(DatabaseError) -> Resource {
        guard let record = catalog.record(kind, resourceID), record.parent == parent else { throw .notFound }
        return Resource(record)
    }

    /// The permission of a resource id, whatever user it belongs to; nil where there is none.
    public func permission(_ resourceID: ResourceID) -> Resource? {
        catalog.record(.permission, resourceID).map(Resource.init)
    }

    /// All resources of a kind under a parent, the oldest first.
    public func children(_ kind: ResourceKind, under parent: ResourceID) -> [Resource] {
        catalog.list(kind, under: parent).map(Resource.init)
    }

    /// Gives a resource a new definition. The id of a user or a permission may change; a script keeps its own.
    public func replaceChild(
        _ old: Resource, body: JSONValue, ifMatch etag: String? = nil
    ) throws(DatabaseError) -> Resource {
        let definition = try ChildDefinition(old.kind, body)
        let mayBeRenamed = old.kind == .user || old.kind == .permission
        guard mayBeRenamed || definition.id.utf8.elementsEqual(old.id.utf8) else {
            throw .invalid("Replacing the id of a resource is not allowed.")
        }
        return Resource(try change { () throws(CatalogError) in
            try catalog.replace(
                old.kind, old.resourceID, id: definition.id, body: definition.json.text, ifMatch: etag)
        })
    }

    /// Removes a resource.
    public func deleteChild(_ resource: Resource, ifMatch etag: String? = nil) throws(DatabaseError) {
        try change { () throws(CatalogError) in
            _ = try catalog.delete(resource.kind, resource.resourceID, ifMatch: etag)
        }
    }

    private static func childrenMax(_ kind: ResourceKind) -> Int? {
        switch kind {
        case .storedProcedure: storedProceduresMax
        case .trigger: triggersMax
        case .userDefinedFunction: userDefinedFunctionsMax
        default: nil
        }
    }
}
