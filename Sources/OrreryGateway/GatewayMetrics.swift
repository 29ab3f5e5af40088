import OrreryTelemetry

/// What a gateway counts.
struct GatewayMetrics: Sendable {
    private let answered: Counter
    private let refused: Counter
    private let failed: Counter
    private let seconds: Histogram

    init(_ registry: MetricsRegistry) {
        func counter(_ outcome: String) -> Counter {
            registry.counter(
                "orrery_gateway_calls_total", help: "Calls of APIs, by what became of them.",
                labels: [("outcome", outcome)])
        }
        (answered, refused, failed) = (counter("answered"), counter("refused"), counter("failed"))
        seconds = registry.histogram(
            "orrery_gateway_call_seconds", help: "How long calls of APIs took, what answers them included.")
    }

    func record(_ status: Int, nanoseconds: UInt64) {
        (status < 400 ? answered : status < 500 ? refused : failed).add()
        seconds.record(nanoseconds)
    }
}
