import OrreryTelemetry

/// What is counted of one bridge.
struct BridgeCounters: Sendable {
    /// Events that were published without their data.
    let shortened: Counter
    /// Changes whose event could not be kept at all.
    let refused: Counter

    init(_ bridge: BridgeDefinition, in metrics: MetricsRegistry) {
        let labels = [(name: "container", value: bridge.container), (name: "topic", value: bridge.topic)]
        shortened = metrics.counter(
            "orrery_events_bridge_shortened_total",
            help: "Changes whose event came without its data, which were too long or nested too deep.", labels: labels)
        refused = metrics.counter(
            "orrery_events_bridge_refused_total", help: "Changes that no event could be made of.", labels: labels)
    }
}
