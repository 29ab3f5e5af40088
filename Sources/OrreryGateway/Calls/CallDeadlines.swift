import OrreryHTTP
import Synchronization

/// Answers calls whose time is over. Limits are few and calls are many, so those of one limit stand in one queue, in
/// the order in which they are due, and only its head is waited for.
final class CallDeadlines: Sendable {
    private struct Entry: Sendable {
        let dueNanoseconds: UInt64
        /// Gone with its call, which mostly ends before.
        weak let responder: BackendResponder?
    }

    private struct Queue: Sendable {
        var entries: [Entry] = []
        var first = 0

        /// When its head is due; nil where there is none.
        var nextNanoseconds: UInt64? { first < entries.count ? entries[first].dueNanoseconds : nil }

        /// Takes those whose time is over and who still wait, and tells who is next. All are held, for whoever lets go
        /// of one last answers its call, which must not happen under the lock.
        mutating func takeDue(at now: UInt64) -> (due: [BackendResponder], next: BackendResponder?) {
            var due: [BackendResponder] = []
            var next: BackendResponder?
            while first < entries.count, next == nil {
                let responder = entries[first].responder
                if entries[first].dueNanoseconds > now, responder != nil {
                    next = responder
                } else {
                    if let responder { due.append(responder) }
                    first += 1
                }
            }
            if first > 1024, first > entries.count / 2 {
                entries.removeFirst(first)
                first = 0
            }
            return (due, next)
        }
    }

    /// By their limits in milliseconds. A queue that is there is waited for. They are changed in place: a copy would be
    /// of every call.
    private let queues = Mutex<[Int: Queue]>([:])
    private let schedule: GatewayServices.Scheduler
    private let now: @Sendable () -> UInt64

    init(schedule: @escaping GatewayServices.Scheduler, nowNanoseconds: @escaping @Sendable () -> UInt64) {
        self.schedule = schedule
        now = nowNanoseconds
    }

    /// Has a call answered 504 and given up in so many milliseconds, unless it was answered by then.
    func limit(_ responder: BackendResponder, milliseconds: Int) {
        let entry = Entry(dueNanoseconds: now() + UInt64(milliseconds) * 1_000_000, responder: responder)
        let isFirst = queues.withLock { queues in
            let isFirst = queues[milliseconds] == nil
            queues[milliseconds, default: Queue()].entries.append(entry)
            return isFirst
        }
        if isFirst { wait(milliseconds, milliseconds) }
    }

    private func wait(_ limit: Int, _ milliseconds: Int) {
        schedule(milliseconds) { [weak self] in self?.end(limit) }
    }

    private func end(_ limit: Int) {
        let now = now()
        let (met, next) = queues.withLock { queues in
            let met = queues[limit]?.takeDue(at: now)
            let next = queues[limit]?.nextNanoseconds
            if next == nil { queues[limit] = nil }
            return (met, next)
        }
        let answer = GatewayAnswer.error(504, "The call was not answered in time.")
        for responder in met?.due ?? [] { responder.giveUp(answer) }
        if let next { wait(limit, Int(clamping: (next - min(next, now)) / 1_000_000) + 1) }
    }
}
