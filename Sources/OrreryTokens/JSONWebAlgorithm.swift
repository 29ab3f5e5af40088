import OrreryCrypto

/// The algorithms that tokens may be signed with, by their names (RFC 7518, section 3.1). There is none for unsigned
/// tokens.
public enum JSONWebAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case es256 = "ES256"

    /// The hash of those that are signed with a shared secret; nil for the others.
    var hmac: HMACAlgorithm? {
        switch self {
        case .hs256: .sha256
        case .hs384: .sha384
        case .hs512: .sha512
        case .rs256, .es256: nil
        }
    }
}
