import OrreryTelemetry

/// What is counted of one topic, under the names that Event Grid's users alert on.
struct TopicCounters: Sendable {
    let published: Counter
    let publishFailed: Counter
    let matched: Counter
    let publishDuration: Histogram

    init(topic: String, in metrics: MetricsRegistry) {
        let labels = [(name: "topic", value: topic)]
        published = metrics.counter(
            "orrery_events_publish_success_total", help: "Events published (PublishSuccessCount).", labels: labels)
        publishFailed = metrics.counter(
            "orrery_events_publish_fail_total", help: "Publications refused or failed (PublishFailCount).",
            labels: labels)
        matched = metrics.counter(
            "orrery_events_matched_total", help: "Matches of an event and a subscription (MatchedEventCount).",
            labels: labels)
        publishDuration = metrics.histogram(
            "orrery_events_publish_duration_seconds",
            help: "From a publication's arrival to its answer (PublishSuccessLatencyInMs).", labels: labels)
    }
}
