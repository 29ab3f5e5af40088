extension Partition {
    /// Calls back once, when the partition has durable commits past an LSN, or when there will be none; at once where
    /// that is so already.
    ///
    /// The call comes from a committer's thread, or from this one: it must be quick and must not block.
    /// - Returns: the wait; letting go of it ends it.
    public func wait(
        after lsn: UInt64, _ wake: @escaping @Sendable (CommitWake) -> Void
    ) -> CommitWait {
        CommitWait(signal, id: signal.add(after: lsn, reached: { currentView.durableLSN }, wake))
    }

    /// The LSN of the last commit that would outlive a crash now: what change feeds go up to.
    public var durableLSN: UInt64 { currentView.durableLSN }
}

extension PartitionSnapshot {
    /// The LSN up to which this state would outlive a crash: what change feeds go up to.
    public var durableLSN: UInt64 { view.durableLSN }
}

extension View {
    /// The last LSN that is in the log; under strict durability every LSN is.
    var durableLSN: UInt64 { unwritten.first.map { $0.firstLSN - 1 } ?? lsn }
}
