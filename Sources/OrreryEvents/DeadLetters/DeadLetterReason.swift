/// Why an event was not delivered, in Event Grid's words.
enum DeadLetterReason: String, Sendable {
    case attemptsExceeded = "MaxDeliveryAttemptsExceeded"
    case timeToLiveExceeded = "TimeToLiveExceeded"
    /// The destination said that it will never take it.
    case notRetriable = "NonRetriableFailure"
    /// A receiver said that it cannot be handled.
    case rejected = "Rejected"
    /// The subscription was deleted, or its destination is gone for good.
    case destinationGone = "DestinationGone"
}
