public import OrreryDatabase
public import OrreryEngine
internal import OrreryKeys

/// What a worker does under its lease: it reads, and it commits.
extension WorkerLeases {
    /// Changes of a partition behind an LSN, or behind the checkpoint.
    /// - Parameters:
    ///   - countMax: about how many; no page is cut between changes that were made together.
    ///   - seesOwnChanges: whether what the handler put out itself is among them.
    public func page(
        _ handler: WorkerHandler, rangeNumber: UInt64, epoch: UInt64, after lsn: UInt64?, countMax: Int,
        seesOwnChanges: Bool = false
    ) throws(WorkerError) -> WorkerPage {
        let (container, range, progress) = try held(handler, rangeNumber, epoch)
        let start = lsn ?? progress.place?.lsn ?? 0
        if progress.isPaused { return WorkerPage(changes: [], lsn: start, isPaused: true) }
        do throws(DatabaseError) {
            let page = try container.history(
                of: range, in: .container, after: start, sinceSeconds: nil, itemCountMax: countMax,
                gapVersionMax: progress.gapVersionMax)
            let origin = seesOwnChanges ? 0 : Trigger.origin(of: handler.name)
            let changes = page.changes.filter { origin == 0 || $0.item.origin != origin }.map { change in
                TriggerChange(change, container: container.resourceID.text, under: progress.lease)
            }
            var answer = WorkerPage(changes: changes, lsn: max(start, page.lsn), isPaused: false)
            if lsn == nil {
                answer.redriven = try redriven(of: handler, in: range, of: container, progress, countMax: countMax)
            }
            return answer
        } catch {
            throw WorkerError(error)
        }
    }

    /// Calls back once, when a partition has changes behind an LSN, or will have none any more.
    public func wait(
        _ handler: WorkerHandler, rangeNumber: UInt64, after lsn: UInt64,
        _ wake: @escaping @Sendable (CommitWake) -> Void
    ) throws(WorkerError) -> CommitWait {
        let container = try container(of: handler)
        do throws(DatabaseError) {
            return try container.wait(for: container.range(numbered: rangeNumber), after: lsn, wake)
        } catch {
            throw WorkerError(error)
        }
    }

    /// Commits a worker's outputs, and that everything up to an LSN is handled; has the lease last longer, too.
    ///
    /// Outputs in the partition take effect together with the checkpoint or not at all, and so exactly once. Those that
    /// stand elsewhere are committed before, one by one: at least once. So are dead letters.
    /// - Parameters:
    ///   - lsn: a page's; nil to leave the checkpoint where it is.
    ///   - deadLetters: changes that the worker gives up.
    ///   - settled: the ids of dead letters that were handed over again and are handled; they go behind the outputs.
    public func commit(
        _ handler: WorkerHandler, rangeNumber: UInt64, epoch: UInt64, lsn: UInt64?,
        outputs: [(operation: ItemOperation, container: Container)], deadLetters: [WorkerDeadLetter] = [],
        settled: [String] = [], milliseconds: Int
    ) async throws(WorkerError) -> WorkerLease {
        let (container, range, before) = try held(handler, rangeNumber, epoch)
        try await keep(deadLetters, of: handler, under: before, in: range, of: container)
        var progress = before
        progress.lease?.expiresMilliseconds = clock() + Int64(milliseconds)
        var writes = [TriggerProgress.write(handler.name, "lease", progress.lease?.text)]
        if let lsn {
            let place = try place(at: lsn, in: range, of: container, behind: progress.place)
            writes.append(TriggerProgress.write(place, handler.name))
            let loss = try loss(of: progress, in: range, of: container, upTo: lsn)
            if loss.count > progress.loss.count { writes.append(TriggerProgress.write(loss, handler.name)) }
            (progress.place, progress.loss) = (place, loss)
        }
        let origin = Trigger.origin(of: handler.name)
        var own: [(index: Int, operation: ItemOperation)] = []
        for (index, output) in outputs.enumerated() {
            let operation = output.operation.marked(withOrigin: origin)
            if output.container.resourceID == container.resourceID, operation.rangeNumber == rangeNumber {
                own.append((index: index, operation: operation))
                continue
            }
            do throws(DatabaseError) { try await output.container.commit([operation]) } catch {
                throw .output(index: index, error)
            }
        }
        let change = CheckpointChange(
            condition: TriggerProgress.condition(handler.name, epoch: epoch), writes: writes.compactMap { $0 })
        do throws(ItemFailure) {
            try await container.commit(own.map(\.operation), in: range, change)
        } catch {
            guard error.error != .checkpointMoved, own.indices.contains(error.index) else {
                throw WorkerError(error.error)
            }
            throw .output(index: own[error.index].index, error.error)
        }
        try await settle(settled, of: handler, in: range, of: container, progress)
        return WorkerLease(rangeNumber, progress)
    }

    /// Puts changes that a worker gives up among the dead letters.
    private func keep(
        _ letters: [WorkerDeadLetter], of handler: WorkerHandler, under progress: TriggerProgress,
        in range: PartitionKeyRange, of container: Container
    ) async throws(WorkerError) {
        do throws(DatabaseError) {
            for letter in letters {
                guard let found = try change(letter, of: handler, under: progress, in: range, of: container) else {
                    throw .invalid("There is no change '\(letter.idempotencyKey)' at LSN \(letter.lsn).")
                }
                try await DeadLetters(account).put(
                    found, of: handler.deadLetterOwner, message: letter.message, attempts: letter.attemptCount)
            }
        } catch {
            throw WorkerError(error)
        }
    }

    /// The change that a worker gives up: in the log, or among the dead letters where it was given up before.
    private func change(
        _ letter: WorkerDeadLetter, of handler: WorkerHandler, under progress: TriggerProgress,
        in range: PartitionKeyRange, of container: Container
    ) throws(DatabaseError) -> TriggerChange? {
        func isMeant(_ change: TriggerChange) -> Bool {
            change.lsn == letter.lsn && change.idempotencyKey.utf8.elementsEqual(letter.idempotencyKey.utf8)
        }
        do throws(DatabaseError) {
            let page = try container.history(
                of: range, in: .container, after: letter.lsn - min(1, letter.lsn), sinceSeconds: nil,
                itemCountMax: 1, gapVersionMax: progress.gapVersionMax)
            let found = page.changes.lazy.map {
                TriggerChange($0, container: container.resourceID.text, under: progress.lease)
            }.first(where: isMeant)
            if let found { return found }
        } catch {
            if error != .historyGone { throw error }
        }
        return try DeadLetters(account).all(of: handler.deadLetterOwner).lazy.map(\.change).first(where: isMeant)
    }

    private func loss(
        of progress: TriggerProgress, in range: PartitionKeyRange, of container: Container, upTo lsn: UInt64
    ) throws(WorkerError) -> TriggerLoss {
        do throws(DatabaseError) {
            return try progress.loss(in: range, of: container, upTo: lsn)
        } catch {
            throw WorkerError(error)
        }
    }

    private func place(
        at lsn: UInt64, in range: PartitionKeyRange, of container: Container, behind before: HistoryPlace?
    ) throws(WorkerError) -> HistoryPlace {
        do throws(DatabaseError) {
            let (end, least) = (try container.lsn(of: range), before?.lsn ?? 0)
            guard (least...max(least, end)).contains(lsn) else {
                throw .invalid("The checkpoint is at LSN \(least), and the changes end at \(end).")
            }
            return HistoryPlace(lsn: lsn, version: try container.lastVersion(of: range, upTo: lsn))
        } catch {
            throw WorkerError(error)
        }
    }
}
