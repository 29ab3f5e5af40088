import Testing

@testable import OrreryEvents

@Suite struct WebhookSignatureTests {
    /// The example of the Standard Webhooks specification's reference implementations.
    @Test func aKnownSignature() throws {
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let body = Array(#"{"test": 2432232314}"#.utf8)
        let headers = WebhookSignature([secret])
            .headers(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestampSeconds: 1_614_265_330, body: body)
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers.last?.value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func rotation() throws {
        let (old, new, other) = (WebhookSecret.random(), WebhookSecret.random(), WebhookSecret.random())
        let body = Array("{}".utf8)
        let headers = WebhookSignature([new, old]).headers(id: "1", timestampSeconds: 1_000, body: body)
        let signature = try #require(headers.last?.value)
        #expect(signature.split(separator: " ").count == 2)
        func verifies(_ secret: WebhookSecret, id: String = "1", body: [UInt8], now: Int64 = 1_200) -> Bool {
            WebhookSignature([secret])
                .verifies(id: id, timestamp: "1000", signature: signature, body: body, nowSeconds: now)
        }
        #expect(verifies(old, body: body))
        #expect(verifies(new, body: body))
        #expect(!verifies(other, body: body))
        #expect(!verifies(new, body: body + [0]))
        #expect(!verifies(new, id: "2", body: body))
        #expect(!verifies(new, body: body, now: 1_301))
        #expect(!verifies(new, body: body, now: .min))
    }

    @Test func secretsAreChecked() {
        #expect(WebhookSecret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") == nil)
        #expect(WebhookSecret("whsec_AAAA") == nil)
        #expect(WebhookSecret("whsec_*") == nil)
        #expect(WebhookSecret(WebhookSecret.random().text) != nil)
        #expect("\(WebhookSecret.random())" == "whsec_…")
        #expect(WebhookSignature([]).headers(id: "1", timestampSeconds: 0, body: []).isEmpty)
    }
}
