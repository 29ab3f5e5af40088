import OrreryCrypto
import OrreryDocuments
import OrreryHTTP
import OrreryTokens
import TestSupport
import Testing

@testable import OrreryGateway

/// What people try with tokens, each refused.
@Suite struct TokenAttackTests {
    private static let secret = [UInt8](repeating: 7, count: 64)

    private func gateway(_ settings: String) throws -> TestGateway {
        try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":[{"id":"o","method":"GET","#
                + #""backend":{"handler":"echo"}}],"policies":[{"policy":"validate-jwt",\#(settings)}]}"#
        ])
    }

    private func status(_ gateway: TestGateway, _ token: String) -> Int? {
        gateway.send("GET", "/a", [("authorization", "Bearer \(token)")])?.status
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func token(
        _ header: String, _ claims: String, key: [UInt8] = secret, _ algorithm: HMACAlgorithm = .sha256
    ) -> String {
        let text = encoded(Array(header.utf8)) + "." + encoded(Array(claims.utf8))
        return text + "." + encoded(algorithm.code(key: key, message: Array(text.utf8)))
    }

    private static let now = SampleTokens.nowSeconds
    private static let claims =
        #"{"iss":"me","aud":"us","sub":"ada","exp":\#(now + 60),"roles":["a","b"],"scope":"x y"}"#
    private static let header = #"{"alg":"HS256"}"#
    private static let settings =
        #""secrets":[{"secret":"env:SECRET"}],"issuers":["me"],"audiences":["us"]"#

    @Test func aGoodTokenPasses() throws {
        let gateway = try gateway(Self.settings)
        #expect(status(gateway, Self.token(Self.header, Self.claims)) == 200)
        let inSmallLetters = "bearer \(Self.token(Self.header, Self.claims))"
        #expect(gateway.send("GET", "/a", [("authorization", inSmallLetters)])?.status == 200)
    }

    /// Of two tokens the one that is checked need not be the one that who answers looks at.
    @Test func twoTokensAreNone() throws {
        let good = Self.token(Self.header, Self.claims)
        let forged = Self.token(Self.header, Self.claims, key: [UInt8](repeating: 8, count: 64))
        let gateway = try gateway(Self.settings)
        for tokens in [[good, forged], [forged, good], [good, good]] {
            #expect(gateway.send("GET", "/a", tokens.map { ("Authorization", "Bearer \($0)") })?.status == 401)
        }
        let query = try self.gateway(Self.settings + #","query":"token""#)
        #expect(query.send("GET", "/a?token=\(good)")?.status == 200)
        #expect(query.send("GET", "/a?token=\(good)&token=\(forged)")?.status == 401)
    }

    @Test(arguments: [
        ("no algorithm", "{}", claims), ("none", #"{"alg":"none"}"#, claims), ("None", #"{"alg":"None"}"#, claims),
        ("another algorithm's name", #"{"alg":"RS256"}"#, claims), ("a longer hash", #"{"alg":"HS512"}"#, claims),
        ("a critical extension", #"{"alg":"HS256","crit":["b64"],"b64":false}"#, claims),
        ("an unknown key", #"{"alg":"HS256","kid":"other"}"#, claims),
        ("a key's path", #"{"alg":"HS256","kid":"../../../../dev/null"}"#, claims),
        ("a key's query", #"{"alg":"HS256","kid":"' UNION SELECT 'x"}"#, claims),
        ("a number for a key's name", #"{"alg":"HS256","kid":5}"#, claims),
        ("nothing for a key's name", #"{"alg":"HS256","kid":null}"#, claims),
        ("an expired one", header, #"{"iss":"me","aud":"us","exp":\#(now)}"#),
        ("one without end", header, #"{"iss":"me","aud":"us"}"#),
        ("an end that is a text", header, #"{"iss":"me","aud":"us","exp":"\#(now + 60)"}"#),
        ("an end beyond all times", header, #"{"iss":"me","aud":"us","exp":1e300}"#),
        ("an end before all times", header, #"{"iss":"me","aud":"us","exp":-1}"#),
        ("not yet", header, #"{"iss":"me","aud":"us","exp":\#(now + 60),"nbf":\#(now + 1)}"#),
        ("a beginning that is a text", header, #"{"iss":"me","aud":"us","exp":\#(now + 60),"nbf":"0"}"#),
        ("another audience", header, #"{"iss":"me","aud":"them","exp":\#(now + 60)}"#),
        ("no audience", header, #"{"iss":"me","exp":\#(now + 60)}"#),
        ("audiences that hold ours", header, #"{"iss":"me","aud":["us and them"],"exp":\#(now + 60)}"#),
        ("another issuer", header, #"{"iss":"ME","aud":"us","exp":\#(now + 60)}"#),
        ("no issuer", header, #"{"aud":"us","exp":\#(now + 60)}"#),
        ("claims that are a list", header, "[]"), ("claims that are no JSON", header, "{"),
    ])
    func signedAndStillRefused(_ what: String, _ header: String, _ claims: String) throws {
        let gateway = try gateway(Self.settings)
        #expect(status(gateway, Self.token(header, claims)) == 401, "\(what)")
    }

    @Test func forgedSignaturesAreRefused() throws {
        let gateway = try gateway(Self.settings)
        let good = Self.token(Self.header, Self.claims)
        let parts = good.split(separator: ".").map(String.init)
        let otherClaims = Self.encoded(Array(#"{"iss":"me","aud":"us","sub":"eve","exp":9999999999}"#.utf8))
        for forged in [
            "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", "\(parts[0]).\(otherClaims).\(parts[2])",
            good + "A", good + ".x", "." + good, good.uppercased(), "\(parts[1]).\(parts[0]).\(parts[2])",
            Self.token(Self.header, Self.claims, key: [UInt8](repeating: 8, count: 64)),
            Self.token(Self.header, Self.claims, key: []), Self.token(Self.header, Self.claims, .sha512),
            Self.token(#"{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}"#, Self.claims, key: [0, 0, 0]),
            Self.token(#"{"alg":"HS256","jku":"http://evil.example/keys"}"#, Self.claims, key: [0, 0, 0]),
            String(repeating: "A", count: 100_000), "", "..", " " + good,
        ] {
            #expect(status(gateway, forged) == 401, "\(forged.prefix(60))")
        }
    }

    /// The public key is known to everybody: nobody may take it for the secret of an HMAC.
    @Test func aPublicKeyIsNoSecret() throws {
        let gateway = try gateway(#""jwks":"file:keys.json","audiences":["loads"]"#)
        #expect(status(gateway, SampleTokens.rs256) == 200)
        let claims = #"{"aud":"loads","exp":\#(Self.now + 60)}"#
        let set = try JSONValue(parsing: SampleTokens.keySet)
        var keys = [Array(SampleTokens.keySet.utf8)]
        for key in set["keys"]?.array ?? [] {
            keys.append(key.text)
            for member in ["n", "x", "y"] { if let text = key[member]?.string { keys.append(Array(text.utf8)) } }
        }
        for key in keys {
            for kid in ["r", "e"] {
                let token = Self.token(#"{"alg":"HS256","kid":"\#(kid)"}"#, claims, key: key)
                #expect(status(gateway, token) == 401)
            }
        }
        // Nor is the one key's signature good for the other's name or algorithm.
        let parts = SampleTokens.rs256.split(separator: ".").map(String.init)
        for header in [#"{"alg":"ES256","kid":"r"}"#, #"{"alg":"RS256","kid":"e"}"#, #"{"alg":"RS256"}"#] {
            #expect(status(gateway, "\(Self.encoded(Array(header.utf8))).\(parts[1]).\(parts[2])") == 401)
        }
    }

    @Test(arguments: [
        (#"[{"name":"roles","values":["a"]}]"#, 200), (#"[{"name":"roles","values":["a","b"]}]"#, 200),
        (#"[{"name":"roles","values":["a","c"]}]"#, 401),
        (#"[{"name":"roles","values":["a","c"],"match":"any"}]"#, 200),
        (#"[{"name":"scope","values":["x"]}]"#, 200), (#"[{"name":"scope","values":["x y"]}]"#, 200),
        (#"[{"name":"scope","values":["xy"]}]"#, 401), (#"[{"name":"sub"}]"#, 200), (#"[{"name":"nothing"}]"#, 401),
        (#"[{"name":"sub","values":["ada"]},{"name":"roles","values":["z"]}]"#, 401),
    ])
    func claimsAreAskedFor(_ claims: String, _ expected: Int) throws {
        let gateway = try gateway(Self.settings + #","requiredClaims":\#(claims)"#)
        for _ in 0..<2 { #expect(status(gateway, Self.token(Self.header, Self.claims)) == expected) }
    }

    /// A token that was found good is not checked again, and ends all the same; what one API holds for good another
    /// does not.
    @Test func verdictsAreKeptAndEnd() throws {
        let gateway = try gateway(Self.settings + #","clockSkewSeconds":10"#)
        let token = Self.token(Self.header, Self.claims)
        for _ in 0..<3 { #expect(status(gateway, token) == 200) }
        gateway.pass(seconds: 69)
        #expect(status(gateway, token) == 200)
        gateway.pass(seconds: 1)
        #expect(status(gateway, token) == 401)
    }

    /// While a token is checked the key that it was signed with may be taken back.
    @Test func aVerdictOfBeforeAChangeIsNotKept() {
        let verdicts = TokenVerdicts()
        let digest = SHA256.digest(of: [1])
        func isGood(_ check: () -> TokenVerdicts.Verdict?) -> Bool {
            verdicts.claims(of: digest, for: digest, nowSeconds: 1, check)?.string == "good"
        }
        let verdict = TokenVerdicts.Verdict(claims: "good", endSeconds: 2)
        #expect(isGood { verdicts.clear(); return verdict })
        #expect(!isGood { nil })
        #expect(isGood { verdict })
        #expect(isGood { nil })
    }

    /// A reference leads to another secret, or to other keys, and the configuration says the same as before.
    @Test func verdictsAreOfTheSecretThatWasChecked() throws {
        func identity(_ secret: [UInt8], _ settings: String) throws -> Digest {
            var reader = try ConfigurationReader(JSONValue(parsing: settings), at: "here")
            return try ValidateJWT(&reader, PolicyContext { _ in secret }).identity
        }
        let settings = "{\(Self.settings)}"
        #expect(try identity(Self.secret, settings) == identity(Self.secret, settings))
        #expect(try identity(Self.secret, settings) != identity([UInt8](repeating: 8, count: 64), settings))
    }

    @Test func checksOfOneTokenAreEachTheirOwn() throws {
        func api(_ id: String, _ audience: String) -> String {
            #"{"kind":"api","id":"\#(id)","path":"/\#(id)","requiresSubscription":false,"operations":[{"id":"o","#
                + #""method":"GET","backend":{"handler":"echo"}}],"policies":[{"policy":"validate-jwt","#
                + #""secrets":[{"secret":"env:SECRET"}],"audiences":["\#(audience)"]}]}"#
        }
        let gateway = try TestGateway([api("a", "us"), api("b", "them")])
        let token = Self.token(Self.header, Self.claims)
        for _ in 0..<2 {
            #expect(gateway.send("GET", "/a", [("authorization", "Bearer \(token)")])?.status == 200)
            #expect(gateway.send("GET", "/b", [("authorization", "Bearer \(token)")])?.status == 401)
        }
    }

    @Test func schemesAndPlacesAreTheConfigurations() throws {
        let gateway = try gateway(Self.settings + #","query":"token""#)
        let token = Self.token(Self.header, Self.claims)
        #expect(gateway.send("GET", "/a?token=\(token)")?.status == 200)
        #expect(status(gateway, token) == 401)
        let header = try self.gateway(Self.settings + #","header":"X-Token","scheme":"""#)
        #expect(header.send("GET", "/a", [("x-token", token)])?.status == 200)
        let bearer = try self.gateway(Self.settings)
        for value in [token, "Basic \(token)", "Bearer", "Bearer ", "Bearer\t\(token)"] {
            #expect(bearer.send("GET", "/a", [("authorization", value)])?.status == 401, "\(value.prefix(8))")
        }
    }
}
