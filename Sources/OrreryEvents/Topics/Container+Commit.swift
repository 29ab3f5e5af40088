import OrreryDatabase

extension Container {
    /// Commits operations on one partition key, and waits until that is durable.
    @discardableResult
    func commit(_ operations: [ItemOperation]) async throws(DatabaseError) -> ItemCommitAnswer {
        let result = await withCheckedContinuation { continuation in
            commit(operations) { continuation.resume(returning: $0) }
        }
        switch result {
        case .success(let answer): return answer
        case .failure(let failure): throw failure.error
        }
    }
}
