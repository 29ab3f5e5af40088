internal import Synchronization

extension Partition {
    /// Has runs merged where that is due, unless somebody is at it or the last try has only just failed.
    /// - Parameter isIdle: whether there is time for what is not due yet.
    func scheduleMerge(isIdle: Bool = false) {
        if pressure.withLock({ $0.merging.schedule() }) { pools.mergers.submit { self.mergeOnce(isIdle: isIdle) } }
    }

    /// Looks again after a while, where merging further is worth it once little is written. The partition may be
    /// closed by then.
    func scheduleIdleMerge() {
        guard !isDiscarded, mergePolicy.dueWhenIdle(currentView.runs) != nil else { return }
        let isFirst = pressure.withLock { pressure in
            defer { pressure.awaitsIdleness = true }
            return !pressure.awaitsIdleness
        }
        guard isFirst else { return }
        let flushedVersion = currentView.runs.last?.run.lastVersion
        pools.timer.submit(afterMilliseconds: configuration.idleMilliseconds) { [recall] in
            recall.partition?.mergeIfIdle(since: flushedVersion)
        }
    }

    /// Merges further, unless something was flushed since.
    private func mergeIfIdle(since flushedVersion: UInt64?) {
        pressure.withLock { $0.awaitsIdleness = false }
        guard currentView.runs.last?.run.lastVersion == flushedVersion else { return scheduleIdleMerge() }
        scheduleMerge(isIdle: true)
    }

    /// Does one merge, the smallest that is due, and queues the next behind the other partitions' turns.
    private func mergeOnce(isIdle: Bool) {
        pressure.withLock { $0.merging.begin() }
        var due = isDiscarded ? nil : dueMaintenance
        if due == nil, isIdle, !isDiscarded {
            due = mergePolicy.dueWhenIdle(currentView.runs).map { ($0, isReindexing: false) }
        }
        var hasFailed = false
        if let due {
            let started = MonotonicClock.nanoseconds()
            let inputs = Array(currentView.runs[due.runs])
            do throws(EngineError) {
                let entries = due.isReindexing ? try reindex(inputs) : try merge(inputs)
                configuration.observer?.runsMerged(
                    runs: inputs.count, entries: entries, nanoseconds: MonotonicClock.nanoseconds() - started)
            } catch {
                // The runs stay as they are; a later flush, or the next opening, tries again.
                hasFailed = !noteDamage(error, of: inputs)
                if error != .closed, !isDiscarded {
                    configuration.observer?.maintenanceFailed("merge in \(directory): \(error.message)")
                    if hasFailed { pressure.withLock { $0.merging.fail(error.message) } }
                }
            }
        }
        pressure.withLock { pressure in
            if due != nil, !hasFailed { pressure.merging.succeed() }
            pressure.merging.end()
        }
        if due == nil { scheduleIdleMerge() } else if !hasFailed { scheduleMerge() }
    }

    /// Notes which of some runs cannot be read. Answers whether there is something new to do about it.
    private func noteDamage(_ error: EngineError, of runs: [View.FlushedRun]) -> Bool {
        guard case .damaged = error else { return false }
        let unreadable = runs.filter { !isReadable($0) }.map(\.run.number)
        return damagedRuns.withLock { damaged in
            let countBefore = damaged.count
            damaged.formUnion(unreadable)
            return damaged.count > countBefore
        }
    }

    /// Whether what a merge takes of a run can be read and is in order.
    private func isReadable(_ flushed: View.FlushedRun) -> Bool {
        do throws(EngineError) {
            try MergedEntries.readAll(of: flushed, Run.hashEntries)
            try MergedEntries.readAll(of: flushed, Run.keyEntries)
            try MergedEntries.readAll(of: flushed, Run.expiryEntries)
            var postings = try MergedPostings([flushed])
            var list = PostingList()
            var key: [UInt8] = []
            while try postings.next(&list) {
                guard list.isNewKey else { continue }
                guard key.lexicographicallyPrecedes(list.key) else { return false }
                swap(&key, &list.key)
            }
            return true
        } catch {
            if case .damaged = error { return false }
            return true
        }
    }

