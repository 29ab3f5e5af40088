import OrreryCrypto
import OrreryDocuments
import OrreryTokens

/// A token of the form that the SDKs' emulator mode makes for itself: a JSON Web Token (RFC 7519) whose third part is
/// no signature but the account's key, so that whoever sends one has the key (wire specification, section 3).
struct EmulatorToken {
    /// What the token gives for a signature: the text of a key, if its sender has one. To be compared in constant time.
    let proof: [UInt8]

    private static let keyName = "CosmosEmulatorPrimaryMaster"
    private static let audience = "https://localhost.localhost"

    /// Reads a token and checks that it is good now; nil for any that is not. Its proof is left to be checked.
    init?(_ text: String, nowSeconds: Int64) {
        guard let token = JSONWebToken(text), token.header["kid"]?.string == Self.keyName,
            token.claims["aud"]?.string == Self.audience,
            let expiry = token.claims["exp"]?.int64, nowSeconds < expiry
        else { return nil }
        if let start = token.claims["nbf"]?.int64, start > nowSeconds + Authorizer.skewSecondsMax { return nil }
        proof = token.signature
    }
}
