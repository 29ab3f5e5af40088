import OrreryHTTP
import OrreryTelemetry

/// A request whose answer is still owed. It may be answered from any thread, once.
///
/// A class, for every layer hands it on.
final class CosmosExchange: Sendable {
    let request: CosmosRequest
    private let operation: Operation
    private let responder: HTTPResponder
    private let metrics: RequestMetrics
    private let claim: ThroughputClaim?
    private let log: Log
    private let audited: Audited?
    private let started: ContinuousClock.Instant

    /// Is told what a change to the account came to.
    typealias Audited = @Sendable (HTTPResponse) -> Void

    /// - Parameters:
    ///   - claim: what the answer's charge is booked on.
    ///   - audited: nil for what leaves no trace in the audit trail, which is almost everything.
    init(
        _ request: CosmosRequest, _ operation: Operation, _ responder: HTTPResponder, _ metrics: RequestMetrics,
        _ claim: ThroughputClaim?, _ log: Log, audited: Audited? = nil
    ) {
        self.request = request
        self.operation = operation
        self.responder = responder
        self.metrics = metrics
        self.claim = claim
        self.log = log
        self.audited = audited
        started = .now
    }

    func respond(_ response: HTTPResponse) {
        claim?.book(response)
        audited?(response)
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
