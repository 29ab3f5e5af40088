internal import OrreryDatabase
internal import OrreryEngine
internal import Synchronization

/// How a reader keeps how far it is. A call that put something out into its own partition is kept to be over in the
/// commit that its outputs come in; nothing of its key goes on before. What only read is kept a little later, with all
/// that came to its end meanwhile, in one commit that no call waits for: after a crash it may come again.
extension TriggerReader {
    /// Does what a call put out to take effect before its progress is kept: writes what stands elsewhere.
    /// - Returns: what stands in this partition.
    func putOut(_ outputs: [TriggerContext.Output]) async throws -> [ItemOperation] {
        var own: [ItemOperation] = []
        for output in outputs {
            switch output {
            case .item(let unmarked, let target):
                let operation = unmarked.marked(withOrigin: trigger.origin)
                if target.resourceID == container.resourceID, operation.rangeNumber == range.number {
                    own.append(operation)
                } else {
                    try await target.commit([operation])
                }
            case .effect(let effect): try await effect()
            }
        }
        return own
    }

    /// Commits what a call put out into this partition together with that the call's changes are handled.
    /// - Returns: the place up to which everything is kept to be handled by then; nil where nothing was kept.
    func commit(
        _ batch: ChangeWindow.Batch, _ own: [ItemOperation]
    ) async throws(DatabaseError) -> HistoryPlace? {
        if own.isEmpty { return nil }
        var place = HistoryPlace()
        var unkeptVersion: UInt64?
        do throws(DatabaseError) {
            try await commit(own) { state in
                let said = state.progress(after: batch, trigger.name)
                (place, unkeptVersion) = (said.place, state.unkept.removeValue(forKey: batch.key))
                return said.writes
            }
        } catch {
            state.withLock { state in
                state.takeBack()
                if let unkeptVersion { state.unkept[batch.key] = unkeptVersion }
            }
            throw error
        }
        return place
    }

    /// Commits operations, and what is to be said of the progress. Both are decided and queued at one look at the
    /// state: commits that were queued otherwise than they were decided would put the place back.
    private func commit(
        _ operations: [ItemOperation], saying writes: (inout State) -> [CheckpointWrite]
    ) async throws(DatabaseError) {
        let condition = TriggerProgress.condition(trigger.name, epoch: epoch)
        let failure: ItemFailure? = await withCheckedContinuation { continuation in
            state.withLock { state in
                let writes = writes(&state)
                if operations.isEmpty && writes.isEmpty { return continuation.resume(returning: nil) }
                let checkpoint = CheckpointChange(condition: condition, writes: writes)
                container.commit(operations, in: range, checkpoint: checkpoint) { result in
                    if case .failure(let failure) = result {
                        continuation.resume(returning: failure)
                    } else {
                        continuation.resume(returning: nil)
                    }
                }
            }
        }
        if let failure { throw failure.error }
    }

    /// Has the progress kept in a while.
    func keepLater(afterMilliseconds milliseconds: Int) {
        host.clock.schedule(milliseconds) {
            let isDue = self.state.withLock { state in
                guard state.keeping == .scheduled else { return false }
                state.keeping = .running
                return true
            }
            if isDue { self.keepNow() }
        }
    }

    func keepNow() {
        Task(executorPreference: host.handlers) { await self.keep() }
    }

    private func keep() async {
        var place = HistoryPlace()
        var unkept: [String: UInt64] = [:]
        do throws(DatabaseError) {
            try await commit([]) { state in
                unkept = state.unkept
                let said = state.progress(trigger.name)
                place = said.place
                return said.writes
            }
            update { state in
                state.keep(place)
                state.keeping = .idle
            }
        } catch {
            update { state in
                state.takeBack()
                state.unkept.merge(unkept) { newer, _ in newer }
                state.keeping = .idle
            }
            _ = isEnd(error)
        }
    }
}

extension TriggerReader.State {
    /// How long what was handled waits to be kept: meanwhile more comes to its end, for the same commit.
    private static let keepMilliseconds = 10
    /// How long the place waits that nothing was called for, or that is only tidied up behind calls.
    private static let tidyMilliseconds = 100

    /// After how many milliseconds the progress is to be kept; nil where all is.
    var keepMilliseconds: Int? {
        if !unkept.isEmpty { return Self.keepMilliseconds }
        let isTidy = window.count > 0 || !window.place.isBehind(keptPlace) && progress.keys.isEmpty
        return isTidy ? nil : Self.tidyMilliseconds
    }

    /// Says that everything up to a place is kept to be handled.
    mutating func keep(_ place: HistoryPlace) {
        if place.isBehind(keptPlace) { keptPlace = place }
    }

    /// A commit was refused: what it would have said of the place, another may say.
    mutating func takeBack() {
        writtenPlace = keptPlace
    }

    /// What is to be kept when a batch was handled: the place that everything has reached by then, or else how far the
    /// batch's key is. Only what is known to be kept counts, for other calls' commits may yet be refused; and the place
    /// never goes back, for what lies before it is kept nowhere else.
    ///
    /// What was kept of keys that are not ahead any more is removed along with it. Where the commit is refused it
    /// stays, which does no harm: it says what is so.
    /// - Returns: with the place up to which everything is kept once this is.
    mutating func progress(
        after batch: ChangeWindow.Batch, _ name: String
    ) -> (writes: [CheckpointWrite], place: HistoryPlace) {
        var writes = removals(name)
        var place = keptPlace
        let reached = window.place(after: batch)
        if reached.isBehind(writtenPlace) {
            (place, writtenPlace) = (reached, reached)
            writes += self.writes(of: place, name)
        }
        if let version = batch.changes.last?.version, version > place.version {
            writes += self.writes(of: batch.key, version, name)
        }
        return (writes, place)
    }

    /// What is to be kept of all that was handled and is not.
    /// - Returns: with the place up to which everything is kept once this is.
    mutating func progress(_ name: String) -> (writes: [CheckpointWrite], place: HistoryPlace) {
        var writes = removals(name)
        var place = keptPlace
        if window.place.isBehind(writtenPlace) {
            (place, writtenPlace) = (window.place, window.place)
            writes += self.writes(of: place, name)
        }
        unkept = unkept.filter { $0.value > place.version }
        // While the place goes on it will soon be past these keys too, and a record for each would cost more than it
        // saves after a crash.
        if place.isBehind(keptPlace), end == nil { return (writes, place) }
        for (key, version) in unkept { writes += self.writes(of: key, version, name) }
        unkept = [:]
        return (writes, place)
    }

    /// What is said of a place, with what was lost on the way there. What was passed by behind the place is counted
    /// already, and is again after a crash, for what lies between may have gone by then: no loss is counted too low.
    private func writes(of place: HistoryPlace, _ name: String) -> [CheckpointWrite] {
        var loss = progress.loss
        let isKept = loss.version <= max(givenVersion, keptPlace.version)
        loss.version = max(givenVersion, min(loss.version, place.version))
        return [TriggerProgress.write(place, name), isKept ? nil : TriggerProgress.write(loss, name)].compactMap { $0 }
    }

    private mutating func writes(of key: String, _ version: UInt64, _ name: String) -> [CheckpointWrite] {
        // On record before it is committed, lest a commit that comes behind this one removes what this one writes.
        progress.advance(key, to: version)
        return [TriggerProgress.write(name, "key/\(key)", "\(version)")].compactMap { $0 }
    }

    private mutating func removals(_ name: String) -> [CheckpointWrite] {
        progress.takeKeys(upTo: keptPlace).compactMap { TriggerProgress.write(name, "key/\($0)", nil) }
    }
}
