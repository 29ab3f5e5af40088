import OrreryHTTP

extension HTTPClientError {
    /// Whether the server that was asked, or the way to it, is to blame: another try may end better.
    var isOfServer: Bool {
        switch self {
        case .unresolved, .unreachable, .untrusted, .timedOut, .broken, .tooLarge: true
        case .badRequest, .refusedAddress, .uploadBroken, .uploadTooLarge, .overloaded, .cancelled: false
        }
    }
}
