import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `GET /offers`, and `POST /offers` with a query: SDKs look for the offer whose `resource` is a container's or
    /// database's `_self`.
    func listOffers(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        try answerFeed(account.offers(), of: .offer, parent: "", to: request)
    }

    /// `GET /offers/{rid}`
    func readOffer(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let resourceID = try offerID(request)
        let offer = try database { () throws(DatabaseError) in try account.offer(resourceID) }
        return answer(offer, status: 200, to: request)
    }

    /// `PUT /offers/{rid}`
    func replaceOffer(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let resourceID = try offerID(request)
        let body = try request.jsonBody()
        let offer = try database { () throws(DatabaseError) in
            try account.replaceOffer(resourceID, body: body, ifMatch: request.entityTag("if-match"))
        }
        var response = answer(offer, status: 200, to: request)
        response.headers.append("x-ms-offer-replace-pending", "false")
        return response
    }

    private func offerID(_ request: CosmosRequest) throws(CosmosError) -> ResourceID {
        guard let resourceID = request.link.resourceID(at: 0) else { throw .notFound }
        return resourceID
    }
}
