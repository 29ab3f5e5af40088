import OrreryTelemetry

/// Counts requests by operation and status, and how long they took. Every counter is made at the start, so that
/// counting a request takes no lock and no look-up by name.
final class RequestMetrics: Sendable {
    private struct OfOperation: Sendable {
        /// By hundreds of the status: answers of 2xx, 3xx, 4xx and 5xx.
        let answers: [Counter]
        let durations: Histogram
    }

    private let operations: [OfOperation]
    private let refused: Counter

    init(_ registry: MetricsRegistry) {
        operations = Operation.allCases.map { operation in
            OfOperation(
                answers: (2...5).map { hundreds in
                    registry.counter(
                        "orrery_requests_total", help: "Requests answered, by operation and status.",
                        labels: [("operation", operation.name), ("status", "\(hundreds)xx")])
                },
                durations: registry.histogram(
                    "orrery_request_duration_seconds", help: "From the request's arrival to its answer.",
                    labels: [("operation", operation.name)]))
        }
        refused = registry.counter(
            "orrery_requests_refused_total", help: "Requests refused before their operation was known.")
    }

    func record(_ operation: Operation, status: Int, duration: Duration) {
        // By places: a copy would count references that all threads share.
        operations[operation.rawValue].answers[min(max(status / 100, 2), 5) - 2].add()
        operations[operation.rawValue].durations.record(duration)
    }

    func recordRefusal() {
        refused.add()
    }
}
