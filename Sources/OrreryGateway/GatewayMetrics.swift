import OrreryTelemetry

/// What a gateway counts.
struct GatewayMetrics: Sendable {
    private let answered: Counter
    private let refused: Counter
    private let failed: Counter
    private let seconds: Histogram
    private let backend: [Counter]
    private let trips: Counter

    /// What became of a request to a server behind the gateway.
    enum BackendOutcome: String, CaseIterable {
        case answered, failed, retried
        /// It was not sent: the circuit is open.
        case refused
    }

    init(_ registry: MetricsRegistry) {
        func counter(_ outcome: String) -> Counter {
            registry.counter(
                "orrery_gateway_calls_total", help: "Calls of APIs, by what became of them.",
                labels: [("outcome", outcome)])
        }
        (answered, refused, failed) = (counter("answered"), counter("refused"), counter("failed"))
        backend = BackendOutcome.allCases.map { outcome in
            registry.counter(
                "orrery_gateway_backend_requests_total",
                help: "Requests to servers behind the gateway, by what became of them.",
                labels: [("outcome", outcome.rawValue)])
        }
        trips = registry.counter(
            "orrery_gateway_circuit_trips_total", help: "How often a server that failed was begun to be left alone.")
        seconds = registry.histogram(
            "orrery_gateway_call_seconds", help: "How long calls of APIs took, what answers them included.")
    }

    func recordBackend(_ outcome: BackendOutcome) {
        if let index = BackendOutcome.allCases.firstIndex(of: outcome) { backend[index].add() }
    }

    func recordTrip() { trips.add() }

    func record(_ status: Int, nanoseconds: UInt64) {
        (status < 400 ? answered : status < 500 ? refused : failed).add()
        seconds.record(nanoseconds)
    }
}
