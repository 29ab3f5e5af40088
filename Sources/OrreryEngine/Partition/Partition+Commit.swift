internal import Synchronization

extension Partition {
    /// Queues a commit. Its completion is called from another thread, after the commit is durable and visible or was
    /// refused; once only.
    public func commit(_ commit: ItemCommit) {
        let verdict = queue.withLock { queue in
            if let stop = queue.stop ?? (queue.isClosing ? .closed : nil) { return QueueVerdict.refused(stop) }
            return queue.add(commit) ? .mustSchedule : .queued
        }
        switch verdict {
        case .queued: break
        case .mustSchedule: scheduleCommits()
        case .refused(.split(let successors)): successors.commit(commit)
        case .refused(let stop): commit.completion(.failure(ItemCommitError(index: 0, error: stop.error)))
        }
    }

    /// Gives the partition to a committer.
    func scheduleCommits() {
        pools.committers.submit { self.commitGroups() }
    }

    private enum QueueVerdict {
        case queued
        case mustSchedule
        case refused(CommitQueue.Stop)
    }

    /// Groups that a committer takes from one partition before others have their turn.
    private static let groupsPerTurn = 16

    /// What the writers of a group are still to be told.
    private struct Acknowledgement {
        let commits: ArraySlice<ItemCommit>
        let results: [Result<ItemCommitOutcome, ItemCommitError>]
    }

    /// Takes what waits, decides it, makes it durable, shows it, and tells the writers; then what came meanwhile. Where
    /// there is more to do the writers are told while the disk writes the next group.
    private func commitGroups() {
        var owed: Acknowledgement?
        for _ in 0..<Self.groupsPerTurn {
            let failure = waitForRoom { acknowledge(&owed) }
            let isOwing = owed != nil
            var rest = queue.withLock { $0.takeAll(keepsTurn: isOwing) }[...]
            if rest.isEmpty {
                if !isOwing { return }
                acknowledge(&owed)
                continue
            }
            if let failure {
                for commit in rest { commit.completion(.failure(ItemCommitError(index: 0, error: .storage(failure)))) }
                continue
            }
            while !rest.isEmpty { rest = rest.dropFirst(commitOneGroup(rest, &owed)) }
        }
        acknowledge(&owed)
        pools.committers.submit { self.commitGroups() }
    }

    private func acknowledge(_ owed: inout Acknowledgement?) {
        guard let due = owed.take() else { return }
        configuration.acknowledging {
            for (commit, result) in zip(due.commits, due.results) { commit.completion(result) }
        }
        signal.committed(durableLSN)
    }

    /// Commits as many of these as fit one group. Answers how many.
    /// - Parameter owed: what is owed for the group before, and then for this one.
    private func commitOneGroup(_ commits: ArraySlice<ItemCommit>, _ owed: inout Acknowledgement?) -> Int {
        if let stop = queue.withLock({ $0.stop }) {
            for commit in commits { commit.completion(.failure(ItemCommitError(index: 0, error: stop.error))) }
            return commits.count
        }
        let started = MonotonicClock.nanoseconds()
        let indexing = indexing
        var group = CommitGroup(
            view: currentView, marks: marks.withLock { $0 }, hashing: hashing, indexing: indexing,
            container: container, nonce: nonce, earlierCheckpoints: checkpoints.withLock { $0 },
            moment: ExpiryMoment(policy: timeToLive, nowMilliseconds: configuration.clock()),
            fullKeys: keyLimit.withLock { $0.full })
        var results: [Result<ItemCommitOutcome, ItemCommitError>] = []
        results.reserveCapacity(commits.count)
        for commit in commits {
            results.append(group.decide(commit.work, commit.checkpoint))
            if group.stagedBytes >= configuration.groupBytesMax { break }
        }
        if group.hasMetFullKey { scheduleWeighingAfterRefusal() }
        group.stageCheckpoints()
        if !group.staged.isEmpty {
            do throws(EngineError) {
                let writing = MonotonicClock.nanoseconds()
                var growth: View.Growth?
                let unwritten = try write(group) {
                    acknowledge(&owed)
                    growth = self.growth(by: group, indexing)
                }
                configuration.observer?.groupCommitted(
                    versions: group.staged.count, commits: results.count, bytes: group.stagedBytes,
                    writeNanoseconds: MonotonicClock.nanoseconds() - writing,
                    totalNanoseconds: MonotonicClock.nanoseconds() - started)
                publish(growth, of: group, unwritten: unwritten)
                publish(group.checkpoints, isWritten: unwritten == nil)
                if unwritten == nil, let segment = currentView.segments.last { sealIfFull(segment) }
            } catch {
                fail(error, &results)
            }
        }
        // Only now: who still reads under the old policy finds gone what it let end.
        if group.moment.policy != timeToLive { timeToLive = group.moment.policy }
        acknowledge(&owed)
        owed = Acknowledgement(commits: commits.prefix(results.count), results: results)
        return results.count
    }

