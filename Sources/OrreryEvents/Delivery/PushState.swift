/// How a subscription's deliveries by push stand.
struct PushState: Sendable {
    /// Deliveries under way.
    var runningCount = 0
}
