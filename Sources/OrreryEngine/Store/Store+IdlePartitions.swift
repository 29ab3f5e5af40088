/// Partitions that nobody asks for are closed when more are open than the configuration allows: each has files open and
/// versions in memory. They are opened again when they are asked for.
extension Store {
    /// How many of those that were not used for longest are tried, beyond what is too much, before it is left at that.
    private static let spareTriesMax = 64

    /// Closes those partitions that were not used for longest, where too many are open; a few more than needed, so that
    /// not every opening comes to this.
    func closeIdlePartitions() {
        let excess = uses.openCount - configuration.openPartitionsMax
        guard excess > 0 else { return }
        var surplus = excess + configuration.openPartitionsMax / 16
        let open = allSlots.compactMap { slot in slot.idleSince.map { (slot: slot, since: $0) } }
            .sorted { $0.since < $1.since }
        var closedCount = 0
        for (slot, _) in open.prefix(surplus + Self.spareTriesMax) where surplus > 0 {
            guard slot.closeIfIdle() else { continue }
            surplus -= 1
            closedCount += 1
        }
        configuration.observer?.idlePartitionsClosed(closedCount)
    }
}
