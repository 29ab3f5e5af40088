internal import Synchronization

/// Relaxed durability: groups are acknowledged from memory, and written to the log a bounded time later.
extension Partition {
    /// Bytes that may wait in memory before they are written without waiting for the timer.
    private static let unwrittenBytesMax = 16 << 20
    private static let retryMilliseconds = 1000

    /// Keeps a group in memory. Once it is published, ``scheduleWriteOut(afterMilliseconds:)`` must see to its writing.
    /// - Returns: nil for a group of checkpoints alone, which is written at once, behind what waits: with no LSN of its
    ///   own it could not be told how far the log is durable.
    func keepUnwritten(_ group: CommitGroup) throws(EngineError) -> UnwrittenGroup? {
        let waiting = currentView.unwritten.reduce(0) { $0 + $1.byteCount }
        if waiting >= Self.unwrittenBytesMax || group.isOfNoItem { try writeOut() }
        guard group.isOfNoItem else {
            try beginKeepingUnwritten()
            return UnwrittenGroup(group.staged, group.checkpoints)
        }
        try append(group) {}
        return nil
    }

    /// Has what is unwritten written in time, unless that is on its way: whoever finds it so published a group before
    /// the writer looks.
    func scheduleWriteOut(afterMilliseconds milliseconds: Int) {
        guard !isWriteOutDue.exchange(true, ordering: .sequentiallyConsistent) else { return }
        pools.timer.submit(afterMilliseconds: milliseconds) {
            self.pools.committers.submit {
                self.isWriteOutDue.store(false, ordering: .sequentiallyConsistent)
                do throws(EngineError) {
                    try self.writeOut()
                } catch {
                    self.stop(error)
                    // The groups still wait, and no later one would ask for them.
                    guard error.isFullDisk else { return }
                    self.scheduleWriteOut(afterMilliseconds: max(milliseconds, Self.retryMilliseconds))
                }
            }
        }
    }

    /// Writes every group that waits, as one, and lets go of them once they are durable.
    func writeOut() throws(EngineError) {
        try writingOut.withLock { (_) throws(EngineError) in
            let view = currentView
            guard !view.unwritten.isEmpty, !isDiscarded, let segment = view.segments.last else { return }
            try segment.append(LogGroup(view.unwritten))
            writtenCheckpoints.withLock { table in
                for group in view.unwritten { table.apply(group.checkpoints) }
            }
            let written = view.unwritten.count
            self.view.withLock { $0 = $0.droppingUnwritten(written) }
            signal.committed(durableLSN)
            sealIfFull(segment)
        }
    }
}
