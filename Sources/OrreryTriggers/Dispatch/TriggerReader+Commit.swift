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
        do {
            try await container.commit(own, in: range, CheckpointChange(condition: condition, writes: writes))
        } catch {
            // What it would have said of the place, another may say.
            state.withLock { $0.writtenPlace = $0.keptPlace }
            throw error
        }
        return place
    }

    /// What is to be kept when a batch was handled: the place that everything has reached by then, or else how far the
    /// batch's key is. Only what is known to be kept counts, for other calls' commits may yet be refused; and the place
    /// never goes back, for what lies before it is kept nowhere else.
    ///
    /// What was kept of keys that are not ahead any more is removed along with it. Where the commit is refused it
    /// stays, which does no harm: it says what is so.
    /// - Returns: with the place up to which everything is kept once this is.
    private func progress(
        after batch: ChangeWindow.Batch
    ) -> (writes: [CheckpointWrite], place: TriggerProgress.Place) {
        let (place, dropped, isFurther) = state.withLock { state in
            var place = state.window.place(after: batch)
            let isFurther = place.isBehind(state.writtenPlace)
            if isFurther { state.writtenPlace = place } else { place = state.keptPlace }
            // On record before it is committed, lest a commit that comes behind this one removes what this one writes.
            if let version = batch.changes.last?.version, version > place.version {
                state.progress.advance(batch.key, to: version)
            }
            return (place, state.progress.takeKeys(upTo: state.keptPlace), isFurther)
        }
        var writes = dropped.compactMap { TriggerProgress.write(trigger.name, "key/\($0)", nil) }
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
        let (place, dropped, isDue) = state.withLock { state in
            state.isTidyDue = false
            let place = state.window.place
            guard state.end == nil, place.isBehind(state.writtenPlace) else {
                return (state.keptPlace, state.progress.takeKeys(upTo: state.keptPlace), false)
            }
            state.writtenPlace = place
            return (place, state.progress.takeKeys(upTo: place), true)
        }
        var writes = dropped.compactMap { TriggerProgress.write(trigger.name, "key/\($0)", nil) }
        if isDue, let write = TriggerProgress.write(place, trigger.name) { writes.append(write) }
        if writes.isEmpty { return }
        let condition = TriggerProgress.condition(trigger.name, epoch: epoch)
        let change = CheckpointChange(condition: condition, writes: writes)
        let isKept = (try? await container.commit([], in: range, change)) != nil
        state.withLock { state in
            if isKept { state.keep(place) } else { state.writtenPlace = state.keptPlace }
        }
    }
}

extension TriggerReader.State {
    /// Says that everything up to a place is kept to be handled.
    mutating func keep(_ place: TriggerProgress.Place) {
        if place.isBehind(keptPlace) { keptPlace = place }
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