    /// Everything decided in the group may rest on what was not written, so all of it fails.
    private func fail(_ error: EngineError, _ results: inout [Result<ItemCommitOutcome, ItemCommitError>]) {
        stop(error)
        for index in results.indices {
            results[index] = .failure(ItemCommitError(index: 0, error: .storage(error.message)))
        }
    }

    /// Takes no more commits after the disk failed; a full disk may have room again for the next.
    func stop(_ error: EngineError) {
        if !error.isFullDisk { queue.withLock { $0.stop = .failed(error.message) } }
        configuration.observer?.partitionFailed(error.message)
    }

    /// Appends the staged records to the log as one group, flushed to the disk when this returns; or keeps them
    /// in memory, under relaxed durability.
    /// - Parameter meanwhile: what is to be done while the disk writes.
    private func write(_ group: CommitGroup, meanwhile: () -> Void) throws(EngineError) -> UnwrittenGroup? {
        if case .relaxed = configuration.durability {
            meanwhile()
            return try keepUnwritten(group)
        }
        try append(group, meanwhile: meanwhile)
        return nil
    }

    func append(_ group: CommitGroup, meanwhile: () -> Void) throws(EngineError) {
        guard let segment = currentView.segments.last else { throw .closed }
        try segment.append(LogGroup(group.staged), meanwhile: meanwhile)
    }

    /// How the view grows by a group; nil where the group is of no item. Nobody else changes the delta that grows.
    private func growth(by group: CommitGroup, _ indexing: IndexExtractor) -> View.Growth? {
        let staged = group.staged.span
        let postingCount = staged.indices.reduce(0) { $0 + staged[$1].entries.entries.count + 1 }
        var builder = DeltaBatchBuilder(indexing, postingCount: postingCount)
        for index in staged.indices where !staged[index].header.operation.isOfNoItem {
            builder.add(
                staged[index].header, hash: staged[index].hash,
                order: KeyOrder(staged[index].key.effectiveKey.span), entries: staged[index].entries)
        }
        return builder.finished().map { currentView.growth($0, freezingAt: configuration.deltaVersionsMax) }
    }

    private func publish(_ growth: View.Growth?, of group: CommitGroup, unwritten: UnwrittenGroup?) {
        let next = view.withLock { view in
            if let growth { view = view.appending(growth, lsn: group.marks.lsn, unwritten: unwritten) }
            // Both at once: who starts a segment meanwhile finds the group's versions given, and whether they are
            // written. It may be written as soon as it is seen.
            marks.withLock { $0 = group.marks }
            return view
        }
        guard growth != nil else { return }
        if unwritten != nil, case .relaxed(let milliseconds) = configuration.durability {
            scheduleWriteOut(afterMilliseconds: milliseconds)
        }
        if !next.frozen.isEmpty { scheduleFlush() }
        scheduleSweep(for: group)
    }

