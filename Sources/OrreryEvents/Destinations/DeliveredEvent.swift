/// An event as a registered handler is given it.
public struct DeliveredEvent: Sendable {
    public let event: Event
    /// The name of the subscription that it comes by.
    public let subscription: String
    /// How often it was handed over, this time included.
    public let deliveryCount: Int
    /// The trace that its publication was part of (W3C Trace Context).
    public let traceparent: String?
}

/// What takes events within the program. What it throws has them delivered again.
public typealias EventHandler = @Sendable (_ events: [DeliveredEvent]) async throws -> Void
