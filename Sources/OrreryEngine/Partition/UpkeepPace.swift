internal import Glibc

/// Leaves the processors to those who answer requests, between short stretches of a flush or a merge.
///
/// Such a thread has work for hundreds of milliseconds. The system would let it run for a whole time slice while
/// writers wait behind it, and is slow to notice that all others crowd on the processors that are left; niceness
/// changes neither. A thread that sleeps now and then gives its processor away at once. How long it sleeps depends on
/// how far the work is behind, so that what piles up is worked off without pauses.
///
/// Belongs to one thread, for one file.
final class UpkeepPace {
    /// What is done between two pauses.
    static let stretchNanoseconds: UInt64 = 300_000

    private let pauseNanoseconds: () throws(EngineError) -> UInt64
    private let clock: () -> UInt64
    private let sleep: (_ nanoseconds: UInt64) -> Void
    private var stretchEnd: UInt64

    /// - Parameters:
    ///   - pauseNanoseconds: how long to pause now; 0 where there is no time for that. Throws where the work is to end.
    ///   - clock: nanoseconds from some moment on.
    init(
        _ pauseNanoseconds: @escaping () throws(EngineError) -> UInt64,
        clock: @escaping () -> UInt64 = { MonotonicClock.nanoseconds() },
        sleep: @escaping (_ nanoseconds: UInt64) -> Void = UpkeepPace.sleep
    ) {
        (self.pauseNanoseconds, self.clock, self.sleep) = (pauseNanoseconds, clock, sleep)
        stretchEnd = clock() + Self.stretchNanoseconds
    }

    /// To be called every some ten microseconds of work, where nothing is held that others wait for. Pauses where the
    /// stretch is over.
    func breathe() throws(EngineError) {
        guard clock() >= stretchEnd else { return }
        let pause = try pauseNanoseconds()
        if pause > 0 { sleep(pause) }
        stretchEnd = clock() + Self.stretchNanoseconds
    }

    private static func sleep(nanoseconds: UInt64) {
        var time = timespec(tv_sec: 0, tv_nsec: Int(nanoseconds))
        // A signal may end it early, which does no harm.
        _ = unsafe nanosleep(&time, nil)
    }

    /// How long a flush pauses while so many frozen deltas wait, its own among them.
    static func flushPauseNanoseconds(waitingDeltas: Int) -> UInt64 {
        switch waitingDeltas {
        case ...1: 3_000_000
        case 2: 750_000
        default: 0
        }
    }

    /// How long a merge pauses while there are so many runs.
    /// - Parameter runsMax: at which writers have to wait.
    static func mergePauseNanoseconds(runs: Int, runsMax: Int) -> UInt64 {
        runs * 2 > runsMax ? 0 : 1_000_000
    }
}

extension Partition {
    /// The pace of a flush: with pauses as long as there are commits that it could be in the way of, and no other
    /// partition waits for the flusher. Ends it with ``EngineError/closed`` when the partition's files are to go.
    func flushPace() -> UpkeepPace {
        var seenLSN = currentView.lsn
        return UpkeepPace { [self] () throws(EngineError) in
            if isDiscarded { throw .closed }
            let view = currentView
            defer { seenLSN = view.lsn }
            if isEnding || view.lsn == seenLSN || pools.flushers.hasWaitingJobs { return 0 }
            return UpkeepPace.flushPauseNanoseconds(waitingDeltas: view.frozen.count)
        }
    }

    /// The pace of a merge: with pauses, since readers come at any time, unless runs pile up or another partition
    /// waits. Ends it with ``EngineError/closed`` when the partition is being closed: the next opening begins it anew.
    func mergePace() -> UpkeepPace {
        UpkeepPace { [self] () throws(EngineError) in
            if isEnding { throw .closed }
            if pools.mergers.hasWaitingJobs { return 0 }
            return UpkeepPace.mergePauseNanoseconds(runs: currentView.runs.count, runsMax: configuration.runsMax)
        }
    }

    /// The pace of a trimming, which has no pauses: it comes seldom. Ends it as that of a merge does, and also when a
    /// split is about to copy the log.
    func trimPace() -> UpkeepPace {
        UpkeepPace { [self] () throws(EngineError) in
            guard mayTrim else { throw .closed }
            return 0
        }
    }

    /// Whether it is being closed or is gone.
    var isEnding: Bool { isDiscarded || queue.withLock { $0.isClosing } }
}
