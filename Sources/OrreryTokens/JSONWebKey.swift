import OrreryCrypto
public import OrreryDocuments

/// A key that tokens are signed with, and the one algorithm that it is for: a token that names another is not checked
/// with it, so that nobody passes off a public key as a shared secret.
public struct JSONWebKey: Sendable {
    private enum Material: Sendable {
        case secret([UInt8])
        case rsa(RSAPublicKey)
        case p256(P256PublicKey)
    }

    /// The `kid` that tokens name it by; empty where it has none.
    public let name: String
    public let algorithm: JSONWebAlgorithm
    private let material: Material

    /// A shared secret. Nil for one that is shorter than its codes, which could be guessed (RFC 7518, section 3.2), and
    /// for an algorithm that needs none.
    public init?(secret: [UInt8], _ algorithm: JSONWebAlgorithm, name: String = "") {
        guard let hmac = algorithm.hmac, secret.count >= hmac.codeBytes else { return nil }
        self.name = name
        self.algorithm = algorithm
        material = .secret(secret)
    }

    /// Reads a key as providers publish it (RFC 7517, section 4). Nil for one that is not for signatures, or of no
    /// algorithm that is known. Shared secrets are not among them: what is published is none.
    public init?(_ json: JSONValue) {
        guard json["use"].map({ $0.string == "sig" }) ?? true else { return nil }
        func number(_ member: String) -> [UInt8]? { json[member]?.string.flatMap { JSONWebToken.decoded($0.utf8) } }
        name = json["kid"]?.string ?? ""
        switch json["kty"]?.string {
        case "RSA":
            guard let modulus = number("n"), let exponent = number("e"),
                let key = RSAPublicKey(modulus: modulus, exponent: exponent)
            else { return nil }
            (algorithm, material) = (.rs256, .rsa(key))
        case "EC":
            guard json["crv"]?.string == "P-256", let x = number("x"), let y = number("y"),
                let key = P256PublicKey(x: x, y: y)
            else { return nil }
            (algorithm, material) = (.es256, .p256(key))
        default: return nil
        }
        guard json["alg"].map({ $0.string == algorithm.rawValue }) ?? true else { return nil }
    }

    /// Whether a token was signed with this key, by this key's algorithm and no other.
    public func verifies(_ token: JSONWebToken) -> Bool {
        guard token.algorithm == algorithm else { return false }
        switch material {
        case .secret(let secret):
            guard let hmac = algorithm.hmac else { return false }
            return constantTimeEqual(hmac.code(key: secret, message: token.signedText), token.signature)
        case .rsa(let key): return key.verifies(token.signature, of: token.signedText)
        case .p256(let key): return key.verifies(token.signature, of: token.signedText)
        }
    }
}
