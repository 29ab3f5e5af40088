/// Commits that wait for their turn in one partition.
struct CommitQueue: Sendable {
    /// Why no more commits are taken.
    enum Stop: Sendable {
        case closed
        case failed(String)
        /// The partition was split: what comes is passed on.
        case split(SplitSuccessors)
    }

    private(set) var waiting: [ItemCommit] = []
    /// Whether a committer has this partition or will have it.
    private(set) var isScheduled = false
    var stop: Stop?
    /// Set while the last commits run out.
    var isClosing = false
    /// Set while a split takes over: commits are kept waiting, and none is taken.
    private(set) var isHeld = false

    /// Adds a commit. Answers whether the partition must be given to a committer.
    mutating func add(_ commit: ItemCommit) -> Bool {
        waiting.append(commit)
        if isHeld { return false }
        defer { isScheduled = true }
        return !isScheduled
    }

    /// Takes all that wait. When there is none, or all are held, the partition is no longer scheduled.
    /// - Parameter keepsTurn: whether it stays scheduled even then.
    mutating func takeAll(keepsTurn: Bool = false) -> [ItemCommit] {
        if waiting.isEmpty || isHeld {
            isScheduled = keepsTurn
            return []
        }
        defer { waiting = [] }
        return waiting
    }

    /// Keeps commits waiting from now on.
    mutating func hold() {
        isHeld = true
    }

    /// Lets commits be taken again. Answers whether the partition must be given to a committer.
    mutating func release() -> Bool {
        isHeld = false
        if waiting.isEmpty || isScheduled { return false }
        isScheduled = true
        return true
    }

    /// Gives up all that wait to those who take the partition's place, and all that come with them.
    mutating func giveUp(to successors: SplitSuccessors) -> [ItemCommit] {
        isHeld = false
        stop = .split(successors)
        defer { waiting = [] }
        return waiting
    }
}

/// What writers may have to wait for.
struct Pressure: Sendable {
    /// Flushes and merges finished so far: a change wakes the waiting.
    var finishedJobs = 0
    var isFlushing = false
    var isMerging = false
    /// Whether it will be looked, after a while, if nobody writes any more.
    var awaitsIdleness = false
    /// Why the last flush or merge failed, and when; nil once one succeeds.
    private(set) var failure: (message: String, atNanoseconds: UInt64)?

    /// How long a failed flush or merge is not tried again.
    private static let retryNanoseconds: UInt64 = 1_000_000_000

    /// Whether a flush or merge may begin: there was no failure, or it is long enough ago.
    var mayBegin: Bool {
        failure.map { MonotonicClock.nanoseconds() - $0.atNanoseconds >= Self.retryNanoseconds } ?? true
    }

    mutating func fail(_ message: String) {
        failure = (message, MonotonicClock.nanoseconds())
    }

    mutating func succeed() {
        failure = nil
        finishedJobs += 1
    }
}
