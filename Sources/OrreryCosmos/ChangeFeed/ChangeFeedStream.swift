import OrreryDatabase
import OrreryEngine
import OrreryHTTP
import Synchronization

/// A change feed sent as server-sent events: each change as it comes, with the LSN it is resumed after as its id.
///
/// One piece is in memory at a time: the next page is read when the client has taken the last one, and where there is
/// none the feed waits for the next commit, holding no thread and no view. A client that is gone is noticed at the next
/// event or heartbeat; one that does not read is cut off by the server's idle time.
final class ChangeFeedStream: Sendable {
    private enum Phase {
        /// A page is being read, or will be as soon as a thread is free.
        case reading
        /// The client takes a page.
        case sending
        /// There are no changes.
        case waiting
        case ended
    }

    private struct State {
        var position: ChangeFeedPosition
        var phase = Phase.reading
        var waits: [CommitWait] = []
        /// How many waits began: one that was over before it could be kept must not take a later one's place.
        var waitCount = 0
        var body: HTTPBodyStream?
    }

    private let request: CosmosRequest
    private let service: CosmosService
    private let state: Mutex<State>

    /// How much of a feed is read ahead of its client.
    private static let pieceBytesMax = 256 << 10
    /// How often a client without changes hears that there are none.
    static let heartbeatMilliseconds = 15_000
    /// How long after a range's end its container is asked what follows.
    static let pauseMilliseconds = 50

    init(_ request: CosmosRequest, _ service: CosmosService, after position: ChangeFeedPosition) {
        self.request = request
        self.service = service
        state = Mutex(State(position: position))
    }

    /// Begins to send.
    func start(_ exchange: CosmosExchange) {
        // The body holds the feed until its connection is done with it.
        let body = HTTPBodyStream { event in
            switch event {
            case .drained: self.goOn(from: .sending)
            case .ended: self.end()
            }
        }
        let position = state.withLock { state in
            state.body = body
            return state.position
        }
        var response = CosmosResponse.empty(200, to: request, charge: .minimum)
        response.headers.append("Content-Type", "text/event-stream")
        response.headers.append("Cache-Control", "no-store")
        response.stream = body
        exchange.respond(response)
        body.write(Array("retry: 1000\nid: \(position.text)\n\n".utf8))
        submitRead()
        scheduleHeartbeat()
    }

    /// Reads the next page, where the feed is in that phase.
    private func goOn(from phase: Phase) {
        let isDue = state.withLock { state in
            guard state.phase == phase else { return false }
            state.phase = .reading
            state.waits = []
            return true
        }
        if isDue { submitRead() }
    }

    private func submitRead() {
        if !service.feedWorkers.submit({ self.read() }) {
            finish(CosmosError(.throttled(retryAfterMilliseconds: 500)))
        }
    }

    /// Sends what there is, or waits. The request is read afresh, for its container or range may be gone by now, and so
    /// may the right to read it.
    private func read() {
        let (position, body) = state.withLock { ($0.position, $0.phase == .reading ? $0.body : nil) }
        guard let body else { return }
        do throws(CosmosError) {
            try service.authorizeAgain(request, .readChangeFeed)
            let feed = try ChangeFeedRequest(request, service.containers)
            let page = try feed.page(after: position, byteCountMax: Self.pieceBytesMax)
            let number = state.withLock { state in
                state.position = page.next
                if state.phase == .reading { state.phase = page.rows.isEmpty ? .waiting : .sending }
                state.waitCount += 1
                return state.waitCount
            }
            if page.rows.isEmpty {
                let waits = try feed.wait(after: page.next) { self.wake($0) }
                state.withLock { if $0.phase == .waiting && $0.waitCount == number { $0.waits = waits } }
            } else {
                body.write(page.eventText)
            }
        } catch {
            finish(error)
        }
    }

    private func wake(_ wake: CommitWake) {
        switch wake {
        case .committed: goOn(from: .waiting)
        // The catalog may not tell yet what became of the range.
        case .gone:
            service.timer.submit(afterMilliseconds: Self.pauseMilliseconds) { [weak self] in
                self?.goOn(from: .waiting)
            }
        }
    }

    private func scheduleHeartbeat() {
        service.timer.submit(afterMilliseconds: Self.heartbeatMilliseconds) { [weak self] in self?.beat() }
    }

    /// Tells a client without changes how far the feed is, which also finds out whether it is still there.
    private func beat() {
        let (phase, position, body) = state.withLock { ($0.phase, $0.position, $0.body) }
        guard phase != .ended else { return }
        if phase == .waiting { body?.write(Array(": heartbeat\nid: \(position.text)\n\n".utf8)) }
        scheduleHeartbeat()
    }

    /// Ends the feed with an event that says why: the client may begin anew where that helps.
    private func finish(_ error: CosmosError) {
        let body = state.withLock { $0.body }
        body?.write(error.eventText)
        body?.finish()
        end()
    }

    private func end() {
        // Let go of outside the lock: a wait's end has locks of its own.
        let last = state.withLock { state in
            state.phase = .ended
            defer { (state.waits, state.body) = ([], nil) }
            return (state.waits, state.body)
        }
        for wait in last.0 { wait.cancel() }
    }
}

extension ChangeFeedPage {
    /// The changes as events. The last one of each LSN has that as its id, so that a client that goes on after an id
    /// misses nothing.
    var eventText: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(rows.reduce(0) { $0 + $1.body.count + 32 })
        for (index, row) in rows.enumerated() {
            let isLastOfLSN = index + 1 == rows.count || rows[index + 1].lsn != row.lsn
            if isLastOfLSN {
                let position = index + 1 == rows.count ? next : position(after: row)
                text.append(contentsOf: "id: \(position.text)\n".utf8)
            }
            text.append(contentsOf: "data: ".utf8)
            text.append(jsonLine: row.body)
            text.append(contentsOf: "\n\n".utf8)
        }
        return text
    }
}

extension CosmosError {
    /// The error as the last event of a feed.
    fileprivate var eventText: [UInt8] {
        let body = CosmosResponse.error(self, activityID: []).body
        var text = Array("event: error\ndata: ".utf8)
        text.append(jsonLine: body)
        text.append(contentsOf: "\n\n".utf8)
        return text
    }
}

extension [UInt8] {
    /// Adds JSON text as one line: line ends stand only between its tokens, where a space says the same.
    fileprivate mutating func append(jsonLine json: [UInt8]) {
        append(contentsOf: json.lazy.map { $0 == 0x0A || $0 == 0x0D ? UInt8(ascii: " ") : $0 })
    }
}
