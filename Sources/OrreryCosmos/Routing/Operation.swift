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

    /// Whether the operation leaves everything as it is.
    var isRead: Bool {
        switch self {
        case .readAccount, .listDatabases, .queryDatabases, .readDatabase, .listContainers, .queryContainers,
            .readContainer, .listPartitionKeyRanges, .listOffers, .queryOffers, .readOffer, .listUsers, .queryUsers,
            .readUser, .listPermissions, .queryPermissions, .readPermission, .listScripts, .queryScripts, .readScript,
            .listConflicts, .queryConflicts, .readConflict, .readItem, .listItems, .queryItems, .planQuery,
            .readChangeFeed:
            true
        case .createDatabase, .deleteDatabase, .createContainer, .replaceContainer, .deleteContainer, .replaceOffer,
            .createUser, .replaceUser, .deleteUser, .createPermission, .replacePermission, .deletePermission,
            .createScript, .replaceScript, .deleteScript, .executeStoredProcedure, .deleteConflict, .createItem,
            .upsertItem, .replaceItem, .patchItem, .deleteItem, .batchItems, .deletePartitionKey:
            false
        }
    }

    /// Whether the operation is on items, or reads what a client needs to know to get at them.
    var isDataPlane: Bool {
        switch self {
        case .createItem, .upsertItem, .readItem, .replaceItem, .patchItem, .deleteItem, .listItems, .queryItems,
            .planQuery, .readChangeFeed, .batchItems, .deletePartitionKey, .readAccount, .readDatabase,
            .readContainer, .listPartitionKeyRanges, .listConflicts, .queryConflicts, .readConflict:
            true
        default:
            false
        }
    }

    /// Whether the operation changes the account rather than items: what the audit trail tells of.
    var changesAccount: Bool { !isRead && !isDataPlane && self != .executeStoredProcedure && self != .deleteConflict }

    /// The operation's name in metrics and logs.
    var name: String { String(describing: self) }
}
