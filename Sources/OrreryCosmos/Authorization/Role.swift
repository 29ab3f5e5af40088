/// The roles there are: the service's two built-in ones for data.
enum Role: String, Sendable, CaseIterable {
    case reader, contributor

    /// The service's id of the role, the same in every account.
    var id: String {
        switch self {
        case .reader: "00000000-0000-0000-0000-000000000001"
        case .contributor: "00000000-0000-0000-0000-000000000002"
        }
    }

    /// The service's name of the role.
    var name: String {
        switch self {
        case .reader: "Cosmos DB Built-in Data Reader"
        case .contributor: "Cosmos DB Built-in Data Contributor"
        }
    }

    /// The actions that the role allows, in the service's words.
    var actions: [String] {
        let containers = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/"
        return switch self {
        case .reader:
            [
                DataAction.readMetadata.name, containers + "items/read", containers + "executeQuery",
                containers + "readChangeFeed",
            ]
        case .contributor:
            [DataAction.readMetadata.name, containers + "*", containers + "items/*"]
        }
    }

    /// A role by its own word, or by its id, alone or at the end of a resource path as the service writes it.
    init?(text: String) {
        let last = text.split(separator: "/").last.map { $0.lowercased() } ?? ""
        guard let role = Self.allCases.first(where: { $0.rawValue == last || $0.id == last }) else { return nil }
        self = role
    }

    func allows(_ level: DataAction.Level) -> Bool {
        switch self {
        case .reader: level <= .readItems
        case .contributor: true
        }
    }
}
