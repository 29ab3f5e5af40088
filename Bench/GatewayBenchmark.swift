import Foundation
import OrreryCrypto
import OrreryDocuments
import OrreryGateway
import OrreryHTTP
import OrreryTelemetry

/// What the gateway adds to a call: the same handler bare, and behind every policy that goes on to it, with a token
/// that was checked before. Each call is another to the cache, which does not find it and keeps its answer.
/// One thread, in turns; the thread's processor time, which other work changes little.
struct GatewayBenchmark {
    let roundCount: Int
    let callCount = 20_000
    private static let addedMicrosecondsMax = 15.0

    /// Quotas that are kept nowhere.
    private struct Forgetful: QuotaKeeping {
        func record(named name: String) -> QuotaRecord? { nil }
        func keep(_ record: QuotaRecord, then: @escaping @Sendable (Bool) -> Void) { then(true) }
    }

    private static let body = Array(#"{"id":"1","lane":"A-B"}"#.utf8)

    @Sendable private static func handle(_ responder: HTTPResponder) {
        responder.respond(HTTPResponse(status: 200, contentType: "application/json", body: body))
    }

    private static let policies = #"""
        {"policy":"correlation-id"},{"policy":"ip-filter","action":"allow","addresses":["127.0.0.0/8","10.0.0.0/8"]},
        {"policy":"cors","origins":["https://shop.example"],"methods":["GET"]},
        {"policy":"request-limit","bodyBytes":1000},{"policy":"time-limit","milliseconds":1000},
        {"policy":"request-rules","refuse":[{"path":"/../"},{"query":"union select"},{"header":"User-Agent",
          "headerText":"sqlmap"}]},
        {"policy":"validate-jwt","secrets":[{"secret":"env:S"}],"audiences":["loads"],"issuers":["house"],
          "requiredClaims":[{"name":"scope","values":["read"]}],"tenantClaim":"sub"},
        {"policy":"rate-limit","calls":100000,"seconds":1,"remainingCallsHeader":"X-Left"},
        {"policy":"rate-limit-by-key","key":"{client.address}","calls":100000,"seconds":1},
        {"policy":"request-units","units":1000000000},
        {"policy":"quota","calls":1000000000,"kilobytes":1000000000,"seconds":86400},
        {"policy":"quota-by-key","key":"{claims.sub}","calls":1000000000,"seconds":86400},
        {"policy":"fair-queue","calls":1000},
        {"policy":"set-header","name":"X-Tenant","value":"{tenant}"},
        {"policy":"set-header","of":"response","name":"X-Frame-Options","value":"DENY"},
        {"policy":"set-query","name":"lane","value":"{path.lane}"},{"policy":"set-method","method":"GET"},
        {"policy":"rewrite-uri","template":"/v2/{path.lane}"},
        {"policy":"cache-lookup","allowAuthorization":true},{"policy":"cache-store","seconds":60}
        """#

    func run() throws {
        let gateway = try Self.gateway()
        let bare = Self.requests(1, ofRound: 0)[0]
        let answered = CallCount()
        func call(_ request: HTTPRequest) {
            let responder = HTTPResponder { if $0?.status == 200 { answered.add() } }
            if !gateway.answer(request, responder) { responder.respond(HTTPResponse(status: 404)) }
        }
        func callBare() {
            Self.handle(HTTPResponder { if $0 != nil && bare.method == .get { answered.add() } })
        }
        for request in Self.requests(2000, ofRound: 0) { call(request) }
        var added: [Double] = []
        var whole: [Double] = []
        for round in 1...max(roundCount, 5) {
            let requests = Self.requests(callCount, ofRound: round)
            let bareMicroseconds = Self.microseconds { for _ in 0..<callCount { callBare() } } / Double(callCount)
            let microseconds = Self.microseconds { for request in requests { call(request) } } / Double(callCount)
            whole.append(microseconds)
            added.append(microseconds - bareMicroseconds)
        }
        let expected = 2000 + 2 * callCount * max(roundCount, 5)
        print("\nA call behind every policy, against its bare handler (processor time of one thread)")
        let wholeMedian = whole.sorted()[whole.count / 2]
        print("  answered \(answered.value) of \(expected); behind the gateway \(Self.text(wholeMedian)) us")
        let median = added.sorted()[added.count / 2]
        let verdict = median <= Self.addedMicrosecondsMax ? "holds" : "MISSED"
        print("  added \(Self.text(median)) us, wanted at most \(Self.text(Self.addedMicrosecondsMax)): \(verdict)")
    }

    private final class CallCount: @unchecked Sendable {
        // Touched by the one thread that calls.
        private(set) var value = 0
        func add() { value += 1 }
    }

    private static func gateway() throws -> Gateway {
        let queue = DispatchQueue(label: "times")
        let services = GatewayServices(
            database: { _, _ in }, handler: { _, _, responder in handle(responder); return true },
            backend: { _, _ in HTTPClientExchange { _ in } }, secret: { _ in secret },
            nowSeconds: { Int64(time(nil)) }, nowNanoseconds: { DispatchTime.now().uptimeNanoseconds },
            schedule: { queue.asyncAfter(deadline: .now() + .milliseconds($0), execute: $1) }, log: .silent)
        let gateway = Gateway(services: services, quotas: Forgetful(), metrics: MetricsRegistry())
        let api = #"{"kind":"api","id":"loads","path":"/loads","operations":[{"id":"one","method":"GET","#
            + #""path":"/{lane}","backend":{"handler":"one"}}],"policies":[\#(policies)]}"#
        let product = #"{"kind":"product","id":"carrier","apis":["loads"]}"#
        let digest = Subscription.digest(ofKey: key)
        let subscription = #"{"kind":"subscription","id":"acme","product":"carrier","primaryKeyDigest":"\#(digest)"}"#
        // Small enough to be full all the time.
        let settings = #"{"kind":"settings","cacheMegabytes":4}"#
        for error in gateway.configure(try [api, product, subscription, settings].map { try JSONValue(parsing: $0) }) {
            print(error)
        }
        return gateway
    }

    private static let key = "0123456789abcdef0123456789abcdef"
    private static let secret = [UInt8](repeating: 7, count: 64)

    /// Calls of which none asks for what another did.
    private static func requests(_ count: Int, ofRound round: Int) -> [HTTPRequest] {
        func encoded(_ bytes: [UInt8]) -> String {
            Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let claims = #"{"iss":"house","aud":"loads","sub":"ada","scope":"read write","exp":4000000000}"#
        let text = encoded(Array(#"{"alg":"HS256"}"#.utf8)) + "." + encoded(Array(claims.utf8))
        let token = text + "." + encoded(HMACAlgorithm.sha256.code(key: secret, message: Array(text.utf8)))
        let headers = HTTPHeaders([
            ("Host", "localhost"), ("Accept", "*/*"), ("User-Agent", "bench/1"), ("Origin", "https://shop.example"),
            ("Ocp-Apim-Subscription-Key", key), ("Authorization", "Bearer \(token)"),
        ])
        return (0..<count).map { number in
            HTTPRequest(
                method: .get, target: Array("/loads/A-B?status=open&after=\(round)-\(number)".utf8), headers: headers,
                peer: HTTPPeerAddress(ipv4: 0x7F00_0001, port: 4000))
        }
    }

    private static func microseconds(_ body: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
        }
        let start = now()
        body()
        return now() - start
    }

    private static func text(_ number: Double) -> String { String(format: "%.1f", number) }
}
