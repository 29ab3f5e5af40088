internal import Synchronization

/// Changes of what is indexed. New versions are indexed by the new selection at once; runs of the old one are indexed
/// anew from the log, one after the other, and until then queries look at all of such a run's versions where they ask
/// for a path that it lacks.
extension Partition {
    /// Indexes by another selection from now on.
    func change(to next: IndexSelection) {
        let isNew = selection.withLock { selection in
            defer { selection = next }
            return selection != next
        }
        if isNew { scheduleMerge() }
    }

    /// How much of what is flushed is indexed by the selection as of now, in percent.
    public var indexProgressPercent: Int {
        let current = selection.withLock { $0 }
        let runs = currentView.runs
        let total = runs.reduce(0) { $0 + $1.run.entryCount }
        let done = runs.reduce(0) { $0 + ($1.run.selection == current ? $1.run.entryCount : 0) }
        return total == 0 ? 100 : done * 100 / total
    }

    func firstStaleRun(_ runs: [View.FlushedRun]) -> Int? {
        let current = selection.withLock { $0 }
        return runs.firstIndex { $0.run.selection != current }
    }

    /// Writes a run anew from the log, by the selection as of now: as several runs of the lowest tier, which the merger
    /// then puts together. Answers the number of entries.
    func reindex(_ inputs: [View.FlushedRun]) throws(EngineError) -> Int {
        guard let old = inputs.first else { return 0 }
        let indexing = indexing
        var pieces: [Run] = []
        var isWritten = false
        defer { if !isWritten { for piece in pieces { piece.removeWhenUnused() } } }
        var position = old.run.firstVersion - 1
        while position < old.run.lastVersion {
            if queue.withLock({ $0.isClosing }) { throw .closed }
            let (batch, last) = try batch(of: old, after: position, indexing)
            let range = (position + 1)...last
            pieces.append(
                try newRun { (path) throws(EngineError) in
                    try RunWriter.write(batch, range: range, dropping: VersionSet(), path: path, pace: mergePace())
                })
            position = last
        }
        // From here on they may be named by a manifest, also where this fails.
        isWritten = true
        try replace(old, by: pieces)
        return pieces.reduce(0) { $0 + $1.entryCount }
    }

    /// The next entries of a run, as many as a delta has, and the version that they reach up to.
    private func batch(
        of old: View.FlushedRun, after position: UInt64, _ indexing: IndexExtractor
    ) throws(EngineError) -> (batch: DeltaBatch, last: UInt64) {
        var builder = DeltaBatchBuilder(indexing)
        var last = old.run.lastVersion
        let segments = currentView.segments
        let first = segments.lastIndex { $0.firstVersion <= position + 1 } ?? 0
        for segment in segments[first...] {
            let goesOn = try segment.walk(after: position) { record in
                var header = record.header
                if header.version > old.run.lastVersion { return false }
                // What the old run has, no more and no less: marks of versions superseded meanwhile will find it.
                if header.operation.isTombstone || old.superseded.contains(header.version) { return true }
                // What this version superseded was marked when it was new.
                header.previousVersion = 0
                builder.add(
                    header, hash: hashing.hash(record), order: KeyOrder(record.effectiveKey),
                    entries: indexing.entries(of: record))
                if builder.count >= configuration.deltaVersionsMax {
                    last = header.version
                    return false
                }
                return true
            }
            if !goesOn { break }
        }
        return (builder.finished() ?? .empty(indexing.selection), last)
    }

    /// Puts new runs in the place of one that indexed the same versions.
    private func replace(_ old: View.FlushedRun, by pieces: [Run]) throws(EngineError) {
        try replaceRuns(adding: pieces, isFlush: false) { (runs, manifest) throws(EngineError) in
            guard let index = runs.firstIndex(where: { $0.run.number == old.run.number }) else {
                throw .damaged("the run to index anew is gone")
            }
            var parts: [View.FlushedRun] = []
            for piece in pieces {
                var part = View.FlushedRun(run: piece, superseded: VersionSet(), liveCount: piece.entryCount)
                for version in runs[index].superseded.versions
                where piece.firstVersion <= version && version <= piece.lastVersion {
                    part.superseded.insert(version)
                    // Those that were superseded when the work began are not among the entries.
                    if !old.superseded.contains(version) { part.liveCount -= 1 }
                }
                if !part.superseded.isEmpty { part.supersededFileName = try writeSet(part.superseded, &manifest) }
                parts.append(part)
            }
            var next = runs
            next.replaceSubrange(index...index, with: parts)
            return next
        }
    }
}
