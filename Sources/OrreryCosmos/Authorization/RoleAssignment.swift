import OrreryDocuments

/// A role, who has it, and where.
struct RoleAssignment: Equatable, Sendable {
    /// A GUID in small letters.
    let id: String
    let role: Role
    let principal: Principal
    let scope: RoleScope

    init(id: String, role: Role, principal: Principal, scope: RoleScope) {
        self.id = id
        self.role = role
        self.principal = principal
        self.scope = scope
    }

    /// Reads a body: `{"roleDefinitionId":…,"principalId":…,"scope":…}`, or the same under `properties`, as the service
    /// takes it. Without a scope it is the account's.
    /// - Throws: 400 with what is wrong.
    init(id: String, _ body: JSONValue) throws(CosmosError) {
        let properties = body["properties"] ?? body
        guard let role = properties["roleDefinitionId"]?.string.flatMap(Role.init(text:)) else {
            throw .badRequest("roleDefinitionId must name a built-in role: \(Role.reader.id) (reader) or "
                + "\(Role.contributor.id) (contributor).")
        }
        guard let principal = properties["principalId"]?.string.flatMap(Principal.init) else {
            throw .badRequest("principalId must be the id of a principal: 1 to \(Principal.idBytesMax) bytes.")
        }
        guard let scope = RoleScope(text: properties["scope"]?.string ?? "/") else {
            throw .badRequest("scope must be /, /dbs/{database} or /dbs/{database}/colls/{container}.")
        }
        self.init(id: id, role: role, principal: principal, scope: scope)
    }

    var json: JSONValue {
        [
            "id": .string(id), "roleDefinitionId": .string(role.id), "roleName": .string(role.name),
            "principalId": .string(principal.text), "scope": .string(scope.text),
        ]
    }
}
