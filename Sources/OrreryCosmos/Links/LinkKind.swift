/// The kinds of resource that a link of the REST API can name, in the words of the wire.
enum LinkKind: UInt8, Sendable, CaseIterable {
    case account
    case database
    case container
    case document
    case storedProcedure
    case trigger
    case userDefinedFunction
    case conflict
    case partitionKeyRange
    case clientEncryptionKey
    case user
    case permission
    case offer
    case operation
    case attachment

    /// The keyword that stands before the id in a link, and the resource type in the string to sign.
    var keyword: StaticString {
        switch self {
        case .account: ""
        case .database: "dbs"
        case .container: "colls"
        case .document: "docs"
        case .storedProcedure: "sprocs"
        case .trigger: "triggers"
        case .userDefinedFunction: "udfs"
        case .conflict: "conflicts"
        case .partitionKeyRange: "pkranges"
        case .clientEncryptionKey: "clientencryptionkeys"
        case .user: "users"
        case .permission: "permissions"
        case .offer: "offers"
        case .operation: "operations"
        case .attachment: "attachments"
        }
    }

    /// The kind under which this one stands in a link; nothing for what stands at the top.
    var parent: LinkKind? {
        switch self {
        case .account, .database, .offer: nil
        case .container, .user, .clientEncryptionKey: .database
        case .document, .storedProcedure, .trigger, .userDefinedFunction, .conflict, .partitionKeyRange, .operation:
            .container
        case .permission: .user
        case .attachment: .document
        }
    }

    /// Whether a link of this kind names a container or what is in one, so that its second id is the container's. Users
    /// stand beside containers and may be named like them.
    var isOfContainer: Bool { self == .container || parent?.isOfContainer == true }

    /// The member that holds the resources in a feed's body, as the SDKs read it.
    var feedMember: StaticString {
        switch self {
        case .account: "DatabaseAccounts"
        case .database: "Databases"
        case .container: "DocumentCollections"
        case .document: "Documents"
        case .storedProcedure: "StoredProcedures"
        case .trigger: "Triggers"
        case .userDefinedFunction: "UserDefinedFunctions"
        case .conflict: "Conflicts"
        case .partitionKeyRange: "PartitionKeyRanges"
        case .clientEncryptionKey: "ClientEncryptionKeys"
        case .user: "Users"
        case .permission: "Permissions"
        case .offer: "Offers"
        case .operation: "Operations"
        case .attachment: "Attachments"
        }
    }

    /// The kind whose keyword these bytes are, if they are one. Keywords are compared as they stand on the wire.
    init?(keyword bytes: ArraySlice<UInt8>) {
        for kind in Self.allCases where kind != .account && bytes.elementsEqual(kind.keyword) {
            self = kind
            return
        }
        return nil
    }
}
