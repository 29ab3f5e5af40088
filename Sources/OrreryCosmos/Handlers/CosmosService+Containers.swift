import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `POST /dbs/{db}/colls`
    func createContainer(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let owner = try parent { () throws(DatabaseError) in try account.databaseID(of: request.link) }
        let body = try request.jsonBody()
        let throughput = try throughput(asked: request)
        try checkRoomForResource()
        let container = try database { () throws(DatabaseError) in
            try account.createContainer(ContainerDefinition(body), in: owner, throughput: throughput)
        }
        return answerContainer(container, status: 201, to: request)
    }

    /// `GET /dbs/{db}/colls/{coll}`
    func readContainer(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let resourceID = try containerID(request)
        var container = try database { () throws(DatabaseError) in try account.container(resourceID) }
        if request.flag("x-ms-documentdb-populatepartitionstatistics") {
            container = container.adding("statistics", try statistics(of: resourceID))
        }
        var response = answerContainer(container, status: 200, to: request)
        if request.flag("x-ms-documentdb-populatequotainfo") { try appendQuota(of: resourceID, to: &response.headers) }
        return response
    }

    /// `GET /dbs/{db}/colls`, and `POST` with a query
    func listContainers(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let owner = try parent { () throws(DatabaseError) in try account.databaseID(of: request.link) }
        try answerFeed(account.containers(in: owner), of: .container, parent: owner.text, to: request, exchange)
    }

    /// `PUT /dbs/{db}/colls/{coll}`
    func replaceContainer(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let resourceID = try containerID(request)
        let body = try request.jsonBody()
        let container = try database { () throws(DatabaseError) in
            try account.replaceContainer(
                resourceID, with: ContainerDefinition(body), ifMatch: request.entityTag("if-match"))
        }
        return answerContainer(container, status: 200, to: request)
    }

    /// `DELETE /dbs/{db}/colls/{coll}`
    func deleteContainer(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let resourceID = try containerID(request)
        try database { () throws(DatabaseError) in
            try account.deleteContainer(resourceID, ifMatch: request.entityTag("if-match"))
        }
        return CosmosResponse.empty(204, to: request, charge: .controlPlaneWrite)
    }

    /// The container that a link names, as an operation on the container itself reports it missing.
    private func containerID(_ request: CosmosRequest) throws(CosmosError) -> ResourceID {
        try database { () throws(DatabaseError) in try account.containerID(of: request.link) }
    }

    private func answerContainer(_ container: Resource, status: Int, to request: CosmosRequest) -> HTTPResponse {
        var response = answer(container, status: status, to: request)
        let databaseName = request.link.idText(at: 0)
        response.headers.append("x-ms-alt-content-path", "dbs/\(databaseName)")
        response.headers.append(
            "x-ms-documentdb-collection-index-transformation-progress",
            account.indexProgressPercent(of: container.resourceID))
        return response
    }

    /// The service names what is counted, and what it may come to; sizes are in kilobytes.
    private func appendQuota(of container: ResourceID, to headers: inout HTTPResponseHeaders) throws(CosmosError) {
        headers.append(
            "x-ms-resource-quota",
            "functions=\(Account.userDefinedFunctionsMax);storedProcedures=\(Account.storedProceduresMax);"
                + "triggers=\(Account.triggersMax);documentSize=20971520;documentsSize=20971520;documentsCount=-1;"
                + "collectionSize=20971520;")
        func count(_ kind: ResourceKind) -> Int { account.children(kind, under: container).count }
        var total = PartitionStatistics.zero
        for part in try parts(of: container) { total += part.statistics }
        let kilobytes = Self.kilobytes(total)
        headers.append(
            "x-ms-resource-usage",
            "functions=\(count(.userDefinedFunction));storedProcedures=\(count(.storedProcedure));"
                + "triggers=\(count(.trigger));documentSize=\(kilobytes);documentsSize=\(kilobytes);"
                + "documentsCount=\(total.itemCount);collectionSize=\(kilobytes);")
    }

    /// What each range holds. Keys that take much room are not told apart.
    private func statistics(of container: ResourceID) throws(CosmosError) -> JSONValue {
        .array(try parts(of: container).map { part in
            [
                "id": .string(part.range.id), "sizeInKB": .number(Self.kilobytes(part.statistics)),
                "documentCount": .number(part.statistics.itemCount), "partitionKeys": [],
            ]
        })
    }

    private func parts(
        of container: ResourceID
    ) throws(CosmosError) -> [(range: PartitionKeyRange, statistics: PartitionStatistics)] {
        try database { () throws(DatabaseError) in
            let open = try account.openContainer(container)
            return try open.ranges.map { (range) throws(DatabaseError) in (range, try open.statistics(of: range)) }
        }
    }

    private static func kilobytes(_ statistics: PartitionStatistics) -> Int { (statistics.logBytes + 1023) / 1024 }
}
