import OrreryHTTP
import Synchronization

@testable import OrreryEvents

/// A webhook of a test's own: requests come to whoever asks for the next one, who also says what is answered.
final class FakeEndpoint: Sendable {
    struct Call: Sendable {
        let request: HTTPClientRequest
        let completion: WebhookSender.Completion

        func answer(_ status: Int, headers: [(name: String, value: String)] = [], body: String = "") {
            completion(.success(HTTPClientResponse(
                status: status, headers: HTTPHeaders(headers), body: Array(body.utf8))))
        }

        func header(_ name: String) -> String? {
            request.headers.first { $0.name.lowercased() == name }?.value
        }

        var body: String { String(decoding: request.body, as: UTF8.self) }
    }

    private struct State {
        var calls: [Call] = []
        var waiting: [CheckedContinuation<Call, Never>] = []
    }

    private let state = Mutex(State())

    var sender: WebhookSender {
        WebhookSender { request, completion in
            let call = Call(request: request, completion: completion)
            let waiting = self.state.withLock { state -> CheckedContinuation<Call, Never>? in
                if state.waiting.isEmpty {
                    state.calls.append(call)
                    return nil
                }
                return state.waiting.removeFirst()
            }
            waiting?.resume(returning: call)
        }
    }

    /// The next request, in the order in which they came.
    func next() async -> Call {
        await withCheckedContinuation { continuation in
            let call = state.withLock { state -> Call? in
                if state.calls.isEmpty {
                    state.waiting.append(continuation)
                    return nil
                }
                return state.calls.removeFirst()
            }
            if let call { continuation.resume(returning: call) }
        }
    }

    /// How many requests nobody has asked for.
    var callCount: Int { state.withLock { $0.calls.count } }
}
