internal import Synchronization

extension Partition {
    /// Document numbers that are left out where some may have been given and lost: more than can wait in memory.
    private static let lostDocumentsMax: UInt64 = 1 << 20

    /// The timeline that goes on when a partition is opened. Where commits were lost another begins, and the numbers of
    /// documents that they may have had are left out, so that no two documents have one resource id.
    /// - Parameter inherited: the timeline of the partition that a new one is split from.
    static func timeline(
        in directory: String, inherited: Timeline?, _ marks: inout LogSegment.Marks
    ) throws(EngineError) -> Timeline {
        if let inherited {
            let file = TimelineFile(inherited, isOpen: false, documentNumber: 0)
            if inherited != .first { try file.write(in: directory) }
            return inherited
        }
        let file = try TimelineFile(in: directory)
        marks.documentNumber = max(marks.documentNumber, file.documentNumber)
        guard file.isOpen else { return file.timeline }
        let next = file.timeline.next(after: marks.lsn)
        marks.documentNumber += lostDocumentsMax
        // Numbers that are left out are so for good, also where none of those behind them reaches the log.
        try TimelineFile(next, isOpen: false, documentNumber: marks.documentNumber).write(in: directory)
        return next
    }

    /// Sees to it that a crash from now on is known to take back what was acknowledged.
    func beginKeepingUnwritten() throws(EngineError) {
        if mayHaveUnwritten.load(ordering: .relaxed) { return }
        try writeTimeline(isOpen: true)
        mayHaveUnwritten.store(true, ordering: .relaxed)
    }

    /// Says that everything acknowledged is in the log and no commit will come. What fails here only makes the next
    /// opening begin another timeline.
    func endKeepingUnwritten() {
        guard mayHaveUnwritten.load(ordering: .relaxed), currentView.unwritten.isEmpty else { return }
        do throws(EngineError) {
            try writeTimeline(isOpen: false)
            mayHaveUnwritten.store(false, ordering: .relaxed)
        } catch {
            configuration.observer?.maintenanceFailed("closing of \(directory): \(error.message)")
        }
    }

    private func writeTimeline(isOpen: Bool) throws(EngineError) {
        let documentNumber = marks.withLock { $0.documentNumber }
        try TimelineFile(timeline, isOpen: isOpen, documentNumber: documentNumber).write(in: directory)
    }
}
