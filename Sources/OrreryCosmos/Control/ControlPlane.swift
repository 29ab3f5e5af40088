import OrreryCrypto
public import OrreryDatabase
public import OrreryDocuments
public import OrreryHTTP

/// What an operator does to an account itself rather than to its databases: its keys, and who may do what.
///
/// | request | answer |
/// |---|---|
/// | `GET /control/keys` | all keys |
/// | `POST /control/keys/{kind}/regenerate` | the new key |
/// | `GET /control/roleDefinitions` | the roles there are |
/// | `GET`, `POST /control/roleAssignments` | all assignments; a new one |
/// | `GET`, `PUT`, `DELETE /control/roleAssignments/{id}` | one of them |
///
/// Who may ask is decided by whoever passes requests on: over HTTP a master key is needed, on the server's own machine
/// the right to use its data directory.
public final class ControlPlane: Sendable {
    public let keys: KeyRing
    let roles: RoleBook

    /// - Parameter configuredKey: the primary key that the operator gave; nil to take what is kept.
    /// - Throws: `.invalid` for a key that is not base64; `.unavailable`.
    public init(account: Account, configuredKey: String? = nil) throws(DatabaseError) {
        keys = try KeyRing(account: account, configured: configuredKey)
        roles = try RoleBook(account: account)
    }

    /// What a request came to.
    public struct Answer: Sendable {
        public let status: Int
        /// Nothing for 204.
        public let body: JSONValue?
        /// What was done, for the audit trail: all changes, and a look at the keys; nil for other reads.
        let deed: Deed?

        init(_ status: Int, _ body: JSONValue? = nil, _ deed: Deed? = nil) {
            self.status = status
            self.body = body
            self.deed = deed
        }
    }

    /// What the audit trail tells of an operation.
    struct Deed: Sendable {
        let operation: String
        /// What a name of an operation does not say; never a secret.
        var detail = ""
    }

    static let pathPrefix = Array("/control/".utf8)

    /// Answers one request.
    /// - Parameters:
    ///   - path: percent-encoded, without a query, beginning with `/control/`.
    ///   - body: JSON text; not looked at where none is taken.
    public func answer(_ method: HTTPMethod, path: ArraySlice<UInt8>, body: [UInt8]) -> Answer {
        do throws(CosmosError) {
            return try answer(method, segments: Self.segments(path), body)
        } catch {
            let json: JSONValue = ["code": .string("\(error.code)"), "message": .string(error.message)]
            return Answer(error.status, json, method == .get ? nil : Deed(operation: "refused"))
        }
    }

    private static func segments(_ path: ArraySlice<UInt8>) throws(CosmosError) -> [String] {
        var segments: [String] = []
        for part in path.dropFirst(pathPrefix.count).split(separator: UInt8(ascii: "/")) {
            guard let bytes = try? PercentEncoding.bytes(part) else { throw .notFound }
            segments.append(String(decoding: bytes, as: UTF8.self))
        }
        return segments
    }

    private func answer(
        _ method: HTTPMethod, segments: [String], _ body: [UInt8]
    ) throws(CosmosError) -> Answer {
        switch (method, segments.first, segments.count) {
        case (.get, "keys", 1): return Answer(200, keysJSON, Deed(operation: "listKeys"))
        case (.post, "keys", 3) where segments[2] == "regenerate": return try regenerate(segments[1])
        case (.get, "roleDefinitions", 1):
            return Answer(200, ["value": .array(Role.allCases.map(\.json))])
        case (.get, "roleAssignments", 1):
            return Answer(200, ["value": .array(roles.assignments.map(\.json))])
        case (.post, "roleAssignments", 1):
            return try keep(String(decoding: ActivityID.made(), as: UTF8.self), body, status: 201)
        case (.get, "roleAssignments", 2):
            let id = segments[1].lowercased()
            guard let found = roles.assignments.first(where: { $0.id == id }) else { throw .notFound }
            return Answer(200, found.json)
        case (.put, "roleAssignments", 2): return try keep(segments[1], body, status: 200)
        case (.delete, "roleAssignments", 2):
            try roles.remove(segments[1].lowercased())
            return Answer(204, nil, Deed(operation: "deleteRoleAssignment"))
        default: throw .notFound
        }
    }

    // MARK: Keys

    private var keysJSON: JSONValue {
        .object(AccountKeyKind.allCases.map { JSONMember($0.memberName, .string(keys.text($0))) })
    }

    private func regenerate(_ name: String) throws(CosmosError) -> Answer {
        guard let kind = AccountKeyKind(name: name) else {
            let names = AccountKeyKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("There is no key '\(name.prefix(32))': the keys are \(names).")
        }
        do throws(DatabaseError) {
            let text = try keys.regenerate(kind)
            return Answer(
                200, .object([JSONMember(kind.memberName, .string(text))]),
                Deed(operation: "regenerateKey:\(kind.rawValue)"))
        } catch {
            throw CosmosError(error)
        }
    }

    // MARK: Roles

    private func keep(_ id: String, _ body: [UInt8], status: Int) throws(CosmosError) -> Answer {
        let id = id.lowercased()
        guard Self.isGUID(id) else { throw .badRequest("The id of a role assignment must be a GUID.") }
        guard let json = try? JSONValue(parsing: body) else { throw .unreadableBody }
        let assignment = try RoleAssignment(id: id, json)
        try roles.keep(assignment)
        let detail = "\(assignment.role.rawValue) for \(assignment.principal.text) in \(assignment.scope.text) as \(id)"
        return Answer(status, assignment.json, Deed(operation: "keepRoleAssignment", detail: detail))
    }

    private static func isGUID(_ text: String) -> Bool {
        let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.allSatisfy { Character(UnicodeScalar($0)).isHexDigit } }
    }
}

extension AccountKeyKind {
    /// The key's name in the service's answer to `listKeys`.
    fileprivate var memberName: String {
        switch self {
        case .primary: "primaryMasterKey"
        case .secondary: "secondaryMasterKey"
        case .primaryReadonly: "primaryReadonlyMasterKey"
        case .secondaryReadonly: "secondaryReadonlyMasterKey"
        }
    }
}

extension Role {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "roleName": .string(name), "type": "BuiltInRole",
            "permissions": [["dataActions": .array(actions.map { .string($0) })]],
        ]
    }
}
