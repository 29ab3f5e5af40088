import Dispatch
import Foundation
import OrreryDatabase
import OrreryEngine
import OrreryHTTP
import OrreryTelemetry
import Synchronization
import Testing

@testable import OrreryCosmos

/// The REST service over a new, empty account, asked in process: no socket, no signature unless a test wants one.
final class TestService: Sendable {
    private let service: CosmosService
    private let account: Account
    private let directory: String
    private let isTemporary: Bool

    /// The time that signatures are compared with, in seconds since 1970: 20 November 2026, 23:40.
    static let nowSeconds: Int64 = 1_795_218_000

    /// - Parameters:
    ///   - configure: changes what the service is configured with; by default it keeps no audit trail, so that resource
    ///     ids and counts in tests are those of what a test makes.
    ///   - directory: an account that is there already; nil for a new one, removed at the end.
    init(
        advertisedEndpoint: String? = nil, enforcesThroughput: Bool = false, directory given: String? = nil,
        _ configure: (inout CosmosService.Configuration) -> Void = { _ in }
    ) throws {
        isTemporary = given == nil
        directory = given ?? NSTemporaryDirectory() + "orrery-cosmos-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        account = try Account(directory: directory)
        var configuration = CosmosService.Configuration(
            advertisedEndpoint: advertisedEndpoint, enforcesThroughput: enforcesThroughput)
        configuration.keepsAuditTrail = false
        configure(&configuration)
        service = try CosmosService(
            account: account, configuration: configuration, metrics: MetricsRegistry(), clock: { Self.nowSeconds })
    }

    /// The operator's way in.
    func operate(_ method: HTTPMethod, _ path: String, _ body: String = "") -> ControlPlane.Answer {
        service.answerOperator(method, path: Array(path.utf8), body: Array(body.utf8))
    }

    /// From now on there are no threads for queries.
    func stopQueries() {
        service.queryWorkers.stop()
    }

    deinit {
        service.stop()
        account.close()
        if isTemporary { try? FileManager.default.removeItem(atPath: directory) }
    }

    /// Sends a request as the account's owner and waits for the answer.
    func send(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)] = [], body: String = ""
    ) -> HTTPResponse {
        send(method, Array(target.utf8), headers, body: Array(body.utf8))
    }

    /// As above, in bytes, for what is not text.
    func send(
        _ method: String, _ target: [UInt8], _ headers: [(name: String, value: String)] = [], body: [UInt8]
    ) -> HTTPResponse {
        var fields = headers
        if !fields.contains(where: { $0.name.lowercased() == "authorization" }) {
            fields.append((name: "authorization", value: "Bearer \(CosmosService.publicKey)"))
        }
        if !fields.contains(where: { $0.name.lowercased() == "host" }) {
            fields.append((name: "host", value: "localhost:8081"))
        }
        let request = HTTPRequest(
            method: HTTPMethod(method), target: target, headers: HTTPHeaders(fields), body: body)
        return begin(request).wait()
    }

    /// Sends a request as the account's owner; its answer may be long in coming.
    func begin(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)], body: String = ""
    ) -> PendingAnswer {
        var fields = headers
        if !fields.contains(where: { $0.name == "authorization" }) {
            fields.append((name: "authorization", value: "Bearer \(CosmosService.publicKey)"))
        }
        return begin(
            HTTPRequest(
                method: HTTPMethod(method), target: Array(target.utf8), headers: HTTPHeaders(fields),
                body: Array(body.utf8)))
    }

    private func begin(_ request: HTTPRequest) -> PendingAnswer {
        let answer = PendingAnswer()
        service.handle(request, HTTPResponder { answer.set($0) })
        return answer
    }

    /// An answer that may still be to come.
    final class PendingAnswer: Sendable {
        private let answered = DispatchSemaphore(value: 0)
        private let answer = Mutex<HTTPResponse?>(nil)

        var isThere: Bool { answer.withLock { $0 != nil } }

        fileprivate func set(_ response: HTTPResponse?) {
            answer.withLock { $0 = response }
            answered.signal()
        }

        func wait() -> HTTPResponse {
            answered.wait()
            return answer.withLock { $0 } ?? HTTPResponse(status: 599)
        }

        /// The answer, without a thread that waits: for requests that are answered by tasks, which need one.
        func response() async -> HTTPResponse {
            while !isThere { try? await Task.sleep(for: .milliseconds(1)) }
            return wait()
        }
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
