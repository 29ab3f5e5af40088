internal import Synchronization

extension Partition {
    /// Versions in memory beyond which a partition is not closed before they are in a run: a later opening would have
    /// to replay them.
    private static let replayedVersionsMax = 2000

    /// Whether nothing would be lost and nobody left waiting if the partition were closed now. To be asked by whoever
    /// alone has it in hand.
    var isIdle: Bool {
        let isAtRest = queue.withLock { queue in
            queue.stop == nil && !queue.isClosing && !queue.isHeld && !queue.isScheduled && queue.waiting.isEmpty
        }
        guard isAtRest, !signal.hasWaiters, currentView.unwritten.isEmpty else { return false }
        guard currentView.active.count > Self.replayedVersionsMax else {
            endKeepingUnwritten()
            return true
        }
        // No commit can come, so that the active delta stays as it is.
        view.withLock { $0 = $0.freezingActive() }
        scheduleFlush()
        return false
    }
}
