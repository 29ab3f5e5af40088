import OrreryDatabase
import OrreryEngine
import OrreryKeys

/// Finds what a link names, whether it is made of names or of resource ids.
extension Account {
    /// The resource id of the database in a link.
    func databaseID(of link: ResourceLink) throws(DatabaseError) -> ResourceID {
        if link.mayBeResourceIDs, let resourceID = link.resourceID(at: 0), hasDatabase(resourceID) { return resourceID }
        return try databaseID(named: link.idText(at: 0))
    }

    /// The resource id of the container in a link.
    func containerID(of link: ResourceLink) throws(DatabaseError) -> ResourceID {
        let database = try databaseID(of: link)
        // A link of resource ids and one of names may be mixed, for a container may be named like anything.
        if let resourceID = link.resourceID(at: 1), resourceID.database == database, hasContainer(resourceID) {
            return resourceID
        }
        return try containerID(named: link.idText(at: 1), in: database)
    }

    /// The resource id of the user in a link.
    func userID(of link: ResourceLink) throws(DatabaseError) -> ResourceID {
        let database = try databaseID(of: link)
        if let resourceID = link.resourceID(at: 1),
            (try? child(.user, resourceID, under: database)) != nil {
            return resourceID
        }
        return try child(.user, named: link.idText(at: 1), under: database).resourceID
    }
}
