internal import OrreryHTTP
internal import OrreryTelemetry

/// The pages of whoever runs an app that need no key: whether it is alive, and what it counts. How its handlers fare is
/// the service's to tell.
struct ControlRoutes: Sendable {
    private let metrics: MetricsRegistry

    init(metrics: MetricsRegistry) {
        self.metrics = metrics
    }

    /// Whether the request is for one of these pages; then it is answered.
    func answer(_ request: HTTPRequest, _ responder: HTTPResponder) -> Bool {
        switch request.path {
        case "/healthz":
            responder.respond(HTTPResponse(status: 200, contentType: "text/plain", body: Array("ok\n".utf8)))
        case "/metrics":
            responder.respond(
                HTTPResponse(
                    status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                    body: Array(metrics.prometheusText.utf8)))
        default: return false
        }
        return true
    }
}
