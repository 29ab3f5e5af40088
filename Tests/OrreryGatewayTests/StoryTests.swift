import OrreryDocuments
import OrreryHTTP
import TestSupport
import Testing

@testable import OrreryGateway

/// Three products over one API, as a freight exchange would have them.
@Suite struct StoryTests {
    static let keys = ["acme": "aaaa1111", "north": "bbbb2222"]

    static let documents: [String] = [
        #"""
        {"kind":"api","id":"loads","path":"/loads","operations":[
          {"id":"read","method":"GET","path":"/{id}","backend":{"handler":"echo"}},
          {"id":"post","method":"POST","path":"/","backend":{"handler":"echo"}}]}
        """#,
        #"""
        {"kind":"product","id":"carrier","apis":["loads"],"policies":[
          {"policy":"rate-limit","calls":200,"seconds":1,"remainingCallsHeader":"X-Remaining"},
          {"policy":"quota","calls":2000000,"seconds":86400}]}
        """#,
        #"""
        {"kind":"product","id":"shipper","apis":["loads"],"policies":[
          {"policy":"rate-limit","calls":50,"seconds":1}]}
        """#,
        #"""
        {"kind":"product","id":"internal","apis":["loads"],"requiresSubscription":false,"policies":[
          {"policy":"validate-jwt","jwks":"file:keys.json","issuers":["https://login.example.org/"],
           "audiences":["loads"],"requiredClaims":[{"name":"scope","values":["write"]}],"tenantClaim":"tenant"}]}
        """#,
        #"{"kind":"subscription","id":"acme","product":"carrier","primaryKeyDigest":"\#(digest("aaaa1111"))"}"#,
        #"{"kind":"subscription","id":"north","product":"shipper","primaryKeyDigest":"\#(digest("bbbb2222"))","#
            + #""secondaryKeyDigest":"\#(digest("cccc3333"))"}"#,
        #"{"kind":"subscription","id":"gone","product":"shipper","state":"suspended","#
            + #""primaryKeyDigest":"\#(digest("dddd4444"))"}"#,
    ]

    private static func digest(_ key: String) -> String { Subscription.digest(ofKey: key) }

    private func key(_ text: String) -> [(name: String, value: String)] {
        [(name: "ocp-apim-subscription-key", value: text)]
    }

    private func bearer(_ token: String) -> [(name: String, value: String)] {
        [(name: "Authorization", value: "Bearer \(token)")]
    }

    @Test func keysOpenWhatTheirProductOffers() throws {
        let gateway = try TestGateway(Self.documents)
        #expect(gateway.send("GET", "/loads/1", key("aaaa1111"))?.status == 200)
        #expect(gateway.send("GET", "/loads/1?subscription-key=cccc3333")?.status == 200)
        for wrong in ["aaaa111", "AAAA1111", "dddd4444", Subscription.digest(ofKey: "aaaa1111")] {
            let answer = gateway.send("GET", "/loads/1", key(wrong))
            #expect(answer?.status == 401)
            #expect(answer?.text == #"{"statusCode":401,"message":"Access denied due to invalid subscription key. "#
                + #"Make sure to provide a valid key for an active subscription."}"#)
        }
        #expect(gateway.send("GET", "/others/1", key("aaaa1111")) == nil)
        #expect(gateway.send("GET", "/loads/1/2", key("aaaa1111"))?.status == 404)
        let put = gateway.send("PUT", "/loads/1", key("aaaa1111"))
        #expect(put?.status == 405 && put?.headers["allow"] == "GET")
    }

    @Test func whoeverAnswersDoesNotSeeTheKey() throws {
        let gateway = try TestGateway(Self.documents)
        let answers = [
            gateway.send("GET", "/loads/7?subscription-key=cccc3333&a=b"),
            gateway.send("GET", "/loads/7?a=b", key("cccc3333")),
        ]
        for answer in answers {
            #expect(answer?.text.contains("cccc3333") == false)
            #expect(answer?.json["path"]?.string == "/loads/7?a=b")
            #expect(answer?.json["tenant"]?.string == "north")
            #expect(answer?.json["parameter:id"]?.string == "7")
        }
    }

    @Test func theInternalProductTakesTokensAndNoKey() throws {
        let gateway = try TestGateway(Self.documents)
        for token in [SampleTokens.rs256, SampleTokens.es256] {
            let answer = gateway.send("POST", "/loads", bearer(token))
            #expect(answer?.status == 200)
            #expect(answer?.json["tenant"]?.string == "north")
        }
        let none = gateway.send("POST", "/loads")
        #expect(none?.status == 401)
        #expect(none?.text == #"{"statusCode":401,"message":"JWT not present."}"#)
        gateway.pass(seconds: 3600)
        #expect(gateway.send("POST", "/loads", bearer(SampleTokens.rs256))?.status == 401)
    }

    @Test func limitsAreEachProductsOwn() throws {
        let gateway = try TestGateway(Self.documents)
        for call in 1...200 {
            let answer = gateway.send("GET", "/loads/1", key("aaaa1111"))
            #expect(answer?.status == 200)
            #expect(answer?.headers["x-remaining"] == "\(200 - call)")
        }
        let refused = gateway.send("GET", "/loads/1", key("aaaa1111"))
        #expect(refused?.status == 429 && refused?.headers["retry-after"] == "1")
        #expect(refused?.text == #"{"statusCode":429,"message":"Rate limit is exceeded. Try again in 1 seconds."}"#)
        for _ in 1...50 { #expect(gateway.send("GET", "/loads/1", key("bbbb2222"))?.status == 200) }
        // Both keys of a subscription are one caller.
        #expect(gateway.send("GET", "/loads/1", key("cccc3333"))?.status == 429)
        gateway.pass(seconds: 1)
        #expect(gateway.send("GET", "/loads/1", key("cccc3333"))?.status == 200)
    }

    @Test func withoutAnOpenProductAKeyIsAskedFor() throws {
        let gateway = try TestGateway(Self.documents.filter { !$0.contains("internal") })
        let answer = gateway.send("GET", "/loads/1")
        #expect(answer?.status == 401)
        let message = "Access denied due to missing subscription key. Make sure to include subscription key when "
            + "making requests to an API."
        #expect(answer?.json["message"]?.string == message)
    }
}
