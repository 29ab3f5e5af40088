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
}
