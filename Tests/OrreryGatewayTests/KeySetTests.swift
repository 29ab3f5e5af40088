import OrreryDocuments
import OrreryHTTP
import TestSupport
import Testing

@testable import OrreryGateway

/// Keys that identity providers publish.
@Suite struct KeySetTests {
    private static let url = "https://login.example.org/keys"

    private func gateway(_ keys: String = #""jwks":"\#(url)""#) throws -> TestGateway {
        try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":["#
                + #"{"policy":"validate-jwt",\#(keys)}],"#
                + #""operations":[{"id":"o","method":"GET","backend":{"handler":"echo"}}]}"#
        ])
    }

    private func begin(
        _ gateway: TestGateway, _ token: String = SampleTokens.rs256, _ path: String = "/a"
    ) -> PendingCall {
        gateway.begin("GET", path, [("Authorization", "Bearer \(token)")])
    }

    private func published(_ text: String = SampleTokens.keySet, status: Int = 200) -> HTTPClientResponse {
        HTTPClientResponse(status: status, body: Array(text.utf8))
    }

    /// A token whose header names a key; its signature is nobody's.
    private func token(_ kid: String) -> String {
        let parts = SampleTokens.rs256.split(separator: ".")
        return base64(#"{"alg":"RS256","kid":"\#(kid)"}"#) + ".\(parts[1]).\(parts[2])"
    }

    private func base64(_ text: String) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var (encoded, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for byte in text.utf8 {
            (bits, count) = (bits << 8 | UInt32(byte), count + 8)
            while count >= 6 {
                count -= 6
                encoded.append(digits[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { encoded.append(digits[Int(bits << UInt32(6 - count) & 63)]) }
        return String(decoding: encoded, as: UTF8.self)
    }

    @Test func keysAreAskedForOnceAndKept() throws {
        let gateway = try gateway()
        let calls = [begin(gateway), begin(gateway, SampleTokens.es256)]
        #expect(gateway.fetched == [Self.url] && calls.allSatisfy { $0.answer == nil })
        gateway.publish(.success(published()))
        #expect(calls.allSatisfy { $0.answer?.status == 200 })
        #expect(begin(gateway).answer?.status == 200 && gateway.fetched.count == 1)
        // A key that nobody knows is asked for, and the call waits for that.
        gateway.pass(seconds: 60)
        #expect(begin(gateway, token("x")).answer == nil && gateway.fetched.count == 2)
    }

    /// A gateway whose checks let tokens be late by ten minutes, so that the samples outlive their provider's keys;
    /// what the second operation found good the first one knows nothing of.
    private func patientGateway() throws -> TestGateway {
        let check = #"{"policy":"validate-jwt","jwks":"\#(Self.url)","clockSkewSeconds":600"#
        return try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":["#
                + #"{"id":"o","method":"GET","backend":{"handler":"echo"},"policies":[\#(check)}]},"#
                + #"{"id":"p","method":"GET","path":"/p","backend":{"handler":"echo"},"policies":[\#(check),"#
                + #""requiredClaims":[{"name":"sub","values":["ada"]}]}]}]}"#
        ])
    }

    /// After an hour the keys are asked for anew, and who comes meanwhile is judged by the old ones.
    @Test func keysAreAskedForAnewAfterAnHour() throws {
        let gateway = try patientGateway()
        let first = begin(gateway)
        gateway.publish(.success(published()))
        #expect(first.answer?.status == 200)
        gateway.pass(seconds: 3599)
        #expect(begin(gateway, SampleTokens.es256).answer?.status == 200 && gateway.fetched.count == 1)
        gateway.pass(seconds: 1)
        for token in [SampleTokens.rs256, SampleTokens.es256] {
            #expect(begin(gateway, token, "/a/p").answer?.status == 200 && gateway.fetched.count == 2)
        }
    }

    @Test func anUnknownKeyIsAskedForSeldom() throws {
        let gateway = try gateway()
        let first = begin(gateway)
        gateway.publish(.success(published()))
        #expect(first.answer?.status == 200)
        for kid in 0..<100 { #expect(begin(gateway, token("k\(kid)")).answer?.status == 401) }
        #expect(gateway.fetched.count == 1)
        gateway.pass(seconds: 60)
        let waiting = (0..<100).map { begin(gateway, token("k\($0)")) }
        #expect(gateway.fetched.count == 2)
        gateway.publish(.success(published()))
        #expect(waiting.allSatisfy { $0.answer?.status == 401 } && gateway.fetched.count == 2)
        // A bad signature of a known key, and what is no token, ask nobody.
        gateway.pass(seconds: 60)
        let forged = String(SampleTokens.rs256.dropLast(8)) + "AAAAAAAA"
        for bad in [forged, "x", "a.b.c"] { #expect(begin(gateway, bad).answer?.status == 401) }
        #expect(gateway.fetched.count == 2)
    }

    @Test func aKeyThatIsNewIsFound() throws {
        let gateway = try gateway()
        let first = begin(gateway, SampleTokens.es256)
        let old = SampleTokens.keySet.replacing(#""kid":"e""#, with: #""kid":"before""#)
        gateway.publish(.success(published(old)))
        #expect(first.answer?.status == 401)
        gateway.pass(seconds: 60)
        let second = begin(gateway, SampleTokens.es256)
        gateway.publish(.success(published()))
        #expect(second.answer?.status == 200)
    }

    @Test(arguments: [
        .failure(.timedOut), .failure(.refusedAddress), .success(HTTPClientResponse(status: 500)),
        .success(HTTPClientResponse(status: 200, body: [0x7B])),
    ] as [Result<HTTPClientResponse, HTTPClientError>])
    func withoutKeysNobodyPasses(_ result: Result<HTTPClientResponse, HTTPClientError>) throws {
        let gateway = try gateway()
        let call = begin(gateway)
        gateway.publish(result)
        #expect(call.answer?.status == 503)
        #expect(begin(gateway).answer?.status == 503 && gateway.fetched.count == 1)
        gateway.pass(seconds: 10)
        let again = begin(gateway)
        gateway.publish(.success(published()))
        #expect(again.answer?.status == 200)
    }

    /// Keys that were had go on being good for a day while the provider cannot be reached, and no longer.
    @Test func aProviderMayBeAway() throws {
        let gateway = try patientGateway()
        _ = begin(gateway)
        gateway.publish(.success(published()))
        gateway.pass(seconds: 3600)
        #expect(begin(gateway, SampleTokens.es256).answer?.status == 200 && gateway.fetched.count == 2)
        gateway.publish(.failure(.unreachable))
        #expect(begin(gateway, SampleTokens.es256, "/a/p").answer?.status == 200 && gateway.fetched.count == 2)
        gateway.pass(seconds: 86_400 - 3600 - 1)
        // The token is too old by now, which only shows where it can be checked.
        #expect(begin(gateway, SampleTokens.rs256, "/a/p").answer?.status == 401 && gateway.fetched.count == 3)
        gateway.publish(.failure(.unreachable))
        gateway.pass(seconds: 1)
        #expect(begin(gateway, SampleTokens.rs256, "/a/p").answer?.status == 503 && gateway.fetched.count == 3)
    }

    @Test func aProviderDescribesItself() throws {
        let description = "https://login.example.org/.well-known/openid-configuration"
        let gateway = try gateway(#""openIDConfiguration":"\#(description)""#)
        for (issuer, status) in [("https://login.example.org/", 200)] {
            let call = begin(gateway)
            gateway.publish(.success(published(#"{"issuer":"\#(issuer)","jwks_uri":"\#(Self.url)"}"#)))
            #expect(gateway.fetched == [description, Self.url])
            gateway.publish(.success(published()))
            #expect(call.answer?.status == status)
        }
        let other = try self.gateway(#""openIDConfiguration":"\#(description)""#)
        let call = begin(other)
        other.publish(.success(published(#"{"issuer":"https://other.example/","jwks_uri":"\#(Self.url)"}"#)))
        other.publish(.success(published()))
        #expect(call.answer?.status == 401)
    }
}
