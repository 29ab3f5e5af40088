import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryHTTP
import OrreryTriggers
import Synchronization

/// A worker's request whose answer is owed: given at once, or when there is a lease or are changes, or when its time is
/// over. It holds no thread meanwhile.
final class LeaseExchange: Sendable {
    private struct State {
        var isAnswered = false
        /// Whether a lease is being asked for.
        var isAsking = false
        /// Whether nothing is waited for any more.
        var isOver: Bool
        /// Up to where there were no changes; nil for the checkpoint.
        var lsn: UInt64?
        var wait: CommitWait?
        /// How many waits began: one that was over before it could be kept must not take a later one's place.
        var waitCount = 0
    }

    private let request: LeaseRequest
    private let http: HTTPRequest
    private let responder: HTTPResponder
    private let service: CosmosService
    private let state: Mutex<State>

    private var leases: WorkerLeases { service.handlers.leases }

    init(_ request: LeaseRequest, _ http: HTTPRequest, _ responder: HTTPResponder, _ service: CosmosService) {
        (self.request, self.http, self.responder, self.service) = (request, http, responder, service)
        state = Mutex(State(isOver: request.waitMilliseconds == 0))
    }

    func start() {
        switch request.call {
        case .acquire(let claim): waiting { self.acquire(claim) }
        case .changes(_, let after, _, _):
            state.withLock { $0.lsn = after }
            waiting { self.submitLook() }
        default: Task { await self.perform() }
        }
    }

    /// Has something tried at once, and for the last time when the request's time is over. That is not told by a clock
    /// that may be set, but by the timer.
    private func waiting(_ attempt: @escaping @Sendable () -> Void) {
        attempt()
        if request.waitMilliseconds == 0 { return }
        service.timer.submit(afterMilliseconds: request.waitMilliseconds) {
            self.state.withLock { $0.isOver = true }
            attempt()
        }
    }

    private func perform() async {
        do throws(CosmosError) {
            answer(try await result())
        } catch {
            fail(error)
        }
    }

    private func result() async throws(CosmosError) -> JSONValue {
        let handler = request.handler
        do throws(WorkerError) {
            switch request.call {
            case .list: return ["leases": .array(try leases.leases(of: handler).map(\.json))]
            case .acquire(let claim): return try await leases.acquire(handler, claim).json
            case .renew(let term):
                return try await leases.renew(
                    handler, rangeNumber: term.rangeNumber, epoch: term.epoch, milliseconds: term.milliseconds).json
            case .release(let term):
                try await leases.release(handler, rangeNumber: term.rangeNumber, epoch: term.epoch)
                return ["range": .string(String(term.rangeNumber))]
            case .commit(let term, let commit): return try await self.commit(term, commit).json
            case .changes: throw .moved
            }
        } catch {
            throw CosmosError(error)
        }
    }

    private func commit(_ term: LeaseTerm, _ commit: LeaseCommit) async throws(WorkerError) -> WorkerLease {
        var prepared: [(operation: ItemOperation, container: Container)] = []
        for (index, output) in commit.outputs.enumerated() {
            prepared.append(try output.prepared(for: request.handler, leases, index: index))
        }
        return try await leases.commit(
            request.handler, rangeNumber: term.rangeNumber, epoch: term.epoch, lsn: commit.lsn, outputs: prepared,
            deadLetters: commit.deadLetters, settled: commit.settled, milliseconds: term.milliseconds)
    }

    // MARK: Waiting for a lease

    /// The longest that a lease is waited for before it is asked for again: it may have been given back meanwhile.
    private static let askMilliseconds: Int64 = 1000

    /// Asks for a lease, by one at a time: two that succeed would take two.
    private func acquire(_ claim: WorkerClaim) {
        let isDue = state.withLock { state in
            if state.isAnswered || state.isAsking { return false }
            state.isAsking = true
            return true
        }
        guard isDue else { return }
        Task {
            do throws(WorkerError) {
                self.answer(try await self.leases.acquire(self.request.handler, claim).json)
            } catch {
                let now = self.service.nowMilliseconds()
                let isOver = self.state.withLock { state in
                    state.isAsking = false
                    return state.isOver
                }
                guard case .held(let until) = error, !isOver else {
                    return self.fail(CosmosError(error, nowMilliseconds: now))
                }
                let wait = min(max(until - now, 1), Self.askMilliseconds)
                self.service.timer.submit(afterMilliseconds: Int(wait)) { self.acquire(claim) }
            }
        }
    }

    // MARK: Waiting for changes

    /// How long after a range's end its container is asked what follows.
    private static let pauseMilliseconds = 50

