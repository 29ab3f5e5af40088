internal import Synchronization

/// How a partition that a split makes comes to its items: it takes over the log of the one before it, version by
/// version, and flushes and merges as any other. Nobody knows of it meanwhile, so nothing else writes to it.
extension Partition {
    /// Takes over the next versions; they are durable and indexed when this returns.
    func adopt(_ versions: consuming AdoptedVersions) throws(EngineError) {
        guard !versions.records.isEmpty else { return }
        guard let segment = currentView.segments.last else { throw .closed }
        var marks = marks.withLock { $0 }
        // The numbers of documents stay: they carry the number of the range in which they were given.
        marks.version = versions.marks.version
        marks.lsn = versions.marks.lsn
        marks.timestampMilliseconds = max(marks.timestampMilliseconds, versions.marks.timestampMilliseconds)
        try segment.append(LogGroup(versions))
        let growth = versions.batch().map { currentView.growth($0, freezingAt: configuration.deltaVersionsMax) }
        view.withLock { view in
            view = view.appending(growth ?? View.Growth(active: view.active), lsn: marks.lsn, unwritten: nil)
        }
        self.marks.withLock { $0 = marks }
        if growth?.frozen.isEmpty == false { scheduleFlush() }
        sealIfLarge(segment)
    }

    /// Begins to serve in the place of a partition whose versions it has taken over, under that one's policies.
    func begin(after before: Partition) throws(EngineError) {
        let (given, taken) = (before.marks.withLock { $0 }, marks.withLock { $0 })
        guard (given.version, given.lsn) == (taken.version, taken.lsn) else {
            throw .damaged("\(before.directory) has come to version \(given.version), its copy to \(taken.version)")
        }
        change(to: before.selection.withLock { $0 })
        timeToLive = before.timeToLive
        try takeCheckpoints(of: before)
        scheduleSweep(atMilliseconds: 0)
    }
}
