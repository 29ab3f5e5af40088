import OrreryHTTP

/// A request whose answer is still owed. It may be answered from any thread, once.
struct CosmosExchange: Sendable {
    let request: CosmosRequest
    private let operation: Operation
    private let responder: HTTPResponder
    private let metrics: RequestMetrics
    private let claim: ThroughputClaim?
    private let started: ContinuousClock.Instant

    /// - Parameter claim: what the answer's charge is booked on.
    init(
        _ request: CosmosRequest, _ operation: Operation, _ responder: HTTPResponder, _ metrics: RequestMetrics,
        _ claim: ThroughputClaim?
    ) {
        self.request = request
        self.operation = operation
        self.responder = responder
        self.metrics = metrics
        self.claim = claim
        started = .now
    }

    func respond(_ response: HTTPResponse) {
        claim?.book(response)
        responder.respond(response)
        metrics.record(operation, status: response.status, duration: .now - started)
    }

    func fail(_ error: CosmosError) {
        respond(CosmosResponse.error(error, activityID: request.activityID))
    }
}