    private func submitLook() {
        let isTaken = service.feedWorkers.submit { self.look() }
        if !isTaken { fail(CosmosError(.throttled(retryAfterMilliseconds: 500))) }
    }

    /// Answers with what there is, or goes on waiting. The lease is looked at afresh, for it may have moved on.
    private func look() {
        guard case .changes(let term, _, let countMax, let seesOwnChanges) = request.call else { return }
        let (lsn, isOver, isAnswered, number) = state.withLock { state in
            state.waitCount += 1
            return (state.lsn, state.isOver, state.isAnswered, state.waitCount)
        }
        if isAnswered { return }
        do throws(WorkerError) {
            let page = try leases.page(
                request.handler, rangeNumber: term.rangeNumber, epoch: term.epoch, after: lsn, countMax: countMax,
                seesOwnChanges: seesOwnChanges)
            guard page.changes.isEmpty, page.redriven.isEmpty, !isOver else { return answer(page.json) }
            state.withLock { $0.lsn = page.lsn }
            // Who is paused is told so when its time is over.
            if page.isPaused { return }
            let wait = try leases.wait(request.handler, rangeNumber: term.rangeNumber, after: page.lsn) { wake in
                switch wake {
                case .committed: self.submitLook()
                // The catalog may not tell yet what became of the range.
                case .gone: self.service.timer.submit(afterMilliseconds: Self.pauseMilliseconds) { self.submitLook() }
                }
            }
            state.withLock { if !$0.isAnswered && $0.waitCount == number { $0.wait = wait } }
        } catch {
            fail(CosmosError(error))
        }
    }

    // MARK: Answering

    private func answer(_ json: JSONValue) {
        respond(CosmosService.json(200, json))
    }

    private func answer(_ body: [UInt8]) {
        respond(HTTPResponse(status: 200, contentType: "application/json", body: body))
    }

    private func fail(_ error: CosmosError) {
        respond(CosmosResponse.error(error, activityID: ActivityID.of(http)))
    }

    private func respond(_ response: HTTPResponse) {
        // Let go of outside the lock: a wait's end has locks of its own.
        let (isFirst, wait) = state.withLock { state in
            defer { (state.isAnswered, state.wait) = (true, nil) }
            return (!state.isAnswered, state.wait)
        }
        wait?.cancel()
        if isFirst { responder.respond(response) }
    }
}

extension CosmosError {
    /// An error that says when to ask again.
    fileprivate init(_ error: WorkerError, nowMilliseconds: Int64) {
        self.init(error)
        if case .held(let until) = error { retryAfterMilliseconds = Int(clamping: max(1, until - nowMilliseconds)) }
    }
}

extension WorkerLease {
    fileprivate var json: JSONValue {
        [
            "range": .string(String(rangeNumber)), "owner": owner.map { .string($0) } ?? .null,
            "epoch": .number(JSONNumber(Int64(clamping: epoch))), "expires": .number(JSONNumber(expiresMilliseconds)),
            "lsn": .number(JSONNumber(Int64(clamping: lsn))), "paused": .boolean(isPaused),
        ]
    }
}

extension WorkerPage {
    fileprivate var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("changes")
        writer.beginArray()
        for change in changes { change.write(to: &writer) }
        writer.endArray()
        if !redriven.isEmpty {
            writer.name("redriven")
            writer.beginArray()
            for redelivery in redriven { redelivery.change.write(to: &writer, deadLetterID: redelivery.deadLetterID) }
            writer.endArray()
        }
        writer.name("lsn")
        writer.number(Int64(clamping: lsn))
        writer.name("paused")
        writer.boolean(isPaused)
        writer.endObject()
        return writer.bytes
    }
}

extension TriggerChange {
    /// - Parameter deadLetterID: of the dead letter that it was until now; nil where it was none.
    fileprivate func write(to writer: inout JSONWriter, deadLetterID: String? = nil) {
        writer.beginObject()
        if let deadLetterID {
            writer.name("deadLetter")
            writer.string(deadLetterID)
        }
        writer.name("kind")
        writer.string(kind.rawValue)
        writer.name("id")
        writer.string(id)
        if let text {
            writer.name("item")
            writer.raw(text)
        }
        if let previous {
            writer.name("previous")
            writer.raw(previous)
        }
        writer.name("lsn")
        writer.number(Int64(clamping: lsn))
        writer.name("timestampMilliseconds")
        writer.number(timestampMilliseconds)
        writer.name("idempotencyKey")
        writer.string(idempotencyKey)
        if let traceparent {
            writer.name("traceparent")
            writer.string(traceparent)
        }
        writer.name("deliveryCount")
        writer.number(Int64(deliveryCount))
        writer.endObject()
    }
}
