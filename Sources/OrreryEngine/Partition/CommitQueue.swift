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
    var flushing = Upkeep()
    var merging = Upkeep()
    var trimming = Upkeep()
    /// Whether it will be looked, after a while, if nobody writes any more.
    var awaitsIdleness = false

    /// Whether anything works on the partition's files. What only waits for its thread does not.
    var isAtWork: Bool { flushing.isAtWork || merging.isAtWork || trimming.isAtWork }
}

/// One kind of work on a partition's files: flushes, merges or trimmings.
struct Upkeep: Sendable {
    /// Whether it waits for its thread or is at work.
    private var isScheduled = false
    private(set) var isAtWork = false
    /// How often it was finished so far: a change wakes the waiting.
    private(set) var finishedCount = 0
    /// Why it failed last, and when; nil once it succeeds. One kind's failure is not the other's: what merges cannot
    /// read, flushes need not.
    private(set) var failure: (message: String, atNanoseconds: UInt64)?

    /// How long it is not tried again after a failure.
    private static let retryNanoseconds: UInt64 = 1_000_000_000

    /// Answers whether it must be given to its thread: not where it was already, or has only just failed.
    mutating func schedule() -> Bool {
        if isScheduled { return false }
        if let failure, MonotonicClock.nanoseconds() - failure.atNanoseconds < Self.retryNanoseconds { return false }
        isScheduled = true
        return true
    }

    /// To be said before it is asked whether the partition is still there: whoever removes the files says first that it
    /// is not, and then asks who is at work.
    mutating func begin() {
        isAtWork = true
    }

    mutating func end() {
        (isScheduled, isAtWork) = (false, false)
    }

    mutating func fail(_ message: String) {
        failure = (message, MonotonicClock.nanoseconds())
    }

    mutating func succeed() {
        failure = nil
        finishedCount += 1
    }
}
