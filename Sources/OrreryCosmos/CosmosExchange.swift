import OrreryHTTP
import OrreryTelemetry

/// A request whose answer is still owed. It may be answered from any thread, once.
struct CosmosExchange: Sendable {
    let request: CosmosRequest
    private let operation: Operation
    private let responder: HTTPResponder
    private let metrics: RequestMetrics
    private let claim: ThroughputClaim?
    private let log: Log
    private let started: ContinuousClock.Instant

    /// - Parameter claim: what the answer's charge is booked on.
    init(
        _ request: CosmosRequest, _ operation: Operation, _ responder: HTTPResponder, _ metrics: RequestMetrics,
        _ claim: ThroughputClaim?, _ log: Log
    ) {
        self.request = request
        self.operation = operation
        self.responder = responder
        self.metrics = metrics
        self.claim = claim
        self.log = log
        started = .now
    }

    func respond(_ response: HTTPResponse) {
        claim?.book(response)
        responder.respond(response)
        let duration = ContinuousClock.now - started
        metrics.record(operation, status: response.status, duration: duration)
        // The activity id is what the client has in hand when it asks what went wrong.
        if response.status >= 500 {
            log.error("request-failed", [
                ("operation", .text(operation.name)), ("status", .integer(Int64(response.status))),
                ("activity", .text(String(decoding: request.activityID, as: UTF8.self))),
            ])
        }
    }

    func fail(_ error: CosmosError) {
        respond(CosmosResponse.error(error, activityID: request.activityID))
    }
}
