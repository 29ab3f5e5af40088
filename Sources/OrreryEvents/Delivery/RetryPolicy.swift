public import OrreryDocuments

/// How long a subscription goes on trying to deliver an event.
public struct RetryPolicy: Sendable, Equatable {
    /// Tries of one event, the first included.
    public var deliveryAttemptsMax: Int
    /// From an event's publication on.
    public var timeToLiveMinutes: Int

    /// The service's defaults are its largest values.
    public init(deliveryAttemptsMax: Int = 30, timeToLiveMinutes: Int = 1_440) {
        self.deliveryAttemptsMax = deliveryAttemptsMax
        self.timeToLiveMinutes = timeToLiveMinutes
    }

    /// The policy as the control plane shows it.
    public var value: JSONValue {
        [
            "maxDeliveryAttempts": .number(deliveryAttemptsMax),
            "eventTimeToLiveInMinutes": .number(timeToLiveMinutes),
        ]
    }
}
