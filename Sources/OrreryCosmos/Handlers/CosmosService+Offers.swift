import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryKeys

extension CosmosService {
    /// `GET /offers`, and `POST /offers` with a query: SDKs look for the offer whose `resource` is a container's or
    /// database's `_self`.
    func listOffers(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        try answerFeed(account.offers().map(\.resource), of: .offer, parent: "", to: request, exchange)
    }

    /// `GET /offers/{rid}`
    func readOffer(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let resourceID = try offerID(request)
        let offer = try database { () throws(DatabaseError) in try account.offer(resourceID) }
        var response = answer(offer.resource, status: 200, to: request)
        if offer.isReplacePending { response.headers.append("x-ms-offer-replace-pending", "true") }
        appendMinimum(of: offer, to: &response.headers)
        return response
    }

    /// How long the answer to a replace waits for the splits that it causes. Those of small partitions are done by
    /// then, and clients ask again only after half a minute.
    private static let splitWaitMilliseconds = 500

    /// `PUT /offers/{rid}`
    func replaceOffer(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let resourceID = try offerID(request)
        let body = try request.jsonBody()
        let offer = try database { () throws(DatabaseError) in
            try account.replaceOffer(resourceID, body: body, ifMatch: request.entityTag("if-match"))
        }
        guard offer.isReplacePending, let container = account.container(ofOffer: resourceID) else {
            exchange.respond(answer(replaced: offer, to: request))
            return
        }
        account.whenSplit(container, withinMilliseconds: Self.splitWaitMilliseconds) { [self] in
            let current = (try? account.offer(resourceID)) ?? offer
            exchange.respond(answer(replaced: current, to: request))
        }
    }

    private func answer(replaced offer: OfferResource, to request: CosmosRequest) -> HTTPResponse {
        var response = answer(offer.resource, status: 200, to: request)
        response.headers.append("x-ms-offer-replace-pending", offer.isReplacePending ? "true" : "false")
        appendMinimum(of: offer, to: &response.headers)
        return response
    }

    /// The least throughput that the offer can be lowered to, where SDKs look for it.
    private func appendMinimum(of offer: OfferResource, to headers: inout HTTPResponseHeaders) {
        guard let minimum = account.minimumThroughput(ofOffer: offer.resource.resourceID) else { return }
        headers.append("x-ms-cosmos-min-throughput", minimum)
    }

    private func offerID(_ request: CosmosRequest) throws(CosmosError) -> ResourceID {
        guard let resourceID = request.link.resourceID(at: 0) else { throw .notFound }
        return resourceID
    }
}
