/// The two partitions that a split one gave its keys to.
///
/// Whoever still holds the old partition may go on writing to it: it passes the commits on. Reads are answered from the
/// state that it had when it was split, which is as new as any that was acknowledged before.
struct SplitSuccessors: Sendable {
    let lower: Partition
    let upper: Partition
    /// The least effective partition key of the upper one.
    let boundary: [UInt8]

    func partition(holding effectiveKey: ArraySlice<UInt8>) -> Partition {
        effectiveKey.lexicographicallyPrecedes(boundary) ? lower : upper
    }

    /// Passes a commit on to the partition that has its keys now.
    func commit(_ commit: ItemCommit) {
        guard let partition = partition(for: commit) else {
            commit.completion(.failure(ItemCommitError(index: 0, error: .closed)))
            return
        }
        partition.commit(
            ItemCommit(work: commit.work) { result in
                commit.completion(
                    result.map { outcome in
                        var outcome = outcome
                        // It may have been split again.
                        outcome.successorNumber = outcome.successorNumber ?? partition.rangeNumber
                        return outcome
                    })
            })
    }

    /// Nil for what neither can do. The partition's own housekeeping: its successors do theirs. What is committed with
    /// a checkpoint: who keeps checkpoints goes on under those of the successors. Writes that both have a part of.
    private func partition(for commit: ItemCommit) -> Partition? {
        guard commit.checkpoint == nil else { return nil }
        switch commit.work {
        case .writes(let writes):
            let partitions = writes.lazy.map { partition(holding: $0.key.effectiveKey) }
            guard let first = partitions.first else { return lower }
            return partitions.allSatisfy { $0 === first } ? first : nil
        case .deletePartitionKey(let key): return partition(holding: key.effectiveKey)
        case .expire, .changeTimeToLive: return nil
        }
    }
}
