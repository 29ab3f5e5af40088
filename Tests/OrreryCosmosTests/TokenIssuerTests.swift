import OrreryTokens
import Synchronization
import Testing

@testable import OrreryCosmos

@Suite struct TokenIssuerTests {
    private func issuer(_ keys: @escaping @Sendable () -> String? = { SignedTokens.keySet }) -> TokenIssuer {
        TokenIssuer(
            TokenIssuer.Configuration(issuer: SignedTokens.issuer, audience: SignedTokens.audience) {
                keys().map { Array($0.utf8) }
            })
    }

    private func principal(
        _ token: String, _ issuer: TokenIssuer? = nil, now: Int64 = TestService.nowSeconds
    ) -> String? {
        (issuer ?? self.issuer()).principal(of: token, nowSeconds: now)?.principal.text
    }

    @Test(arguments: [
        (SignedTokens.good, "ada"), (SignedTokens.goodByOneOfSeveralAudiences, "ada"),
        (SignedTokens.goodBySubject, "s-1"), (SignedTokens.justExpired, "ada"), (SignedTokens.soon, "ada"),
    ])
    func believes(_ token: String, _ expected: String) {
        #expect(principal(token) == expected)
    }

    @Test(arguments: [
        SignedTokens.longExpired, SignedTokens.notYet, SignedTokens.otherIssuer, SignedTokens.otherAudience,
        SignedTokens.withoutAudience, SignedTokens.withoutExpiry, SignedTokens.withoutPrincipal,
        SignedTokens.unknownKey, SignedTokens.signedByAnother, SignedTokens.critical, SignedTokens.otherAlgorithm,
        SignedTokens.none, SignedTokens.takenForASecret,
    ])
    func refuses(_ token: String) {
        #expect(principal(token) == nil)
    }

    @Test func everyByteOfATokenCounts() {
        let token = Array(SignedTokens.good.utf8)
        for index in stride(from: 0, to: token.count - 1, by: 37) {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(principal(String(decoding: changed, as: UTF8.self)) == nil, "byte \(index)")
        }
        #expect(principal(SignedTokens.good + "A") == nil)
        #expect(principal(SignedTokens.good + ".") == nil)
    }

    @Test func aKnownTokenEndsWhenItSaysSo() {
        let issuer = issuer()
        #expect(principal(SignedTokens.good, issuer) == "ada")
        #expect(principal(SignedTokens.good, issuer, now: TestService.nowSeconds + 3600 + 299) == "ada")
        #expect(principal(SignedTokens.good, issuer, now: TestService.nowSeconds + 3600 + 300) == nil)
    }

    @Test func firstSightsAreTold() {
        let issuer = issuer()
        let now = TestService.nowSeconds
        #expect(issuer.principal(of: SignedTokens.good, nowSeconds: now)?.isNew == true)
        #expect(issuer.principal(of: SignedTokens.good, nowSeconds: now)?.isNew == false)
    }

    @Test func keysAreReadAgainWhenTheProviderChangesThem() {
        let keys = Mutex(SignedTokens.keySet)
        let issuer = issuer { keys.withLock { $0 } }
        let now = TestService.nowSeconds
        #expect(principal(SignedTokens.good, issuer) == "ada")
        keys.withLock { $0 = SignedTokens.laterKeySet }
        // An unknown name has the keys read again, but not for every made-up one.
        #expect(principal(SignedTokens.unknownKey, issuer, now: now + 1) == nil)
        #expect(principal(SignedTokens.unknownKey, issuer, now: now + 10) == "ada")
        #expect(principal(SignedTokens.good, issuer, now: now + 11) == nil)
    }

    @Test func keysThatCannotBeReadLeaveThoseFromBefore() {
        let keys = Mutex<String?>(SignedTokens.keySet)
        let issuer = issuer { keys.withLock { $0 } }
        #expect(principal(SignedTokens.good, issuer) == "ada")
        for broken in [nil, "", "{}", #"{"keys":[]}"#] {
            keys.withLock { $0 = broken }
            #expect(principal(SignedTokens.good, issuer, now: TestService.nowSeconds + 400) == "ada")
        }
    }

    @Test func weakKeysAndThoseForOtherUsesAreNotInTheSet() throws {
        let set = try #require(JSONWebKeySet(Array(SignedTokens.keySet.utf8), taking: [.rs256]))
        #expect(set.key(named: "one") != nil)
        #expect(set.key(named: "weak") == nil)
        #expect(set.key(named: "enc") == nil)
    }
}
