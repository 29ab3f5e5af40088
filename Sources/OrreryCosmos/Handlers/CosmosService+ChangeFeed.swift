extension CosmosService {
    /// `GET …/docs` with `A-IM`: what changed in a range since an entity tag (wire specification, section 11). Beyond
    /// the service's contract, a client may wait for changes, or have them sent as they come.
    func readChangeFeed(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let feed = try ChangeFeedRequest(request, containers)
        let position = try feed.startPosition()
        if feed.isEventStream {
            ChangeFeedStream(request, self, after: position).start(exchange)
            return
        }
        let page = try feed.page(after: position)
        if page.rows.isEmpty && feed.waitMilliseconds > 0 {
            try ChangeFeedPoll(request, exchange, self, after: page.next).start(feed)
        } else {
            exchange.respond(feed.answer(page))
        }
    }
}