    /// What to do next to the runs: merge some, or index one anew. Indexing anew takes long for a large run, so it
    /// stands back while runs pile up, unless one that cannot be read is in the way of the merge.
    private var dueMaintenance: (runs: Range<Int>, isReindexing: Bool)? {
        let merge = dueMerge
        let runs = currentView.runs
        let damaged = damagedRuns.withLock { $0 }
        let hasTime = merge == nil || runs.count < configuration.runsMax / 2
        if let index = runs.firstIndex(where: { damaged.contains($0.run.number) }),
            hasTime || merge?.contains(index) == true {
            return (index..<(index + 1), true)
        }
        if hasTime, let stale = firstStaleRun(runs) {
            return (stale..<(stale + 1), true)
        }
        return merge.map { ($0, false) }
    }

    /// The runs to merge next; nil when none are due.
    var dueMerge: Range<Int>? { mergePolicy.due(currentView.runs) }

    private var mergePolicy: MergePolicy {
        MergePolicy(fanIn: configuration.mergeFanIn, tierVersions: configuration.deltaVersionsMax)
    }

    /// Writes neighbouring runs as one, without what was superseded when it began. Answers the number of entries.
    private func merge(_ inputs: [View.FlushedRun]) throws(EngineError) -> Int {
        guard let first = inputs.first, let last = inputs.last else { return 0 }
        var inputs = inputs
        for index in inputs.indices { inputs[index].superseded = inputs[index].superseded.withFastSearch }
        let entryCount = inputs.reduce(0) { $0 + $1.liveCount }
        var hashes = MergedEntries(inputs.map { MergedEntries.Source(run: $0, read: Run.hashEntries) })
        var keys = MergedEntries(inputs.map { MergedEntries.Source(run: $0, read: Run.keyEntries) })
        var postings = try MergedPostings(inputs)
        var expiries = MergedEntries(inputs.map { MergedEntries.Source(run: $0, read: Run.expiryEntries) })
        let run = try newRun { (path) throws(EngineError) in
            try RunWriter.write(
                path: path, firstVersion: first.run.firstVersion, lastVersion: last.run.lastVersion,
                capacity: entryCount, selection: last.run.selection, pace: mergePace(),
                hashes: { () throws(EngineError) in try hashes.next() },
                keys: { () throws(EngineError) in try keys.next() },
                postings: { (posting) throws(EngineError) in try postings.next(&posting) },
                postingCounts: ValueFilters.postingCounts(ofMerged: inputs.map(\.run.statistics)),
                expiries: { () throws(EngineError) in try expiries.next() })
        }
        try replaceRuns(adding: [run], isFlush: false) { (runs, manifest) throws(EngineError) in
            guard let start = runs.firstIndex(where: { $0.run.number == first.run.number }) else {
                throw .damaged("the runs to merge are gone")
            }
            let range = start..<(start + inputs.count)
            // Flushes went on meanwhile and may have superseded more versions of the inputs.
            var merged = View.FlushedRun(run: run, superseded: VersionSet(), liveCount: 0)
            for flushed in runs[range] {
                merged.superseded.formUnion(flushed.superseded)
                merged.liveCount += flushed.liveCount
            }
            if !merged.superseded.isEmpty {
                merged.supersededFileName = try writeSet(merged.superseded, &manifest)
            }
            var next = runs
            next.replaceSubrange(range, with: [merged])
            return next
        }
        return run.entryCount
    }
}

/// Which runs to merge next: neighbours of one tier, once there are enough of them, the newest tier first; and a run
/// by itself, when much of it is superseded.
struct MergePolicy {
    let fanIn: Int
    /// Entries of a run of the lowest tier. Each tier above holds `fanIn` times as many.
    let tierVersions: Int
    /// The share of superseded entries at which a run is rewritten, in percent.
    private static let supersededPercentMax = 30

