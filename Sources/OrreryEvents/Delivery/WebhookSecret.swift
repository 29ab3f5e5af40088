import OrreryCrypto

/// A secret by which an endpoint knows that a delivery is ours (Standard Webhooks: `whsec_` and Base64 of 24 to 64
/// bytes).
public struct WebhookSecret: Sendable, CustomStringConvertible {
    static let prefix = "whsec_"
    static let bytesRange = 24...64

    /// The secret as it is written down.
    public let text: String
    private let code: HMACSHA256

    /// Reads `whsec_…`; nil where it is not Base64 of 24 to 64 bytes.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count))),
            Self.bytesRange.contains(bytes.count)
        else { return nil }
        self.text = text
        code = HMACSHA256(key: bytes)
    }

    private init(bytes: [UInt8]) {
        text = Self.prefix + Base64.encode(bytes)
        code = HMACSHA256(key: bytes)
    }

    /// A new random secret.
    public static func random() -> WebhookSecret {
        WebhookSecret(bytes: randomBytes(count: 32))
    }

    func signature(of message: [UInt8]) -> String {
        "v1," + Base64.encode(code.code(for: message).bytes)
    }

    /// Secrets do not go into logs.
    public var description: String { "whsec_…" }
}