    /// Seals the last segment, once it is full, by starting the next one. A failure is not fatal while the old
    /// manifest stands: the next group tries again, and the segment may grow to several times its sealing size.
    func sealIfFull(_ segment: LogSegment) {
        let usedBytes = segment.usedBytes
        guard isFull(segment, usedBytes: usedBytes) else { return growRoom(behind: segment, usedBytes: usedBytes) }
        do throws(EngineError) {
            try startSegment()
            configuration.segmentSealed?(self)
            scheduleWeighing()
            // What is not sealed is scanned at the next opening, and that is all.
            try segment.seal()
        } catch {
            configuration.observer?.maintenanceFailed("sealing of \(segment.path): \(error.message)")
            // Versions written to this segment would be looked for in the next one, once a manifest names that.
            if !files.withLock({ $0.isStanding(in: directory) }) { stop(.storage(error.message)) }
        }
    }

    private func startSegment() throws(EngineError) {
        try files.withLock { (manifest) throws(EngineError) in
            // Unwritten groups go where their versions belong: into the segment that is written next.
            var (marks, unwritten) = view.withLock { view in (self.marks.withLock { $0 }, view.unwritten.first) }
            if let first = unwritten {
                (marks.version, marks.lsn) = (first.firstVersion - 1, first.firstLSN - 1)
            }
            var next = manifest
            let line = Manifest.SegmentLine(
                firstVersion: marks.version + 1, fileName: LogSegment.fileName(number: next.takeFileNumber()))
            next.segments.append(line)
            try writeCheckpointTable(before: line.firstVersion)
            let segment = try LogSegment(
                making: line.fileName, in: directory, firstVersion: line.firstVersion, marks: marks, room: takeRoom())
            do throws(EngineError) {
                try DurableFile.write(next.encoded, to: directory + "/" + Manifest.fileName)
            } catch {
                // Nobody will ask for the segment, unless the manifest names it that could not be made durable.
                if manifest.isStanding(in: directory) { segment.removeWhenUnused() }
                throw error
            }
            manifest = next
            view.withLock { $0 = $0.appending(segment) }
        }
    }

    /// Sleeps while flushes or merges are too far behind, but not when the partition is being closed: merges end then,
    /// and what still waits to be committed is little. Answers why they fail, when they do: writers are then
    /// refused rather than kept waiting for what may never come.
    /// - Parameter first: what is not to wait as long.
    func waitForRoom(first: () -> Void = {}) -> String? {
        while let upkeep = upkeepBehind, !isEnding {
            first()
            scheduleFlush()
            scheduleMerge()
            let seen = pressure.withLock { $0[keyPath: upkeep] }
            if let failure = seen.failure { return failure.message }
            // What writers wait for may have been finished before this look, so the wait has an end of its own.
            _ = pressure.wait(milliseconds: 50) { pressure in
                let now = pressure[keyPath: upkeep]
                return now.finishedCount != seen.finishedCount || now.failure != nil ? () : nil
            }
        }
        return nil
    }

    /// What is so far behind that writers have to wait for it; nil where nothing is.
    private var upkeepBehind: KeyPath<Pressure, Upkeep>? {
        let view = currentView
        if view.frozen.count > configuration.frozenDeltasMax { return \.flushing }
        // Runs that cannot be merged are not worth waiting for.
        return view.runs.count > configuration.runsMax && dueMerge != nil ? \.merging : nil
    }

    /// Refuses further commits and returns once those that wait are acknowledged.
    func close() {
        queue.withLock { $0.isClosing = true }
        queue.wait { $0.isScheduled ? nil : () }
        do throws(EngineError) { try writeOut() } catch { stop(error) }
        endKeepingUnwritten()
        endRoom()
        signal.end()
    }
}

extension CommitQueue.Stop {
    fileprivate var error: ItemWriteError {
        switch self {
        case .closed, .split: .closed
        case .failed(let message): .storage(message)
        }
    }
}
