public import OrreryEngine

/// Commits that a task waits for.
extension Container {
    /// Commits operations on one partition key, and waits until they are durable.
    /// - Throws: what the first of them that was refused was refused for.
    @discardableResult
    public func commit(_ operations: [ItemOperation]) async throws(DatabaseError) -> ItemCommitAnswer {
        let result = await withCheckedContinuation { continuation in
            commit(operations) { continuation.resume(returning: $0) }
        }
        switch result {
        case .success(let answer): return answer
        case .failure(let failure): throw failure.error
        }
    }

    /// Commits operations on any keys of one range together with changes of its checkpoints, and waits until that is
    /// durable.
    /// - Throws: which operation was refused, and why; `checkpointMoved` where the condition does not hold.
    @discardableResult
    public func commit(
        _ operations: [ItemOperation], in range: PartitionKeyRange, _ checkpoint: CheckpointChange
    ) async throws(ItemFailure) -> ItemCommitAnswer {
        let result = await withCheckedContinuation { continuation in
            commit(operations, in: range, checkpoint: checkpoint) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Commits changes of a range's checkpoints, and waits until they are durable.
    /// - Throws: `checkpointMoved` where the condition does not hold.
    public func commit(_ checkpoint: CheckpointChange, in range: PartitionKeyRange) async throws(DatabaseError) {
        do throws(ItemFailure) {
            try await commit([], in: range, checkpoint)
        } catch {
            throw error.error
        }
    }
}
