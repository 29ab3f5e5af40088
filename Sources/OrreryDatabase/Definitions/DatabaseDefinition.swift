public import OrreryDocuments

/// What a user says about a database: its id.
public struct DatabaseDefinition: Sendable, Equatable {
    public let id: String
    /// The definition as it is kept and returned, without system properties.
    public let json: JSONValue

    /// Reads and checks a definition.
    public init(_ value: JSONValue) throws(DatabaseError) {
        id = try value.requiredID()
        try ResourceName.validate(id)
        json = ["id": .string(id)]
    }
}

extension JSONValue {
    /// The `id` that every resource's body must have.
    func requiredID() throws(DatabaseError) -> String {
        guard case .object = self else { throw .invalidInput }
        guard case .string(let id)? = self["id"] else {
            throw .invalid("The input content is invalid because the required properties - 'id; ' - are missing")
        }
        return id
    }
}
