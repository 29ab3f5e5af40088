import OrreryCrypto
import OrreryKeys

/// The token that a permission shows and its holder sends: which permission it stands for, until when, and this
/// server's signature over both.
///
/// Its text begins as the service's own does, `type=resource&ver=1&sig=`; what follows only this server reads:
/// the permission's resource id, the second of its expiry and the signature in base64, each ended by a semicolon.
struct ResourceToken: Equatable {
    let permission: ResourceID
    /// Seconds since 1970 after which the token is worth nothing.
    let expirySeconds: Int64

    /// How long a token is good where the client does not say; the least and the most it may ask for.
    static let lifetimeSeconds: Int64 = 3600
    static let lifetimeSecondsRange: ClosedRange<Int64> = 600...86_400

    private static let prefix = "type=resource&ver=1&sig="

    init(permission: ResourceID, expirySeconds: Int64) {
        self.permission = permission
        self.expirySeconds = expirySeconds
    }

    /// Reads a token and checks its signature; nil for one that this server did not sign with this key.
    init?(_ text: String, key: HMACSHA256) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let fields = text.dropFirst(Self.prefix.count).split(separator: ";", omittingEmptySubsequences: false)
        guard fields.count == 4, let permission = ResourceID(text: fields[0]), let expiry = Int64(fields[1]),
            let signature = Base64.decode(Array(fields[2].utf8))
        else { return nil }
        self.init(permission: permission, expirySeconds: expiry)
        guard constantTimeEqual(key.code(for: signedText).bytes, signature) else { return nil }
    }

    /// The token's text.
    func text(key: HMACSHA256) -> String {
        let signature = Base64.encode(key.code(for: signedText).bytes)
        return "\(Self.prefix)\(permission.text);\(expirySeconds);\(signature);"
    }

    private var signedText: [UInt8] {
        Array("permission\n\(permission.text)\n\(expirySeconds)\n".utf8)
    }
}
