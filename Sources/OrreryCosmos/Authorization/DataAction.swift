/// What an operation needs a role for, in the service's words for its role-based access.
struct DataAction: Sendable, Equatable {
    /// What a role must allow.
    enum Level: Sendable, Comparable {
        /// Read what leads to items: definitions and partition-key ranges.
        case metadata
        case readItems
        case writeItems
    }

    let name: String
    let level: Level

    private static let account = "Microsoft.DocumentDB/databaseAccounts/"

    private init(_ level: Level, _ name: String) {
        self.level = level
        self.name = Self.account + name
    }

    static let readMetadata = DataAction(.metadata, "readMetadata")

    private static func onContainer(_ level: Level, _ name: String) -> DataAction {
        DataAction(level, "sqlDatabases/containers/" + name)
    }

    private static let readItem = onContainer(.readItems, "items/read")
    private static let executeQuery = onContainer(.readItems, "executeQuery")
    private static let readChangeFeed = onContainer(.readItems, "readChangeFeed")
    private static let createItem = onContainer(.writeItems, "items/create")
    private static let replaceItem = onContainer(.writeItems, "items/replace")
    private static let upsertItem = onContainer(.writeItems, "items/upsert")
    private static let deleteItem = onContainer(.writeItems, "items/delete")
    private static let executeProcedure = onContainer(.writeItems, "executeStoredProcedure")
    private static let manageConflicts = onContainer(.writeItems, "manageConflicts")
    private static let allOnItems = onContainer(.writeItems, "items/*")

    /// The action of an operation; nil for those that no role allows, for they are the control plane's.
    init?(_ operation: Operation) {
        switch operation {
        case .readAccount, .listDatabases, .queryDatabases, .readDatabase, .listContainers, .queryContainers,
            .readContainer, .listPartitionKeyRanges: self = .readMetadata
        case .readItem: self = .readItem
        case .queryItems, .planQuery, .listItems: self = .executeQuery
        case .readChangeFeed: self = .readChangeFeed
        case .createItem: self = .createItem
        case .replaceItem, .patchItem: self = .replaceItem
        case .upsertItem: self = .upsertItem
        case .deleteItem, .deletePartitionKey: self = .deleteItem
        case .batchItems: self = .allOnItems
        case .executeStoredProcedure: self = .executeProcedure
        case .listConflicts, .queryConflicts, .readConflict, .deleteConflict: self = .manageConflicts
        default: return nil
        }
    }
}
