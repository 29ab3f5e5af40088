import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryKeys

/// What each caller may do. Every request comes by here, whatever its route.
extension CosmosService {
    /// Lets a request pass that its caller may send.
    /// - Throws: 401 or 403 for any other.
    func authorize(_ request: CosmosRequest, _ operation: Operation, as caller: Caller) throws(CosmosError) {
        switch caller {
        case .keyHolder(let kind):
            if kind.isReadOnly, !operation.isOpenToReadOnlyKeys { throw .readOnlyKey }
        case .emulatorIdentity:
            guard operation.isDataPlane else { throw .insufficientPermission }
        case .principal(let principal):
            try authorize(request, operation, as: principal)
        case .permissionHolder(let permission):
            try authorize(request, operation, by: permission)
        }
        if !operation.isRead, isInSystemDatabase(request.link) { throw .systemDatabaseIsReadOnly }
    }

    private func authorize(
        _ request: CosmosRequest, _ operation: Operation, by resourceID: ResourceID
    ) throws(CosmosError) {
        // A permission that was deleted takes its tokens with it.
        guard let resource = account.permission(resourceID), let body = try? JSONValue(parsing: resource.body),
            let permission = Permission(body)
        else { throw .unauthorized }
        try permission.authorize(request, operation, in: account)
    }

    private func authorize(
        _ request: CosmosRequest, _ operation: Operation, as principal: Principal
    ) throws(CosmosError) {
        guard let action = DataAction(operation) else {
            let path = String(decoding: request.link.path.prefix(256), as: UTF8.self)
            throw .notForTokens(request.http.method.name, path)
        }
        // Every client reads the account before anything else, so that any role opens it.
        if operation == .readAccount, roles.knows(principal) { return }
        let place = roleScope(of: request.link)
        guard roles.allows(principal, action.level, in: place) else {
            throw .missingRole(principal, action, request.link)
        }
    }

    /// Where a link leads, by the names of what it leads to: a link may be made of resource ids as well.
    private func roleScope(of link: ResourceLink) -> RoleScope {
        if link.idCount >= 2, link.kind.isOfContainer,
            let container = try? containers.container(of: link) {
            return RoleScope(database: Array(container.databaseID.utf8), container: Array(container.id.utf8))
        }
        guard link.kind != .offer, let database = link.id(at: 0) else { return .account }
        let found = link.mayBeResourceIDs ? try? account.database(account.databaseID(of: link)) : nil
        return RoleScope(
            database: found.map { Array($0.id.utf8) } ?? Array(database), container: link.id(at: 1).map { Array($0) })
    }

    /// Checks that the sender of a request that is still being answered may go on reading: its key, token, permission
    /// or role may have ended since.
    /// - Throws: 401 or 403 where it may not.
    func authorizeAgain(_ request: CosmosRequest, _ operation: Operation) throws(CosmosError) {
        let sender = try authorizer.caller(of: request, nowSeconds: clock(), isNew: false)
        try authorize(request, operation, as: sender)
    }

    /// Whether a link leads into the database that the server keeps for itself.
    func isInSystemDatabase(_ link: ResourceLink) -> Bool {
        guard let audit, link.kind != .offer, let id = link.id(at: 0) else { return false }
        if id.elementsEqual(Account.systemDatabaseName.utf8) { return true }
        return link.mayBeResourceIDs && link.resourceID(at: 0) == audit.databaseID
    }
}

extension Operation {
    /// Whether a read-only key is enough: for reads of all but permissions, which show tokens that may write.
    fileprivate var isOpenToReadOnlyKeys: Bool {
        switch self {
        case .listPermissions, .queryPermissions, .readPermission: false
        default: isRead
        }
    }
}

extension CosmosError {
    /// What the service says where none of a principal's roles allows an action. The place is called as the principal
    /// called it: names behind resource ids are not for who may not read them.
    fileprivate static func missingRole(
        _ principal: Principal, _ action: DataAction, _ link: ResourceLink
    ) -> CosmosError {
        let path = link.idCount < 2 ? link.path[...] : link.containerPath
        let place = String(decoding: path.prefix(256), as: UTF8.self)
        return CosmosError(
            status: 403, substatus: action == .readMetadata ? 5301 : 5302,
            "Request blocked by Auth orrery : Request is blocked because principal [\(principal.text)] does not have "
                + "required RBAC permissions to perform action [\(action.name)] on resource [/\(place)].")
    }

    fileprivate static func notForTokens(_ method: String, _ path: String) -> CosmosError {
        CosmosError(
            status: 403, substatus: 5300,
            "Request blocked by Auth orrery : The given request [\(method) /\(path)] cannot be authorized by AAD token "
                + "in data plane.")
    }
}
