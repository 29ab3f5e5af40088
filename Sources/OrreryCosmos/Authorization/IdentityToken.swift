import OrreryCrypto
import OrreryDocuments

/// A token of the form that the SDKs' emulator mode makes for itself: a JSON Web Token (RFC 7519) whose third part is
/// no signature but the account's key, so that whoever sends one has the key (wire specification, section 3).
///
/// Tokens of real identity providers, which are signed, are not believed yet.
struct IdentityToken: Equatable {
    private static let keyName = "CosmosEmulatorPrimaryMaster"
    private static let audience = "https://localhost.localhost"

    /// Reads a token and checks that it is good now; nil for any that is not.
    /// - Parameter key: the account's key as text.
    init?(_ text: String, key: [UInt8], nowSeconds: Int64) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), let claims = Self.json(parts[1]),
            let proof = Self.decoded(parts[2])
        else { return nil }
        guard header["kid"]?.string == Self.keyName, claims["aud"]?.string == Self.audience else { return nil }
        guard let expiry = claims["exp"]?.int64, nowSeconds < expiry else { return nil }
        if let start = claims["nbf"]?.int64, nowSeconds + Authorizer.skewSecondsMax < start { return nil }
        guard constantTimeEqual(proof, key) else { return nil }
    }

    private static func json(_ part: Substring.UTF8View) -> JSONValue? {
        decoded(part).flatMap { try? JSONValue(parsing: $0) }
    }

    /// Base64 for URLs, without padding (RFC 7515, section 2).
    private static func decoded(_ part: Substring.UTF8View) -> [UInt8]? {
        var text = part.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        text += [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        return Base64.decode(text)
    }
}
