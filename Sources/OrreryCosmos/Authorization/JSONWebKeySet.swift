import OrreryCrypto
import OrreryDocuments

/// The public keys that an identity provider signs its tokens with, as it publishes them (RFC 7517, section 5).
struct JSONWebKeySet: Sendable {
    /// By name. Keys that are not for RS256 signatures are left out.
    private let keys: [(name: String, key: RSAPublicKey)]

    /// No provider publishes so many keys.
    private static let keysMax = 100

    /// Reads a set; nil for what is none, or has no key that tokens could be signed with.
    init?(_ text: [UInt8]) {
        guard let json = try? JSONValue(parsing: text), let members = json["keys"]?.array,
            members.count <= Self.keysMax
        else { return nil }
        keys = members.compactMap(Self.key)
        if keys.isEmpty { return nil }
    }

    private static func key(_ json: JSONValue) -> (name: String, key: RSAPublicKey)? {
        guard json["kty"]?.string == "RSA", json["use"].map({ $0.string == "sig" }) ?? true,
            json["alg"].map({ $0.string == "RS256" }) ?? true,
            let modulus = json["n"]?.string.flatMap({ JSONWebToken.decoded($0.utf8) }),
            let exponent = json["e"]?.string.flatMap({ JSONWebToken.decoded($0.utf8) }),
            let key = RSAPublicKey(modulus: modulus, exponent: exponent)
        else { return nil }
        return (json["kid"]?.string ?? "", key)
    }

    /// The key of a name; nil where there is none. A token that names no key is good where there is but one.
    func key(named name: String?) -> RSAPublicKey? {
        guard let name else { return keys.count == 1 ? keys.first?.key : nil }
        return keys.first { $0.name.utf8.elementsEqual(name.utf8) }?.key
    }
}
