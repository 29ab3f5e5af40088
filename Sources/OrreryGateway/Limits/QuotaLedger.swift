import Synchronization

/// Counts what callers use over hours and months, calls or bytes, durably. A quota of calls is never exceeded, whatever
/// happens to the server: they are taken from blocks that are set aside durably before the first of them is made. What
/// was set aside and not used when a server is killed is lost to the caller; when it stops it is given back.
///
/// How many bytes an answer has is known only afterwards, so they are charged then, and the last answer may go beyond
/// the quota.
final class QuotaLedger: Sendable {
    /// What a caller is held to.
    struct Quota: Sendable {
        /// The policy and the caller.
        let name: String
        let unitsMax: Int
        let periodSeconds: Int
        /// Units that are set aside together: few enough that losing them hurts nobody, many enough that they are
        /// seldom written.
        let blockUnits: Int

        static func calls(_ name: String, max: Int, periodSeconds: Int) -> Quota {
            Quota(
                name: name, unitsMax: max, periodSeconds: periodSeconds,
                blockUnits: min(1000, Swift.max(1, max / 100)))
        }

        static func bytes(_ name: String, max: Int, periodSeconds: Int) -> Quota {
            Quota(
                name: name, unitsMax: max, periodSeconds: periodSeconds,
                blockUnits: min(16 << 20, Swift.max(64 << 10, max / 100)))
        }

        func startSeconds(at now: Int64) -> Int64 { now - now % Int64(periodSeconds) }
    }

    enum Verdict: Sendable, Equatable {
        case admitted
        case refused(retryAfterSeconds: Int)
        /// The quota cannot be kept at the moment.
        case unavailable
    }

    typealias Completion = @Sendable (Verdict) -> Void

    private struct Waiter {
        let units: Int
        let completion: Completion
    }

    private struct Account {
        var startSeconds: Int64
        let periodSeconds: Int64
        var used = 0
        var reserved = 0
        var isReserving = false
        var waiting: [Waiter] = []

        var isIdle: Bool { !isReserving && waiting.isEmpty }
    }

    private struct State {
        var accounts: [String: Account] = [:]
        /// How often accounts were let go of.
        var releaseCount = 0
    }

    /// What is to be done outside the lock.
    private struct Step {
        var answers: [(completion: Completion, verdict: Verdict)] = []
        /// A block to be set aside.
        var reservation: QuotaRecord?
    }

    private let keeper: any QuotaKeeping
    private let state = Mutex(State())
    /// Callers that are kept in mind. Keys can be anything that a call says, so there has to be a limit.
    private let accountsMax: Int

    init(keeper: any QuotaKeeping, accountsMax: Int = 65_536) {
        self.keeper = keeper
        self.accountsMax = accountsMax
    }

    /// Takes units from a quota.
    /// - Returns: what becomes of the call; nil where it has to wait, and then the completion is told.
    func take(
        _ quota: Quota, units: Int = 1, nowSeconds: Int64, _ completion: @escaping Completion
    ) -> Verdict? {
        let (verdict, step) = withAccount(of: quota, nowSeconds) { account in
            var verdict: Verdict?
            if account.used + units <= account.reserved, account.waiting.isEmpty {
                account.used += units
                verdict = .admitted
            } else if account.used + units > quota.unitsMax {
                verdict = Self.refusal(account, nowSeconds)
            } else {
                account.waiting.append(Waiter(units: units, completion: completion))
            }
            return (verdict, Self.settle(quota, &account, nowSeconds))
        }
        perform(step, quota, nowSeconds)
        return verdict
    }

    /// Takes units from a quota where enough of it is set aside already.
    /// - Returns: whether they were taken; where not, nothing was done.
    func takesAtOnce(_ quota: Quota, units: Int = 1, nowSeconds: Int64) -> Bool {
        let (isTaken, step) = withAccount(of: quota, nowSeconds) { account -> (Bool, Step) in
            guard account.used + units <= account.reserved, account.waiting.isEmpty else { return (false, Step()) }
            account.used += units
            return (true, Self.settle(quota, &account, nowSeconds))
        }
        perform(step, quota, nowSeconds)
        return isTaken
    }

    /// Counts units that were used already, whether they were left or not.
    func charge(_ quota: Quota, units: Int, nowSeconds: Int64) {
        let step = withAccount(of: quota, nowSeconds) { account in
            account.used += units
            return Self.settle(quota, &account, nowSeconds)
        }
        perform(step, quota, nowSeconds)
    }

    // MARK: Accounts

