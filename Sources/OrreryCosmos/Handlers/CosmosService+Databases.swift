import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `POST /dbs`
    func createDatabase(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let body = try request.jsonBody()
        let throughput = try throughput(asked: request)
        try checkRoomForResource()
        let database = try database { () throws(DatabaseError) in
            try account.createDatabase(DatabaseDefinition(body), throughput: throughput)
        }
        return answer(database, status: 201, to: request)
    }

    /// An account has at most so many databases and containers together (features and limits). The server's own count
    /// for nothing.
    static var resourceCountMax: Int { 500 }

    /// - Throws: 403 where the account has as many as it can.
    func checkRoomForResource() throws(CosmosError) {
        guard account.resourceCount < Self.resourceCountMax else { throw .tooManyResources(Self.resourceCountMax) }
    }

    /// `GET /dbs/{db}`
    func readDatabase(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let database = try database { () throws(DatabaseError) in
            try account.database(account.databaseID(of: request.link))
        }
        return answer(database, status: 200, to: request)
    }

    /// `GET /dbs`, and `POST /dbs` with a query
    func listDatabases(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        // The server's own is not among them: who goes through all databases means those of the users.
        let own = account.systemDatabaseID
        let databases = account.databases().filter { $0.resourceID != own }
        try answerFeed(databases, of: .database, parent: "", to: request, exchange)
    }

    /// `DELETE /dbs/{db}`
    func deleteDatabase(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        try database { () throws(DatabaseError) in
            try account.deleteDatabase(
                account.databaseID(of: request.link), ifMatch: request.entityTag("if-match"))
        }
        return CosmosResponse.empty(204, to: request, charge: .controlPlaneWrite)
    }

    /// The throughput that the headers of a creation ask for; nil where they ask for none.
    func throughput(asked request: CosmosRequest) throws(CosmosError) -> Throughput? {
        let manual = request.headers["x-ms-offer-throughput"]
        let autoscale = request.nonEmpty("x-ms-cosmos-offer-autopilot-settings")
        if manual != nil, autoscale != nil {
            throw .badRequest("A request may ask for a manual throughput or for autoscale, not for both.")
        }
        return try database { () throws(DatabaseError) in
            if let manual { return try Throughput(manualText: manual) }
            guard let autoscale else { return nil }
            guard let settings = try? JSONValue(parsing: Array(autoscale)) else { throw DatabaseError.invalidInput }
            return try Throughput(autoscale: settings)
        }
    }
}
