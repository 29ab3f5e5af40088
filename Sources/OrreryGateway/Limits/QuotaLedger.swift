import Synchronization

/// Counts calls over hours and months, durably. A quota is never exceeded, whatever happens to the server: calls are
/// taken from blocks that are set aside durably before the first of them is made. What was set aside and not used when
/// a server is killed is lost to the caller; when it stops it is given back.
final class QuotaLedger: Sendable {
    /// What a caller is held to.
    struct Quota: Sendable {
        /// The policy and the caller.
        let name: String
        let callsMax: Int
        let periodSeconds: Int

        /// Calls that are set aside together: few enough that losing them hurts nobody, many enough that they are
        /// seldom written.
        var blockCalls: Int { min(1000, max(1, callsMax / 100)) }

        func startSeconds(at now: Int64) -> Int64 { now - now % Int64(periodSeconds) }
    }

    enum Verdict: Sendable, Equatable {
        case admitted
        case refused(retryAfterSeconds: Int)
        /// The quota cannot be kept at the moment.
        case unavailable
    }

    typealias Completion = @Sendable (Verdict) -> Void

    private struct Account {
        var startSeconds: Int64
        var used = 0
        var reserved = 0
        var isReserving = false
        var waiting: [Completion] = []
    }

    /// What is to be done outside the lock.
    private struct Step {
        var answers: [(completion: Completion, verdict: Verdict)] = []
        /// A block to be set aside.
        var reservation: QuotaRecord?
    }

    private let keeper: any QuotaKeeping
    private let accounts = Mutex<[String: Account]>([:])

    init(keeper: any QuotaKeeping) {
        self.keeper = keeper
    }

    /// Takes one call from a quota.
    /// - Returns: what becomes of the call; nil where it has to wait, and then the completion is told.
    func take(_ quota: Quota, nowSeconds: Int64, _ completion: @escaping Completion) -> Verdict? {
        let (verdict, step) = accounts.withLock { accounts in
            var account = account(of: quota, nowSeconds, accounts[quota.name])
            defer { accounts[quota.name] = account }
            var verdict: Verdict?
            if account.used < account.reserved, account.waiting.isEmpty {
                account.used += 1
                verdict = .admitted
            } else if account.reserved >= quota.callsMax {
                verdict = Self.refusal(quota, account, nowSeconds)
            } else {
                account.waiting.append(completion)
            }
            return (verdict, Self.settle(quota, &account, nowSeconds))
        }
        perform(step, quota, nowSeconds)
        return verdict
    }

    /// The account as it is now: read where it is not in memory, begun anew where its time is over.
    private func account(of quota: Quota, _ nowSeconds: Int64, _ known: Account?) -> Account {
        let start = quota.startSeconds(at: nowSeconds)
        if let known, known.startSeconds >= start { return known }
        if known == nil, let record = keeper.record(named: quota.name), record.startSeconds >= start {
            return Account(startSeconds: record.startSeconds, used: record.reserved, reserved: record.reserved)
        }
        // Whoever waits for a block of the time before is served from the new one.
        return Account(startSeconds: start, waiting: known?.waiting ?? [])
    }

    private static func refusal(_ quota: Quota, _ account: Account, _ nowSeconds: Int64) -> Verdict {
        let end = account.startSeconds + Int64(quota.periodSeconds)
        return .refused(retryAfterSeconds: Int(clamping: max(1, end - nowSeconds)))
    }

    /// Serves those who wait from what is set aside, and decides whether more is to be.
    private static func settle(_ quota: Quota, _ account: inout Account, _ nowSeconds: Int64) -> Step {
        var step = Step()
        let served = min(account.waiting.count, account.reserved - account.used)
        step.answers = account.waiting.prefix(served).map { ($0, .admitted) }
        account.waiting.removeFirst(served)
        account.used += served
        if account.reserved >= quota.callsMax {
            step.answers += account.waiting.map { ($0, refusal(quota, account, nowSeconds)) }
            account.waiting = []
            return step
        }
        // The next block is set aside before the last one is used up, so that hardly anybody waits.
        let isLow = account.reserved - account.used <= quota.blockCalls / 4
        if !account.isReserving, isLow || !account.waiting.isEmpty {
            account.isReserving = true
            step.reservation = QuotaRecord(
                name: quota.name, startSeconds: account.startSeconds,
                reserved: min(quota.callsMax, account.reserved + quota.blockCalls))
        }
        return step
    }

    private func perform(_ step: Step, _ quota: Quota, _ nowSeconds: Int64) {
        for answer in step.answers { answer.completion(answer.verdict) }
        guard let reservation = step.reservation else { return }
        keeper.keep(reservation) { [self] isKept in
            let next = accounts.withLock { accounts in
                var account = accounts[quota.name] ?? Account(startSeconds: reservation.startSeconds)
                defer { accounts[quota.name] = account }
                // A block of a time that is over is nobody's.
                guard account.startSeconds == reservation.startSeconds else { return Step() }
                account.isReserving = false
                guard isKept else {
                    defer { account.waiting = [] }
                    return Step(answers: account.waiting.map { ($0, .unavailable) })
                }
                account.reserved = reservation.reserved
                return Self.settle(quota, &account, nowSeconds)
            }
            perform(next, quota, nowSeconds)
        }
    }

    /// Gives back what was set aside and not used. Calls that come later are counted anew from what was kept.
    func close() {
        let records = accounts.withLock { accounts in
            defer { accounts = [:] }
            return accounts.filter { $0.value.used < $0.value.reserved && !$0.value.isReserving }.map {
                QuotaRecord(name: $0.key, startSeconds: $0.value.startSeconds, reserved: $0.value.used)
            }
        }
        for record in records { keeper.keep(record) { _ in } }
    }
}
