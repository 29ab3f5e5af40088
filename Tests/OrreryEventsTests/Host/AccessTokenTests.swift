import OrreryCrypto
import OrreryHTTP
import Testing

@testable import OrreryEvents

@Suite struct AccessTokenTests {
    private static let key = Base64.encode(Array("a secret of thirty-two bytes....".utf8))

    private static func token(expiry: String) -> String {
        let text = "r=" + PercentEncoding.encode("http://host/api/events?apiVersion=2018-01-01".utf8)
            + "&e=" + PercentEncoding.encode(expiry.utf8)
        let code = hmacSHA256(key: Base64.decode(key) ?? [], message: Array(text.utf8))
        return text + "&s=" + PercentEncoding.encode(Base64.encode(code.bytes).utf8)
    }

    @Test(arguments: [
        "2026-11-20 20:04:48.121260+00:00", "2026-11-20T20:04:48Z", "2026-11-20T22:04:48+02:00",
        "11/20/2026 8:04:48 PM", "2026-11-20T20:04:48", "1795205088", "2026-11-20+20:04:48.121260+00:00",
        "2026-11-20 20:04:48.121260 00:00",
    ])
    func expiriesAreRead(_ expiry: String) throws {
        let token = try #require(AccessToken(Self.token(expiry: expiry)))
        #expect(token.expiresSeconds == 1_795_205_088)
        #expect(token.isSigned(with: Self.key))
    }

    @Test func holdsUntilItEnds() throws {
        let token = try #require(AccessToken(Self.token(expiry: "1795205088")))
        let credential = PublisherCredential.token(token)
        #expect(credential.holds(for: Self.key, nowSeconds: 1_795_205_087))
        #expect(!credential.holds(for: Self.key, nowSeconds: 1_795_205_088))
        #expect(!credential.holds(for: Base64.encode([1, 2, 3]), nowSeconds: 0))
    }

    @Test func whatIsSignedIsTheTextAsItCame() throws {
        let text = Self.token(expiry: "1795205088").replacing("%3A", with: "%3a")
        let token = try #require(AccessToken(text))
        #expect(!token.isSigned(with: Self.key))
    }

    @Test(arguments: ["", "r=x&e=soon&s=AAAA", "r=x&s=AAAA", "e=1&s=AAAA", "r=x&e=1&s=%%%"])
    func othersAreNone(_ text: String) {
        #expect(AccessToken(text) == nil)
    }
}
