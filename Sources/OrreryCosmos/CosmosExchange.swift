import OrreryHTTP

/// A request whose answer is still owed. It may be answered from any thread, once.
struct CosmosExchange: Sendable {
    let request: CosmosRequest
    private let operation: Operation
    private let responder: HTTPResponder
    private let metrics: RequestMetrics
    private let started: ContinuousClock.Instant

    init(_ request: CosmosRequest, _ operation: Operation, _ responder: HTTPResponder, _ metrics: RequestMetrics) {
        self.request = request
        self.operation = operation
        self.responder = responder
        self.metrics = metrics
        started = .now
    }

    func respond(_ response: HTTPResponse) {
        responder.respond(response)
        metrics.record(operation, status: response.status, duration: .now - started)
    }

    func fail(_ error: CosmosError) {
        respond(CosmosResponse.error(error, activityID: request.activityID))
    }
}
