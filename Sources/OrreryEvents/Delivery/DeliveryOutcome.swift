/// What came of one try to deliver.
public enum DeliveryOutcome: Sendable, Equatable {
    /// The endpoint answered; `retryAfterSeconds` is what it asked for, where it did.
    case answered(status: Int, retryAfterSeconds: Int? = nil)
    /// No answer within the time.
    case timedOut
    /// The endpoint's name leads nowhere.
    case unresolved
    /// No connection, or one that broke.
    case disconnected
    /// The address is one that may not be called.
    case refusedAddress

    /// Whether the event has arrived: 200 to 204 (documentation, "Message delivery").
    public var isSuccess: Bool {
        if case .answered(let status, _) = self { return (200...204).contains(status) }
        return false
    }

    /// The service's word for it, as dead letters and the delivery log have it.
    public var name: String {
        switch self {
        case .timedOut: "TimedOut"
        case .unresolved: "ResolutionError"
        case .disconnected: "SocketError"
        case .refusedAddress: "Forbidden"
        case .answered(let status, _): Self.name(ofStatus: status)
        }
    }

    private static func name(ofStatus status: Int) -> String {
        switch status {
        case 200...204: "Delivered"
        case 400: "BadRequest"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 408: "TimedOut"
        case 410: "Gone"
        case 413: "PayloadTooLarge"
        case 429, 503: "Busy"
        default: "GenericError"
        }
    }
}
