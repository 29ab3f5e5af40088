public import OrreryDocuments
public import OrreryEngine

/// What a user says about a user, permission, stored procedure, trigger or user-defined function.
public struct ChildDefinition: Sendable {
    public let id: String
    /// The definition as it is kept and returned, without system properties.
    public let json: JSONValue

    /// Reads and checks a definition: the members that its kind has are kept, the required ones must be there.
    public init(_ kind: ResourceKind, _ value: JSONValue) throws(DatabaseError) {
        id = try value.requiredID()
        try ResourceName.validate(id)
        var json: JSONValue = ["id": .string(id)]
        for member in Self.members(of: kind) {
            guard let given = value[member.name], !given.isNull else {
                if member.isRequired { throw .invalidInput }
                continue
            }
            if member.isText, given.string == nil { throw .invalidInput }
            json[member.name] = given
        }
        self.json = json
    }

    private struct Member {
        let name: String
        var isRequired = false
        var isText = false
    }

    private static func members(of kind: ResourceKind) -> [Member] {
        switch kind {
        case .permission:
            [
                Member(name: "permissionMode", isRequired: true, isText: true),
                Member(name: "resource", isRequired: true, isText: true),
                Member(name: "resourcePartitionKey"),
            ]
        case .storedProcedure, .userDefinedFunction:
            [Member(name: "body", isRequired: true, isText: true)]
        case .trigger:
            // SDKs send types and operations as numbers or as names, and want them back as they sent them.
            [
                Member(name: "body", isRequired: true, isText: true), Member(name: "triggerType"),
                Member(name: "triggerOperation"),
            ]
        default: []
        }
    }
}
