internal import OrreryTelemetry

/// What is counted of one handler.
struct TriggerCounters: Sendable {
    let processed: Counter
    let failed: Counter
    let retried: Counter
    let deadLettered: Counter
    let trimmed: Counter
    let undecided: Counter
    /// From a change's commit to the start of its handler.
    let delay: Histogram

    init(_ name: String, in metrics: MetricsRegistry) {
        func counter(_ metric: String, _ help: String) -> Counter {
            metrics.counter("orrery_trigger_\(metric)_total", help: help, labels: [(name: "trigger", value: name)])
        }
        processed = counter("processed", "Changes that a handler has handled.")
        failed = counter("failed", "Calls of a handler that failed.")
        retried = counter("retried", "Changes that were delivered to a handler again.")
        deadLettered = counter("dead_lettered", "Changes that were given up.")
        trimmed = counter(
            "trimmed", "How often the log no longer had what a handler was to be given next, in one partition.")
        undecided = counter(
            "undecided", "Changes that were handed over, for the handler's predicate could not be asked to its end.")
        delay = metrics.histogram(
            "orrery_trigger_delay_seconds", help: "From a change's commit to the start of its handler.",
            labels: [(name: "trigger", value: name)])
    }
}
