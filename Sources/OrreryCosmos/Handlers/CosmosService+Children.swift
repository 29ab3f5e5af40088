import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryHTTP
import OrreryKeys

/// Users, permissions, stored procedures, triggers and user-defined functions: kept and given back.
extension CosmosService {
    /// `POST` on the feed; with the upsert header what is there is replaced.
    func createChild(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let (kind, owner) = try place(request)
        let body = try request.jsonBody()
        let decorated = try decoration(request)
        guard request.isUpsert else {
            let resource = try database { () throws(DatabaseError) in
                try account.createChild(kind, under: owner, body: body)
            }
            return answer(decorated(resource), status: 201, to: request)
        }
        let (resource, isNew) = try database { () throws(DatabaseError) in
            try account.upsertChild(kind, under: owner, body: body)
        }
        return answer(decorated(resource), status: isNew ? 201 : 200, to: request)
    }

    /// `GET` on one
    func readChild(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let decorated = try decoration(request)
        return answer(decorated(try child(request)), status: 200, to: request)
    }

    /// `GET` on the feed, and `POST` with a query
    func listChildren(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let (kind, owner) = try place(request)
        let children = account.children(kind, under: owner).map(try decoration(request))
        try answerFeed(children, of: request.link.kind, parent: owner.text, to: request, exchange)
    }

    /// `PUT` on one
    func replaceChild(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let old = try child(request)
        let body = try request.jsonBody()
        let decorated = try decoration(request)
        let resource = try database { () throws(DatabaseError) in
            try account.replaceChild(old, body: body, ifMatch: request.entityTag("if-match"))
        }
        return answer(decorated(resource), status: 200, to: request)
    }

    /// `DELETE` on one
    func deleteChild(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let resource = try child(request)
        try database { () throws(DatabaseError) in
            try account.deleteChild(resource, ifMatch: request.entityTag("if-match"))
        }
        return CosmosResponse.empty(204, to: request, charge: .controlPlaneWrite)
    }

    /// `POST` on a stored procedure: running scripts is not built yet.
    func executeStoredProcedure(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        _ = try child(request)
        throw .badRequest("Stored procedures are kept but cannot be executed by this version of the server.")
    }

    private func child(_ request: CosmosRequest) throws(CosmosError) -> Resource {
        let (kind, owner) = try place(request)
        return try database { () throws(DatabaseError) in
            if let resourceID = request.link.resourceID(at: request.link.idCount - 1),
                let found = try? account.child(kind, resourceID, under: owner) {
                return found
            }
            return try account.child(kind, named: request.link.idText(at: request.link.idCount - 1), under: owner)
        }
    }

    /// The kind that a link names, and the resource id of what it stands under.
    private func place(_ request: CosmosRequest) throws(CosmosError) -> (kind: ResourceKind, owner: ResourceID) {
        let link = request.link
        return try parent { () throws(DatabaseError) in
            switch link.kind {
            case .user: (.user, try account.databaseID(of: link))
            case .permission: (.permission, try account.userID(of: link))
            case .storedProcedure: (.storedProcedure, try account.containerID(of: link))
            case .trigger: (.trigger, try account.containerID(of: link))
            case .userDefinedFunction: (.userDefinedFunction, try account.containerID(of: link))
            default: throw DatabaseError.notFound
            }
        }
    }

    /// What an answer adds to the resources in it: a permission shows the token that its holder sends.
    /// - Throws: 400 for a request that wants tokens for a time they cannot have.
    private func decoration(_ request: CosmosRequest) throws(CosmosError) -> (Resource) -> Resource {
        let lifetimeSeconds = try request.resourceTokenSeconds()
        return { [self] resource in
            guard resource.kind == .permission else { return resource }
            let token = authorizer.resourceToken(
                for: resource.resourceID, nowSeconds: clock(), lifetimeSeconds: lifetimeSeconds)
            return resource.adding("_token", .string(token))
        }
    }
}
