import OrreryHTTP

/// `fair-queue`: how many calls go on at a time. Those beyond wait in one queue for each tenant, or for whoever a key
/// stands for, and the queues take turns, so that the burst of one does not take the share of another.
final class FairQueuePolicy: Sendable {
    private let queue: FairQueue
    /// The call goes on, and leaves its place when it has ended.
    private let leaving: PolicyOutcome
    private let waitMilliseconds: Int
    /// Nil for the tenant, or the address of a caller without.
    private let key: ValueTemplate?

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        let queue = FairQueue(
            callsMax: try reader.requiredInteger("calls", in: 1...100_000),
            waitingMaxOfCaller: try reader.integer("waiting", in: 0...100_000) ?? 100)
        self.queue = queue
        leaving = .goOnUntil { _ in queue.leave() }
        waitMilliseconds = try reader.integer("waitMilliseconds", in: 1...300_000) ?? 10_000
        key = try reader.text("key").map { text throws(ConfigurationError) in
            try ValueTemplate(text, at: "fair-queue")
        }
    }

    func apply(to call: GatewayCall, _ services: PolicyServices) -> PolicyOutcome {
        if queue.runsAtOnce() { return leaving }
        let caller = key?.text(for: call) ?? call.tenantName
        return .wait { [queue, leaving] then in
            let (entry, number) = queue.enter(caller) { mayGoOn in then(mayGoOn ? leaving : Self.refusal) }
            switch entry {
            case .runs: then(leaving)
            case .refused: then(Self.refusal)
            case .waits:
                services.gateway.services.schedule(self.waitMilliseconds) { [weak queue] in
                    queue?.giveUp(caller, number)
                }
            }
        }
    }

    private static let refusal: PolicyOutcome = {
        var answer = GatewayAnswer.error(503, "Too many calls wait.")
        answer.headers.append("Retry-After", 1)
        return .answer(answer)
    }()
}
