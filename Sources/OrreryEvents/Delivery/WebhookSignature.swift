import OrreryCrypto

/// Signs deliveries, and checks signatures, as Standard Webhooks has it: HMAC-SHA256 over `id.timestamp.body`.
///
/// With several secrets a delivery has several signatures, so that an endpoint may change over from one secret to the
/// next at any time in between.
public struct WebhookSignature: Sendable {
    /// How far a timestamp may lie from the receiver's clock.
    public static let toleranceSeconds: Int64 = 300

    public let secrets: [WebhookSecret]

    /// A signer with the secrets that hold at present, the newest first.
    public init(_ secrets: [WebhookSecret]) {
        self.secrets = secrets
    }

    /// The three headers of a delivery; none where there is no secret.
    /// - Parameter id: the same for every try of one delivery, for receivers tell repetitions by it.
    public func headers(id: String, timestampSeconds: Int64, body: [UInt8]) -> [(name: String, value: String)] {
        guard !secrets.isEmpty else { return [] }
        let message = Self.message(id, String(timestampSeconds), body)
        return [
            ("webhook-id", id), ("webhook-timestamp", String(timestampSeconds)),
            ("webhook-signature", secrets.map { $0.signature(of: message) }.joined(separator: " ")),
        ]
    }

    /// Whether one of the signatures is by one of the secrets, and the time is near enough.
    public func verifies(
        id: String, timestamp: String, signature: String, body: [UInt8], nowSeconds: Int64
    ) -> Bool {
        guard let seconds = Int64(timestamp) else { return false }
        let (age, overflows) = nowSeconds.subtractingReportingOverflow(seconds)
        guard !overflows, (-Self.toleranceSeconds...Self.toleranceSeconds).contains(age) else { return false }
        let message = Self.message(id, timestamp, body)
        let given = signature.split(separator: " ").prefix(16)
        return secrets.contains { secret in
            let expected = secret.signature(of: message)
            return given.contains { constantTimeEqual($0.utf8, expected.utf8) }
        }
    }

    private static func message(_ id: String, _ timestamp: String, _ body: [UInt8]) -> [UInt8] {
        Array("\(id).\(timestamp).".utf8) + body
    }
}
