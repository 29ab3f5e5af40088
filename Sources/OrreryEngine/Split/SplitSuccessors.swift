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
        guard commit.checkpoint == nil, let key = commit.work.key else {
            // The partition's own housekeeping: its successors do theirs. Who keeps checkpoints goes on under those of
            // the successors.
            commit.completion(.failure(ItemCommitError(index: 0, error: .closed)))
            return
        }
        let partition = partition(holding: key.effectiveKey)
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
}

extension ItemCommit.Work {
    /// A key of what clients ask for: all their keys are of one partition key, so that one partition has them all.
    fileprivate var key: ItemKey? {
        switch self {
        case .writes(let writes): writes.first?.key
        case .deletePartitionKey(let key): key
        case .expire, .changeTimeToLive: nil
        }
    }
}
