import OrreryCrypto
import OrreryHTTP

/// What a request shows to be let in: a key, or a token that was signed with one.
enum PublisherCredential: Sendable {
    case key(String)
    case token(AccessToken)

    /// Reads `aeg-sas-key`, `aeg-sas-token` and `Authorization` with a key, a signature or `Bearer KEY`; nil where
    /// there is nothing of these.
    init?(_ headers: HTTPHeaders) {
        if let key = headers["aeg-sas-key"] {
            self = .key(key)
        } else if let text = headers["aeg-sas-token"], let token = AccessToken(text) {
            self = .token(token)
        } else if let text = headers["authorization"] {
            let parts = text.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let rest = String(parts[1])
            switch parts[0].lowercased() {
            case "sharedaccesskey", "bearer": self = .key(rest)
            case "sharedaccesssignature":
                guard let token = AccessToken(rest) else { return nil }
                self = .token(token)
            default: return nil
            }
        } else {
            return nil
        }
    }

    /// Whether it was made with a key (base64) and still holds.
    func holds(for key: String, nowSeconds: Int64) -> Bool {
        switch self {
        case .key(let text): constantTimeEqual(text.utf8, key.utf8)
        case .token(let token): token.isSigned(with: key) && token.expiresSeconds > nowSeconds
        }
    }
}