    /// Gives an account as it is now: read where it is not in memory, begun anew where its time is over.
    private func withAccount<Result: Sendable>(
        of quota: Quota, _ nowSeconds: Int64, _ body: (inout Account) -> Result
    ) -> Result {
        let start = quota.startSeconds(at: nowSeconds)
        while true {
            let found = state.withLock { state -> Result? in
                // Changed where it is, and looked for once.
                guard let index = state.accounts.index(forKey: quota.name) else { return nil }
                if state.accounts.values[index].startSeconds < start {
                    // Whoever waits for a block of the time before is served from the new one.
                    state.accounts.values[index] = Account(
                        startSeconds: start, periodSeconds: Int64(quota.periodSeconds),
                        waiting: state.accounts.values[index].waiting)
                }
                return body(&state.accounts.values[index])
            }
            if let found { return found }
            open(quota, start, nowSeconds)
        }
    }

    /// Reads an account. Not under the lock: the disk may take its time, and all other callers' accounts are there too.
    private func open(_ quota: Quota, _ start: Int64, _ nowSeconds: Int64) {
        let releaseCount = state.withLock { $0.releaseCount }
        let record = keeper.record(named: quota.name)
        var account = Account(startSeconds: start, periodSeconds: Int64(quota.periodSeconds))
        if let record, record.startSeconds >= start {
            (account.startSeconds, account.used, account.reserved) =
                (record.startSeconds, record.reserved, record.reserved)
        }
        state.withLock { state in
            // An account that was let go of since may have kept more than what was read.
            guard state.accounts[quota.name] == nil, state.releaseCount == releaseCount else { return }
            if state.accounts.count >= accountsMax { Self.release(&state, nowSeconds) }
            state.accounts[quota.name] = account
        }
    }

    /// Makes room: lets go of accounts whose time is over, and where that is not enough, of all that nobody waits for.
    /// What was set aside for those is lost to them.
    private static func release(_ state: inout State, _ nowSeconds: Int64) {
        let count = state.accounts.count
        state.releaseCount += 1
        state.accounts = state.accounts.filter { account in
            !account.value.isIdle || nowSeconds < account.value.startSeconds + account.value.periodSeconds
        }
        if state.accounts.count > count / 2 { state.accounts = state.accounts.filter { !$0.value.isIdle } }
    }

    private static func refusal(_ account: Account, _ nowSeconds: Int64) -> Verdict {
        .refused(retryAfterSeconds: Int(clamping: max(1, account.startSeconds + account.periodSeconds - nowSeconds)))
    }

    /// Serves those who wait from what is set aside, and decides whether more is to be.
    private static func settle(_ quota: Quota, _ account: inout Account, _ nowSeconds: Int64) -> Step {
        var step = Step()
        var served = 0
        for waiter in account.waiting {
            if account.used + waiter.units <= account.reserved {
                account.used += waiter.units
                step.answers.append((waiter.completion, .admitted))
            } else if account.used + waiter.units > quota.unitsMax {
                step.answers.append((waiter.completion, refusal(account, nowSeconds)))
            } else {
                break
            }
            served += 1
        }
        account.waiting.removeFirst(served)
        // The next block is set aside before the last one is used up, so that hardly anybody waits.
        let isLow = account.reserved - account.used <= quota.blockUnits / 4
        // What was charged may be more than there was.
        let unitsMax = max(quota.unitsMax, account.used)
        if !account.isReserving, account.reserved < unitsMax, isLow || !account.waiting.isEmpty {
            account.isReserving = true
            let wanted = max(account.used, account.reserved) + max(quota.blockUnits, account.waiting.first?.units ?? 0)
            step.reservation = QuotaRecord(
                name: quota.name, startSeconds: account.startSeconds, reserved: min(unitsMax, wanted))
        }
        return step
    }

    private func perform(_ step: Step, _ quota: Quota, _ nowSeconds: Int64) {
        for answer in step.answers { answer.completion(answer.verdict) }
        guard let reservation = step.reservation else { return }
        keeper.keep(reservation) { [self] isKept in
            let next = state.withLock { state in
                // An account that is being set aside for is not let go of, but for a stop.
                guard var account = state.accounts[quota.name] else { return Step() }
                defer { state.accounts[quota.name] = account }
                // A block of a time that is over is nobody's.
                guard account.startSeconds == reservation.startSeconds else { return Step() }
                account.isReserving = false
                guard isKept else {
                    defer { account.waiting = [] }
                    return Step(answers: account.waiting.map { ($0.completion, .unavailable) })
                }
                account.reserved = reservation.reserved
                return Self.settle(quota, &account, nowSeconds)
            }
            perform(next, quota, nowSeconds)
        }
    }

    /// Gives back what was set aside and not used. Calls that come later are counted anew from what was kept.
    func close() {
        let records = state.withLock { state in
            state.releaseCount += 1
            defer { state.accounts = [:] }
            return state.accounts.filter { $0.value.used < $0.value.reserved && !$0.value.isReserving }.map {
                QuotaRecord(name: $0.key, startSeconds: $0.value.startSeconds, reserved: $0.value.used)
            }
        }
        for record in records { keeper.keep(record) { _ in } }
    }
}
