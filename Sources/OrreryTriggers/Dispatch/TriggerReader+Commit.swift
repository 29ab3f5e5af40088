internal import OrreryDatabase
internal import OrreryEngine
internal import Synchronization

/// How a reader keeps how far it is: with the outputs of each call, in one commit.
extension TriggerReader {
    /// Commits what a call put out, and that its changes are handled: what stands in this partition together, what
    /// stands elsewhere before.
    /// - Returns: the place up to which everything is kept to be handled by then.
    func commit(
        _ batch: ChangeWindow.Batch, _ outputs: [TriggerContext.Output]
    ) async throws -> TriggerProgress.Place {
        var own: [ItemOperation] = []
        for output in outputs {
            let operation = output.operation.marked(withOrigin: trigger.origin)
            if output.container.resourceID == container.resourceID, operation.rangeNumber == range.number {
                own.append(operation)
            } else {
                try await output.container.commit([operation])
            }
        }
        let (writes, place) = progress(after: batch)
        let condition = TriggerProgress.condition(trigger.name, epoch: epoch)
        try await container.commit(own, in: range, CheckpointChange(condition: condition, writes: writes))
        return place
    }

    /// What is to be kept when a batch was handled: the place that everything has reached by then, and what of the
    /// batch's key lies beyond it. Only what is known to be kept counts, for other calls' commits may yet be refused.
    ///
    /// What was kept of keys that are not ahead any more is removed along with it. Where the commit is refused it
    /// stays, which does no harm: it says what is so.
    private func progress(
        after batch: ChangeWindow.Batch
    ) -> (writes: [CheckpointWrite], place: TriggerProgress.Place) {
        let (place, dropped, kept) = state.withLock { state in
            let place = state.window.place(after: batch)
            return (place, state.progress.takeKeys(upTo: state.keptPlace), state.keptPlace)
        }
        var writes = dropped.compactMap { TriggerProgress.write(trigger.name, "key/\($0)", nil) }
        let isFurther = place.lsn > kept.lsn || place.version > kept.version
        if isFurther, let write = TriggerProgress.write(place, trigger.name) { writes.append(write) }
        if let version = batch.changes.last?.version, version > place.version,
            let write = TriggerProgress.write(trigger.name, "key/\(batch.key)", "\(version)") {
            writes.append(write)
        }
        return (writes, place)
    }

    /// How long after the last call the place is kept that everything has reached.
    private static let tidyMilliseconds = 100

    /// Has the place kept a little later, once nothing is under way: the last calls did not know of each other.
    func tidyLater() {
        host.clock.schedule(Self.tidyMilliseconds) {
            Task(executorPreference: self.host.handlers) { await self.tidy() }
        }
    }

    private func tidy() async {
        let (place, dropped, isEnded) = state.withLock { state in
            state.isTidyDue = false
            let place = state.window.place
            return (place, state.progress.takeKeys(upTo: place), state.end != nil)
        }
        if isEnded { return }
        var writes = dropped.compactMap { TriggerProgress.write(trigger.name, "key/\($0)", nil) }
        if let write = TriggerProgress.write(place, trigger.name) { writes.append(write) }
        let condition = TriggerProgress.condition(trigger.name, epoch: epoch)
        let change = CheckpointChange(condition: condition, writes: writes)
        guard (try? await container.commit([], in: range, change)) != nil else { return }
        state.withLock { if place.version >= $0.keptPlace.version { $0.keptPlace = place } }
    }
}

extension Container {
    /// Commits and waits until it is durable.
    func commit(
        _ operations: [ItemOperation], in range: PartitionKeyRange, _ checkpoint: CheckpointChange
    ) async throws(DatabaseError) {
        let result = await withCheckedContinuation { continuation in
            commit(operations, in: range, checkpoint: checkpoint) { continuation.resume(returning: $0) }
        }
        if case .failure(let failure) = result { throw failure.error }
    }

    /// Commits operations on one partition key and waits until they are durable.
    func commit(_ operations: [ItemOperation]) async throws(DatabaseError) {
        let result = await withCheckedContinuation { continuation in
            commit(operations) { continuation.resume(returning: $0) }
        }
        if case .failure(let failure) = result { throw failure.error }
    }
}
