/// What the server itself answers, before or instead of the handler. `HTTPServerConfiguration.errorResponse` gives
/// the body its words.
public enum HTTPServerRefusal: Sendable, Equatable {
    /// 431: the header fields together are larger than `headerBytesMax`.
    case headersTooLarge
    /// 413: the body is larger than `bodyBytesMax`.
    case bodyTooLarge
    /// 400: the request's framing contradicts itself.
    case malformed
    /// 503: the server is stopping.
    case stopping
    /// 500: the handler let go of the request without an answer.
    case abandoned

    public var status: Int {
        switch self {
        case .headersTooLarge: 431
        case .bodyTooLarge: 413
        case .malformed: 400
        case .stopping: 503
        case .abandoned: 500
        }
    }
}
