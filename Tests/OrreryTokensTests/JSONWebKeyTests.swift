import OrreryCrypto
import OrreryDocuments
import TestSupport
import Testing

@testable import OrreryTokens

@Suite struct JSONWebKeyTests {
    private static let all = Set(JSONWebAlgorithm.allCases)

    private func set() throws -> JSONWebKeySet {
        try #require(JSONWebKeySet(Array(SampleTokens.keySet.utf8), taking: Self.all))
    }

    private func token(_ text: String) throws -> JSONWebToken { try #require(JSONWebToken(text)) }

    @Test func goodSignaturesAreGood() throws {
        for text in [SampleTokens.rs256, SampleTokens.es256] {
            let token = try token(text)
            let key = try #require(try set().key(named: token.header["kid"]?.string))
            #expect(key.verifies(token))
            #expect(token.isFor("loads") && token.isFor("other") && !token.isFor("load"))
            #expect(token.seconds("exp") == SampleTokens.nowSeconds + 3600)
        }
    }

    @Test func everyByteOfASignatureCounts() throws {
        for text in [SampleTokens.rs256, SampleTokens.es256] {
            let bytes = Array(text.utf8)
            for index in stride(from: 0, to: bytes.count - 1, by: 7) where bytes[index] != UInt8(ascii: ".") {
                var changed = bytes
                changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                guard let token = JSONWebToken(String(decoding: changed, as: UTF8.self)) else { continue }
                for key in try set().keys { #expect(!key.verifies(token), "byte \(index)") }
            }
        }
    }

    @Test(arguments: [JSONWebAlgorithm.hs256, .hs384, .hs512])
    func sharedSecrets(_ algorithm: JSONWebAlgorithm) throws {
        let secret = [UInt8](repeating: 7, count: 64)
        let hmac = try #require(algorithm.hmac)
        let unsigned = try token(Self.unsigned(#"{"alg":"\#(algorithm.rawValue)"}"#))
        let signature = hmac.code(key: secret, message: unsigned.signedText)
        let signed = try token(Self.text(unsigned.signedText, signature))
        let key = try #require(JSONWebKey(secret: secret, algorithm))
        #expect(key.verifies(signed))
        #expect(!key.verifies(unsigned))
        #expect(!key.verifies(try token(Self.text(unsigned.signedText, Array(signature.dropLast())))))
        for other in JSONWebAlgorithm.allCases where other != algorithm {
            if let other = JSONWebKey(secret: secret, other) { #expect(!other.verifies(signed)) }
        }
        #expect(JSONWebKey(secret: Array(secret.prefix(hmac.codeBytes - 1)), algorithm) == nil)
        #expect(JSONWebKey(secret: secret, .rs256) == nil)
    }

    /// Neither of the two: numbers of zero, which careless checks take for a signature over anything, and one number
    /// of them; nor the library's own form of a signature.
    @Test func signaturesOfNothingAreRefused() throws {
        let signed = try token(SampleTokens.es256)
        let key = try #require(try set().key(named: "e"))
        let zeros = [UInt8](repeating: 0, count: 64)
        let one = zeros.dropLast() + [1]
        for signature in [zeros, Array(one), [], Array(signed.signature.dropLast()), signed.signature + [0]] {
            #expect(!key.verifies(try token(Self.text(signed.signedText, signature))))
        }
    }

    @Test func aPublicKeyIsNoSecret() throws {
        let signed = try token(Self.unsigned(#"{"alg":"HS256","kid":"r"}"#))
        let modulus = Array(SampleTokens.keySet.utf8)
        let forged = HMACAlgorithm.sha256.code(key: modulus, message: signed.signedText)
        let token = try token(Self.text(signed.signedText, forged))
        for key in try set().keys { #expect(!key.verifies(token)) }
    }

    @Test(arguments: [
        #"{"kty":"oct","k":"AAAA"}"#, #"{"kty":"RSA"}"#, #"{"kty":"EC","crv":"P-384","x":"AAAA","y":"AAAA"}"#,
        #"{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}"#, "{}", "7", #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
    ])
    func whatIsNoKeyIsLeftOut(_ json: String) throws {
        #expect(JSONWebKey(try JSONValue(parsing: json)) == nil)
    }

    @Test func aPointBesideTheCurveVerifiesNothing() throws {
        let coordinate = [UInt8](repeating: 0, count: 31) + [1]
        let key = P256PublicKey(x: coordinate, y: coordinate)
        let signed = try token(SampleTokens.es256)
        #expect(key?.verifies(signed.signature, of: signed.signedText) != true)
    }

    @Test func keysForOtherUsesAreLeftOut() throws {
        let set = try JSONValue(parsing: SampleTokens.keySet)
        for (member, value) in [("use", "enc"), ("alg", "HS256"), ("alg", "none")] {
            for var key in set["keys"]?.array ?? [] {
                key[member] = .string(value)
                #expect(JSONWebKey(key) == nil)
            }
        }
        #expect(JSONWebKeySet(set, taking: [.es256])?.keys.map(\.name) == ["e"])
        #expect(JSONWebKeySet(set, taking: []) == nil)
    }

    @Test(arguments: ["", "a", "a.b", "a.b.c", "e30.e30", "e30.e30.e30.e30", "W10.e30.", "e30.e30.!"])
    func whatIsNoToken(_ text: String) { #expect(JSONWebToken(text) == nil) }

    @Test func hugeTokensAreNotRead() {
        let claims = String(repeating: "A", count: JSONWebToken.bytesMax)
        #expect(JSONWebToken("e30.\(claims).") == nil)
    }

    @Test func algorithmsAreNamedExactly() throws {
        for name in ["none", "None", "hs256", "RS256 ", "", "PS256"] {
            #expect(try token(Self.unsigned(#"{"alg":"\#(name)"}"#)).algorithm == nil)
        }
        #expect(try token(Self.unsigned("{}")).algorithm == nil)
        #expect(try token(Self.unsigned(#"{"alg":"RS256","crit":["exp"]}"#)).algorithm == nil)
    }

    private static func unsigned(_ header: String) -> String {
        text(Array((encoded(Array(header.utf8)) + ".e30").utf8), [])
    }

    private static func text(_ signedText: [UInt8], _ signature: [UInt8]) -> String {
        String(decoding: signedText, as: UTF8.self) + "." + encoded(signature)
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
