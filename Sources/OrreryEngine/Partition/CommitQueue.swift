/// Commits that wait for their turn in one partition.
struct CommitQueue: Sendable {
    /// Why no more commits are taken.
    enum Stop: Sendable {
        case closed
        case failed(String)
    }

    private(set) var waiting: [ItemCommit] = []
    /// Whether a committer has this partition or will have it.
    private(set) var isScheduled = false
    var stop: Stop?
    /// Set while the last commits run out.
    var isClosing = false

    /// Adds a commit. Answers whether the partition must be given to a committer.
    mutating func add(_ commit: ItemCommit) -> Bool {
        waiting.append(commit)
        defer { isScheduled = true }
        return !isScheduled
    }

    /// Takes all that wait. When there is none the partition is no longer scheduled.
    mutating func takeAll() -> [ItemCommit] {
        if waiting.isEmpty { isScheduled = false }
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
