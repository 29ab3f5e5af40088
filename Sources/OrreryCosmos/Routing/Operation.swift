/// Every operation of the REST API that the server knows, by the name under which it is counted.
enum Operation: Int, Sendable, CaseIterable {
    case readAccount
    case listDatabases, queryDatabases, createDatabase, readDatabase, deleteDatabase
    case listContainers, queryContainers, createContainer, readContainer, replaceContainer, deleteContainer
    case listPartitionKeyRanges
    case listOffers, queryOffers, readOffer, replaceOffer
    case listUsers, queryUsers, createUser, readUser, replaceUser, deleteUser
    case listPermissions, queryPermissions, createPermission, readPermission, replacePermission, deletePermission
    case listScripts, queryScripts, createScript, readScript, replaceScript, deleteScript, executeStoredProcedure
    case listConflicts, queryConflicts, readConflict, deleteConflict
    case createItem, upsertItem, readItem, replaceItem, patchItem, deleteItem
    case listItems, queryItems, planQuery, readChangeFeed, batchItems, deletePartitionKey

    /// The operation's name in metrics and logs.
    var name: String { String(describing: self) }
}
