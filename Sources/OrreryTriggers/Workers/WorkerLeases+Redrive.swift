internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys

/// Dead letters that are handed to workers again. A checkpoint in each partition says up to when those were kept that
/// are meant; one that fails again is kept anew, and so is not meant any more.
extension WorkerLeases {
    /// The dead letters of a range that are to be handed over again, the oldest first.
    func redriven(
        of handler: WorkerHandler, in range: PartitionKeyRange, of container: Container, _ progress: TriggerProgress,
        countMax: Int
    ) throws(DatabaseError) -> [WorkerRedelivery] {
        guard let milliseconds = progress.redriveMilliseconds else { return [] }
        return try DeadLetters(account).all(of: handler.deadLetterOwner).lazy.filter { letter in
            letter.keptMilliseconds <= milliseconds && Self.isOf(range, letter.change, in: container)
        }.prefix(countMax).map { WorkerRedelivery(deadLetterID: $0.id, change: $0.change) }
    }

    /// Forgets dead letters that were handled, and, where those were the last of a range, that there are any.
    func settle(
        _ letterIDs: [String], of handler: WorkerHandler, in range: PartitionKeyRange, of container: Container,
        _ progress: TriggerProgress
    ) async throws(WorkerError) {
        guard let milliseconds = progress.redriveMilliseconds else { return }
        do throws(DatabaseError) {
            for id in letterIDs { try await DeadLetters(account).remove(id, of: handler.deadLetterOwner) }
            guard try redriven(of: handler, in: range, of: container, progress, countMax: 1).isEmpty,
                let write = TriggerProgress.write(handler.name, "redrive", nil)
            else { return }
            // Unless somebody asked for more meanwhile.
            let condition = CheckpointChange.Condition(key: write.key, value: Array("\(milliseconds)".utf8))
            try await container.commit(CheckpointChange(condition: condition, writes: [write]), in: range)
        } catch {
            if error != .checkpointMoved { throw WorkerError(error) }
        }
    }

    /// Has the dead letters of a handler handed over again.
    /// - Returns: how many there are.
    func redrive(_ handler: WorkerHandler, in container: Container) async throws(DatabaseError) -> Int {
        let letters = try DeadLetters(account).all(of: handler.deadLetterOwner)
        guard let milliseconds = letters.map(\.keptMilliseconds).max() else { return 0 }
        for range in container.ranges {
            let epoch = try TriggerProgress(of: handler.name, in: range, of: container).epoch
            guard let write = TriggerProgress.write(handler.name, "redrive", "\(milliseconds)") else { continue }
            let condition = TriggerProgress.condition(handler.name, epoch: epoch)
            try await container.commit(CheckpointChange(condition: condition, writes: [write]), in: range)
        }
        return letters.count
    }

    /// Whether a change is of an item that a range holds; one of which nothing is known is the first range's.
    private static func isOf(_ range: PartitionKeyRange, _ change: TriggerChange, in container: Container) -> Bool {
        guard let text = change.text ?? change.previous, let document = try? JSONDocument(parsing: text) else {
            return container.ranges.first?.number == range.number
        }
        let definition = container.definition.partitionKey
        let key = definition.effectiveKey(of: definition.partitionKey(of: document.root))
        return container.range(holding: key)?.number == range.number
    }
}
