import OrreryHTTP
import OrreryTelemetry
import Synchronization

/// The pages for whoever runs the server: is it alive, does it take requests, what does it count. They hold no data of
/// users and need no key.
final class OperatorRoutes: Sendable {
    private let metrics: MetricsRegistry
    private let isReady = Atomic<Bool>(false)

    init(metrics: MetricsRegistry) {
        self.metrics = metrics
    }

    /// Says from now on whether the server takes requests.
    func setReady(_ ready: Bool) {
        isReady.store(ready, ordering: .releasing)
    }

    /// The answer, where the request is for one of these pages.
    func response(to request: HTTPRequest) -> HTTPResponse? {
        // Every link of the REST API begins otherwise, so that one byte tells most requests apart.
        let path = request.rawPath
        guard path.count >= 2, request.method == .get else { return nil }
        let second = path[path.startIndex + 1]
        guard second == UInt8(ascii: "m") || second == UInt8(ascii: "h") || second == UInt8(ascii: "r") else {
            return nil
        }
        switch request.path {
        case "/healthz": return Self.text(200, "ok\n")
        case "/readyz":
            return isReady.load(ordering: .acquiring) ? Self.text(200, "ready\n") : Self.text(503, "not ready\n")
        case "/metrics":
            return HTTPResponse(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: Array(metrics.prometheusText.utf8))
        default: return nil
        }
    }

    private static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}
