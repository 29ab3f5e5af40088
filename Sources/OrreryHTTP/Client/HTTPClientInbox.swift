import Synchronization

/// What other threads ask of the client's thread.
final class HTTPClientInbox: Sendable {
    enum Command: Sendable {
        case start(UInt64, HTTPClientJob)
        case resume(UInt64)
        /// There is more of the request's body.
        case goOnSending(UInt64)
        case cancel(UInt64)
    }

    private struct State {
        var commands: [Command] = []
        var openCount = 0
        var nextNumber: UInt64 = 1
        var isStopped = false
    }

    private let state = Mutex(State())
    private let requestsMax: Int
    /// Wakes the client's thread. Called under the lock, so that nothing is woken any more once `stop` was taken.
    private let wake: @Sendable () -> Void

    init(requestsMax: Int, wake: @escaping @Sendable () -> Void) {
        self.requestsMax = requestsMax
        self.wake = wake
    }

    /// Takes a job and gives it its number; nil, with the reason told to the job, where there is no room.
    func start(_ job: HTTPClientJob) -> UInt64 {
        let (number, refusal) = state.withLock { state -> (UInt64, HTTPClientError?) in
            let number = state.nextNumber
            state.nextNumber += 1
            if state.isStopped { return (number, .cancelled) }
            if state.openCount >= requestsMax { return (number, .overloaded) }
            state.openCount += 1
            append(.start(number, job), to: &state)
            return (number, nil)
        }
        if let refusal { job.fail(refusal) }
        return number
    }

    func submit(_ command: Command) {
        state.withLock { state in
            if !state.isStopped { append(command, to: &state) }
        }
    }

    private func append(_ command: Command, to state: inout State) {
        // Whoever comes second knows the thread to be awake.
        if state.commands.isEmpty { wake() }
        state.commands.append(command)
    }

    /// All that has come since; nil once the client was stopped and nothing is left.
    func take() -> [Command]? {
        state.withLock { state in
            if state.isStopped, state.commands.isEmpty { return nil }
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// A job has ended.
    func close() {
        state.withLock { $0.openCount -= 1 }
    }

    var openCount: Int { state.withLock { $0.openCount } }

    /// Takes nothing more. Returns whether it did until now.
    func stop() -> Bool {
        state.withLock { state in
            if state.isStopped { return false }
            state.isStopped = true
            wake()
            return true
        }
    }
}

/// A request with who is to be told of what came of it.
struct HTTPClientJob: Sendable {
    enum Sink: Sendable {
        case whole(@Sendable (Result<HTTPClientResponse, HTTPClientError>) -> Void)
        case streamed(@Sendable (HTTPClientEvent) -> HTTPClientFlow)
    }

    let request: HTTPClientRequest
    let sink: Sink

    func fail(_ error: HTTPClientError) {
        switch sink {
        case .whole(let completion): completion(.failure(error))
        case .streamed(let observer): _ = observer(.failed(error))
        }
    }
}