    func due(_ runs: [View.FlushedRun]) -> Range<Int>? {
        var end = runs.count
        while end > 0 {
            let tier = tier(runs[end - 1])
            var start = end
            // Smaller runs between larger ones are taken along: they would else never find neighbours.
            while start > 0, self.tier(runs[start - 1]) <= tier,
                runs[start - 1].run.selection == runs[end - 1].run.selection
            { start -= 1 }
            if end - start >= fanIn { return start..<min(end, start + 2 * fanIn) }
            end = start
        }
        return runs.indices.first { index in
            let dead = runs[index].run.entryCount - runs[index].liveCount
            return dead * 100 > runs[index].run.entryCount * Self.supersededPercentMax
        }.map { $0..<($0 + 1) }
    }

    /// The share of what is before them that newer runs have to have for all of it to be worth one run, in percent.
    private static let newerPercentMin = 15

    /// Which runs to merge when there is time: the newest ones with as many before them as they are not small beside.
    /// Each look-up asks one run less for each that goes.
    func dueWhenIdle(_ runs: [View.FlushedRun]) -> Range<Int>? {
        guard let last = runs.last else { return nil }
        var start = runs.count - 1
        var newerCount = last.liveCount
        for index in runs.indices.dropLast().reversed() {
            guard runs[index].run.selection == last.run.selection else { break }
            if newerCount * 100 >= runs[index].liveCount * Self.newerPercentMin { start = index }
            newerCount += runs[index].liveCount
        }
        return start < runs.count - 1 ? start..<runs.count : nil
    }

    private func tier(_ flushed: View.FlushedRun) -> Int {
        var tier = 0
        var size = flushed.liveCount
        while size > tierVersions {
            size /= fanIn
            tier += 1
        }
        return tier
    }
}

/// The live entries of several runs as one ascending stream, read a few thousand at a time.
struct MergedEntries<Entry: Comparable & Sendable & VersionedEntry> {
    struct Source {
        let flushed: View.FlushedRun
        let read: (Run) -> (Entry?, Int) throws(EngineError) -> [Entry]
        var buffer: [Entry] = []
        var index = 0
        var last: Entry?
        var isAtEnd = false

        init(run: View.FlushedRun, read: @escaping (Run) -> (Entry?, Int) throws(EngineError) -> [Entry]) {
            flushed = run
            self.read = read
        }

        private static var chunkEntries: Int { 8192 }

        /// The entry at the front; nil at the end.
        mutating func front() throws(EngineError) -> Entry? {
            while true {
                if index < buffer.count { return buffer[index] }
                if isAtEnd { return nil }
                buffer = try read(flushed.run)(last, Self.chunkEntries)
                index = 0
                last = buffer.last ?? last
                isAtEnd = buffer.count < Self.chunkEntries
                let superseded = flushed.superseded
                if !superseded.isEmpty { buffer.removeAll { superseded.contains($0.version) } }
            }
        }
    }

    private var sources: [Source]

    init(_ sources: [Source]) {
        self.sources = sources
    }

    /// Reads what a merge reads of one run, to see whether it can be read.
    static func readAll(
        of flushed: View.FlushedRun, _ read: @escaping (Run) -> (Entry?, Int) throws(EngineError) -> [Entry]
    ) throws(EngineError) {
        var entries = MergedEntries([Source(run: flushed, read: read)])
        while try entries.next() != nil {}
    }

    /// The next entry of all; nil at the end.
    mutating func next() throws(EngineError) -> Entry? {
        var best: Entry?
        var bestSource = 0
        for source in sources.indices {
            guard let entry = try sources[source].front() else { continue }
            if best.map({ entry < $0 }) ?? true {
                best = entry
                bestSource = source
            }
        }
        if best != nil { sources[bestSource].index += 1 }
        return best
    }
}

/// An entry that points to a version.
protocol VersionedEntry {
    var version: UInt64 { get }
}

extension DeltaBatch.HashEntry: VersionedEntry {}
extension DeltaBatch.KeyEntry: VersionedEntry {}
