internal import Synchronization

/// How a partition gives its place to the two that it was split into: commits are kept waiting, for as long as the last
/// of its log takes to be copied and the catalog to be changed, and are then passed on. Reads go on all the time.
extension Partition {
    /// Keeps commits waiting; returns once those that were taken before are through.
    func hold() {
        queue.withLock { $0.hold() }
        queue.wait { $0.isScheduled ? nil : () }
    }

    /// Goes on as before.
    func release() {
        if queue.withLock({ $0.release() }) { scheduleCommits() }
    }

    /// Passes on what waits and all that comes.
    func giveUp(to successors: SplitSuccessors) {
        let waiting = queue.withLock { $0.giveUp(to: successors) }
        for commit in waiting { successors.commit(commit) }
        signal.end()
    }

    /// Whether nobody will ask for it again: it was split, or a split that it was made for was given up. Its runs need
    /// no more care.
    var isDiscarded: Bool {
        queue.withLock { queue in
            switch queue.stop {
            case .split, .closed: true
            case .failed, nil: false
            }
        }
    }

    /// Removes its files once nothing works on them any more: what does ends soon. Those who still read have them open,
    /// and what they read is freed when the last of them goes, large files step by step.
    func removeFiles() {
        queue.withLock { queue in
            if case .split = queue.stop { return }
            queue.stop = .closed
        }
        close()
        pressure.wait { $0.isAtWork ? nil : () }
        let view = currentView
        for segment in view.segments { segment.removeName() }
        for flushed in view.runs { flushed.run.removeName() }
        Folder.remove(directory)
    }

    /// Whether a disk failed under it.
    var isFailed: Bool {
        queue.withLock { queue in
            if case .failed = queue.stop { true } else { false }
        }
    }

    /// Whether commits are still taken here.
    var takesCommits: Bool {
        queue.withLock { $0.stop == nil && !$0.isClosing }
    }
}
