import OrreryDatabase
import OrreryEngine
import OrreryHTTP
import Synchronization

/// A client that waits in its request for changes (a long poll): answered by the first that come, or with 304 when its
/// time is over. It holds no thread and no view meanwhile.
final class ChangeFeedPoll: Sendable {
    private struct State {
        var position: ChangeFeedPosition
        var waits: [CommitWait] = []
        /// How many waits began: one that was over before it could be kept must not take a later one's place.
        var waitCount = 0
        var isAnswered = false
    }

    private let request: CosmosRequest
    private let exchange: CosmosExchange
    private let service: CosmosService
    private let state: Mutex<State>

    /// - Parameter position: up to where there were no changes when the client asked.
    init(
        _ request: CosmosRequest, _ exchange: CosmosExchange, _ service: CosmosService,
        after position: ChangeFeedPosition
    ) {
        self.request = request
        self.exchange = exchange
        self.service = service
        state = Mutex(State(position: position))
    }

    func start(_ feed: ChangeFeedRequest) throws(CosmosError) {
        try wait(feed)
        service.timer.submit(afterMilliseconds: feed.waitMilliseconds) {
            // A page is read once more: the answer says how far the range is by now.
            self.service.feedWorkers.submit { self.look(isLast: true) }
        }
    }

    private func wait(_ feed: ChangeFeedRequest) throws(CosmosError) {
        let (position, number) = state.withLock { state in
            state.waitCount += 1
            return (state.position, state.waitCount)
        }
        let waits = try feed.wait(after: position) { wake in
            switch wake {
            case .committed: self.submitLook()
            // The catalog may not tell yet what became of the range.
            case .gone: self.service.timer.submit(afterMilliseconds: ChangeFeedStream.pauseMilliseconds) {
                self.submitLook()
            }
            }
        }
        state.withLock { if !$0.isAnswered && $0.waitCount == number { $0.waits = waits } }
    }

    private func submitLook() {
        let isTaken = service.feedWorkers.submit { self.look(isLast: false) }
        if !isTaken { answer { $0.fail(CosmosError(.throttled(retryAfterMilliseconds: 500))) } }
    }

    /// Answers with what there is, or goes on waiting. The request is read afresh, for its container or range may be
    /// gone by now.
    private func look(isLast: Bool) {
        let position = state.withLock { $0.isAnswered ? nil : $0.position }
        guard let position else { return }
        do throws(CosmosError) {
            let feed = try ChangeFeedRequest(request, service.containers)
            let page = try feed.page(after: position)
            if isLast || !page.rows.isEmpty {
                answer { $0.respond(feed.answer(page)) }
            } else {
                // Changes outside the feed's scope are passed by.
                state.withLock { $0.position = page.next }
                try wait(feed)
            }
        } catch {
            answer { $0.fail(error) }
        }
    }

    private func answer(_ body: (CosmosExchange) -> Void) {
        let waits: [CommitWait]? = state.withLock { state in
            if state.isAnswered { return nil }
            state.isAnswered = true
            defer { state.waits = [] }
            return state.waits
        }
        guard waits != nil else { return }
        body(exchange)
    }
}
