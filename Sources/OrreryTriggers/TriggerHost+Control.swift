internal import OrreryDatabase
internal import OrreryEngine
internal import OrreryTelemetry
internal import Synchronization

/// What an operator does with handlers.
extension TriggerHost {
    /// How all handlers fare, by their names.
    public func statuses() -> [TriggerStatus] {
        let entries = state.withLock { Array($0.entries.values) }
        let end = clock.nowMilliseconds() + Self.askingMilliseconds
        return entries.map { status($0, askingUntil: end) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// How long predicates are asked of changes that are counted: each may take a second of one, and somebody waits.
    private static let askingMilliseconds: Int64 = 1000

    private func status(_ entry: Entry, askingUntil end: Int64) -> TriggerStatus {
        var status = TriggerStatus(
            name: entry.trigger.name, database: entry.trigger.databaseName, container: entry.trigger.containerName,
            isRemote: false)
        status.isPaused = entry.isPaused
        let counters = entry.counters
        (status.processed, status.failed) = (counters.processed.value, counters.failed.value)
        (status.retried, status.deadLettered) = (counters.retried.value, counters.deadLettered.value)
        let now = clock.nowMilliseconds()
        // What cannot be decided will be handed over, and what there is no time for may be.
        let passes = { [clock] change in
            entry.filter.passes(change, mayAsk: { clock.nowMilliseconds() < end }, undecided: { _ in })
        }
        for (number, reader) in entry.readers {
            status.add(reader.lag(passes, countMax: TriggerStatus.lagCountMax - status.lagCount), of: number, now)
            status.lostCountMax &+= reader.lostCount
        }
        status.trimmedRanges = entry.trimmed.sorted()
        // Where nothing is read now, what was kept says how far the handler is.
        guard let container = try? open(entry.trigger) else { return status }
        for range in container.ranges where entry.readers[range.number] == nil {
            let progress = try? TriggerProgress(of: status.name, in: range, of: container)
            status.lostCountMax &+= (try? progress?.loss(in: range, of: container).count) ?? 0
            let place = progress?.place
            if place == nil && entry.trigger.options.start == .now { continue }
            let start = try? entry.trigger.options.start.place(in: range, of: container)
            let lag = TriggerLag(
                of: range, in: container, after: place ?? start ?? HistoryPlace(), passes,
                countMax: TriggerStatus.lagCountMax - status.lagCount)
            status.add(lag, of: range.number, now)
        }
        return status
    }

    func isRegistered(_ name: String) -> Bool {
        state.withLock { $0.entries[name] != nil }
    }

    /// Begins no more calls of a handler until ``resume(_:)``.
    public func pause(_ name: String) throws(TriggerError) {
        try setPaused(name, true)
    }

    /// Goes on.
    public func resume(_ name: String) throws(TriggerError) {
        try setPaused(name, false)
    }

    private func setPaused(_ name: String, _ isPaused: Bool) throws(TriggerError) {
        let readers: [TriggerReader]? = state.withLock { state in
            state.entries[name]?.isPaused = isPaused
            return state.entries[name].map { Array($0.readers.values) }
        }
        guard let readers else { throw .unknown(name) }
        for reader in readers { reader.setPaused(isPaused) }
    }

    /// Hands changes over again from a place on: waits for the calls under way, puts the place back, and goes on. Where
    /// the log was trimmed, what it still has is handed over.
    public func replay(_ name: String, from start: ReplayStart) async throws(TriggerError) {
        let held: [TriggerReader]? = state.withLock { state in
            guard let entry = state.entries[name] else { return nil }
            state.entries[name]?.isHeld = true
            return Array(entry.readers.values)
        }
        guard let held, let trigger = state.withLock({ $0.entries[name]?.trigger }) else { throw .unknown(name) }
        defer {
            state.withLock { $0.entries[name]?.isHeld = false }
            sync(name)
        }
        for reader in held { reader.end(.stopped) }
        // One that is only being begun takes the lease, and will find that it is not wanted.
        await until { state in state.entries[name].map { $0.readers.isEmpty && !$0.isSyncing } ?? true }
        do throws(DatabaseError) {
            let container = try open(trigger)
            for range in container.ranges {
                try await putBack(trigger, container, range, start)
                state.withLock { _ = $0.entries[name]?.trimmed.remove(range.number) }
            }
        } catch {
            throw .database(error)
        }
    }

    private func putBack(
        _ trigger: Trigger, _ container: Container, _ range: PartitionKeyRange, _ start: ReplayStart
    ) async throws(DatabaseError) {
        let progress = try TriggerProgress(of: trigger.name, in: range, of: container)
        let writes = try progress.putBack(to: start, in: range, of: container, trigger.name)
        let condition = TriggerProgress.condition(trigger.name, epoch: progress.epoch)
        try await container.commit(CheckpointChange(condition: condition, writes: writes), in: range)
    }

    /// Hands a handler's dead letters over again, one by one, and forgets those that it handles.
    /// - Returns: how many were handled, and how many failed again and are kept.
    public func redrive(_ name: String) async throws(TriggerError) -> (handled: Int, failed: Int) {
        guard let trigger = state.withLock({ $0.entries[name]?.trigger }) else { throw .unknown(name) }
        var result = (handled: 0, failed: 0)
        do throws(DatabaseError) {
            let container = try open(trigger)
            for letter in try deadLetters.all(of: trigger.deadLetterOwner) {
                let context = TriggerContext(triggerName: name, container: container)
                do {
                    try await trigger.handler([letter.change], context)
                    for output in context.takeOutputs() {
                        switch output {
                        case .item(let operation, let container):
                            try await container.commit([operation.marked(withOrigin: trigger.origin)])
                        case .effect(let effect): try await effect()
                        }
                    }
                } catch {
                    result.failed += 1
                    continue
                }
                try await deadLetters.remove(letter.id, of: trigger.deadLetterOwner)
                result.handled += 1
            }
        } catch {
            throw .database(error)
        }
        return result
    }

    /// Takes a handler out: begins no more calls of it, and returns when those under way are over.
    /// - Parameter forgets: whether how far it is is forgotten, so that one of its name begins anew.
    public func remove(_ name: String, forgets: Bool) async throws(TriggerError) {
        let held: (trigger: Trigger, readers: [TriggerReader])? = state.withLock { state in
            guard let entry = state.entries[name] else { return nil }
            state.entries[name]?.isHeld = true
            return (entry.trigger, Array(entry.readers.values))
        }
        guard let held else { throw .unknown(name) }
        for reader in held.readers { reader.end(.stopped) }
        await until { state in state.entries[name].map { $0.readers.isEmpty && !$0.isSyncing } ?? true }
        state.withLock { state in
            if state.entries[name]?.isHeld == true { state.entries[name] = nil }
        }
        if forgets { try await forget(held.trigger) }
    }

    private func forget(_ trigger: Trigger) async throws(TriggerError) {
        do throws(DatabaseError) {
            let container = try open(trigger)
            for range in container.ranges {
                let records = try container.checkpoints(withPrefix: TriggerProgress.prefix(trigger.name), of: range)
                if records.isEmpty { continue }
                let writes = records.compactMap { CheckpointWrite(key: $0.key, value: nil) }
                let epoch = TriggerProgress(records, name: trigger.name).epoch
                let condition = TriggerProgress.condition(trigger.name, epoch: epoch)
                try await container.commit(CheckpointChange(condition: condition, writes: writes), in: range)
            }
        } catch .notFound {
            return
        } catch {
            throw .database(error)
        }
    }
}

extension TriggerReader {
    /// How many changes it will never be given, at most, as it is this instant.
    fileprivate var lostCount: UInt64 {
        let progress = state.withLock { state in
            var progress = state.progress
            progress.place = state.window.readPlace
            return progress
        }
        return (try? progress.loss(in: range, of: container).count) ?? progress.loss.count
    }

    /// What is made and not handled, as it is this instant.
    fileprivate func lag(_ passes: (ItemChange) -> Bool, countMax: Int) -> TriggerLag {
        let (oldest, place, readPlace, waiting) = state.withLock { state in
            (state.window.oldest, state.window.place, state.window.readPlace, state.window.count)
        }
        var lag = TriggerLag(of: range, in: container, after: readPlace, passes, countMax: countMax - waiting)
        lag.count += waiting
        lag.oldestMilliseconds = oldest?.timestampMilliseconds ?? lag.oldestMilliseconds
        lag.place = place
        return lag
    }
}
