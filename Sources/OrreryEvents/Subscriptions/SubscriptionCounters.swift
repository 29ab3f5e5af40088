import OrreryTelemetry

/// What is counted of one subscription, under the names that Event Grid's users alert on.
struct SubscriptionCounters: Sendable {
    let delivered: Counter
    let failedAttempts: Counter
    let dropped: Counter
    let deadLettered: Counter
    /// Places that could not be read back.
    let startedOver: Counter
    /// Events that it found to match while it was behind its topic's routing.
    let matchedBehind: Counter
    /// Events whose filter could not be asked to its end.
    let undecided: Counter
    let destinationDuration: Histogram

    init(topic: String, name: String, in metrics: MetricsRegistry) {
        let labels = [(name: "topic", value: topic), (name: "subscription", value: name)]
        func counter(_ name: String, _ help: String) -> Counter { metrics.counter(name, help: help, labels: labels) }
        delivered = counter("orrery_events_delivery_success_total", "Events delivered (DeliverySuccessCount).")
        failedAttempts = counter(
            "orrery_events_delivery_attempt_fail_total", "Attempts that failed (DeliveryAttemptFailCount).")
        dropped = counter(
            "orrery_events_dropped_total", "Events that were gone before they could be delivered (DroppedEventCount).")
        deadLettered = counter(
            "orrery_events_dead_lettered_total", "Events put among the dead letters (DeadLetteredCount).")
        startedOver = counter(
            "orrery_events_started_over_total",
            "Subscriptions that began anew with the oldest event, for their place could not be read.")
        matchedBehind = counter(
            "orrery_events_matched_behind_total", "Matches found by a subscription behind its topic's routing.")
        undecided = counter(
            "orrery_events_undecided_total",
            "Events taken for matches, for the filter's condition could not be asked to its end.")
        destinationDuration = metrics.histogram(
            "orrery_events_destination_duration_seconds",
            help: "From a delivery to its answer (DestinationProcessingDurationInMs).", labels: labels)
    }
}
