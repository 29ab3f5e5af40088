internal import Glibc
internal import Synchronization

extension Partition {
    /// Has the frozen deltas flushed, unless somebody is at it or the last try has only just failed.
    func scheduleFlush() {
        if pressure.withLock({ $0.flushing.schedule() }) { pools.flushers.submit { self.flushFrozen() } }
    }

    /// Flushes until no frozen delta is left.
    private func flushFrozen() {
        pressure.withLock { $0.flushing.begin() }
        var hasFailed = false
        while !hasFailed, !isDiscarded, let delta = currentView.frozen.first {
            let started = MonotonicClock.nanoseconds()
            do throws(EngineError) {
                try flush(delta)
                configuration.observer?.deltaFlushed(
                    versions: delta.count, nanoseconds: MonotonicClock.nanoseconds() - started)
                pressure.withLock { $0.flushing.succeed() }
                scheduleMerge()
                scheduleTrim()
            } catch {
                // The log has it all: the delta stays in memory, and a later group tries again.
                if !isDiscarded { configuration.observer?.maintenanceFailed("flush of \(directory): \(error.message)") }
                pressure.withLock { $0.flushing.fail(error.message) }
                hasFailed = true
            }
        }
        pressure.withLock { $0.flushing.end() }
        // A delta may have been frozen between the last look and the flag.
        if !hasFailed, !isDiscarded, !currentView.frozen.isEmpty { scheduleFlush() }
    }

    /// Writes one frozen delta as a run, folds what it superseded into the runs it superseded it in, and shows both.
    private func flush(_ delta: Delta) throws(EngineError) {
        let pace = flushPace()
        guard let batch = try delta.merged(pace: pace) else { return }
        // A run never knows more than the log: after a crash it would show what is lost.
        if let first = currentView.unwritten.first, first.firstVersion <= batch.lastVersion { try writeOut() }
        let dropped = VersionSet(batch.superseded[batch.superseded.firstIndex(notBefore: batch.firstVersion)...])
        let run = try newRun { (path) throws(EngineError) in
            try RunWriter.write(
                batch, range: batch.firstVersion...batch.lastVersion, dropping: dropped, path: path,
                pace: pace)
        }
        // A walk over the log passes tombstones by the same set.
        var dead = dropped
        for version in batch.tombstones { dead.insert(version) }
        try replaceRuns(adding: [run], isFlush: true) { (runs, manifest) throws(EngineError) in
            var next = runs
            for index in next.indices { try fold(batch.superseded, into: &next[index], &manifest) }
            var flushed = View.FlushedRun(run: run, superseded: VersionSet(), liveCount: run.entryCount)
            if !dead.isEmpty {
                flushed.superseded = dead
                flushed.supersededFileName = try writeSet(flushed.superseded, &manifest)
            }
            next.append(flushed)
            manifest.flushedVersion = batch.lastVersion
            manifest.documentNumber = marks.withLock { $0.documentNumber }
            return next
        }
    }

    /// Writes a run under a new number. One that fails leaves no file: tried again and again, they would fill the disk.
    func newRun(_ write: (String) throws(EngineError) -> Void) throws(EngineError) -> Run {
        let number = files.withLock { $0.takeFileNumber() }
        let fileName = "run-\(number).lmdb"
        let path = directory + "/" + fileName
        do throws(EngineError) {
            try write(path)
            return try Run(directory: directory, number: number, fileName: fileName)
        } catch {
            // A merge that is given up may leave gigabytes: freed in steps, as other files are.
            FileRemoval.remove(path)
            throw error
        }
    }

    /// Marks the versions that lie in a run's range as superseded there, in a new set beside the run.
    private func fold(
        _ superseded: [UInt64], into flushed: inout View.FlushedRun, _ manifest: inout Manifest
    ) throws(EngineError) {
        let start = superseded.firstIndex(notBefore: flushed.run.firstVersion)
        let end = superseded.firstIndex(notBefore: flushed.run.lastVersion + 1)
        guard start < end else { return }
        for version in superseded[start..<end] where flushed.superseded.insert(version) { flushed.liveCount -= 1 }
        flushed.supersededFileName = try writeSet(flushed.superseded, &manifest)
    }

    /// Writes a version set under a new name. Answers the name.
    func writeSet(_ set: VersionSet, _ manifest: inout Manifest) throws(EngineError) -> String {
        let fileName = Self.setFileName(number: manifest.takeFileNumber())
        try DurableFile.write(set.encoded, to: directory + "/" + fileName)
        return fileName
    }

    private static func setFileName(number: UInt64) -> String { "superseded-\(number)" }

    /// Changes the list of runs: new manifest first, then the view, then the files that nobody names any more go; the
    /// new ones too, when it came to nothing and the disk's manifest does not name them: tried again and again, it
    /// would fill the disk.
    func replaceRuns(
        adding added: [Run], isFlush: Bool,
        _ change: ([View.FlushedRun], inout Manifest) throws(EngineError) -> [View.FlushedRun]
    ) throws(EngineError) {
        do throws(EngineError) {
            try files.withLock { (manifest) throws(EngineError) in
                let before = currentView.runs
                var next = manifest
                let after: [View.FlushedRun]
                do throws(EngineError) {
                    after = try change(before, &next)
                    next.runs = after.map {
                        Manifest.RunLine(
                            number: $0.run.number, fileName: $0.run.fileName, liveCount: $0.liveCount,
                            supersededFileName: $0.supersededFileName)
                    }
                    try DurableFile.write(next.encoded, to: directory + "/" + Manifest.fileName)
                } catch {
                    removeSets(numbered: manifest.nextFileNumber..<next.nextFileNumber)
                    // Those that a manifest may name are not written over.
                    manifest.nextFileNumber = next.nextFileNumber
                    throw error
                }
                manifest = next
                view.withLock { $0 = $0.replacing(runs: after, droppingOldestFrozen: isFlush) }
                removeUnnamed(before: before, after: after)
            }
        } catch {
            // A manifest may name them although its writing failed at the end, or may not be read at all. They stay.
            guard let standing = Manifest(standingIn: directory) else { throw error }
            for run in added where !standing.runs.contains(where: { $0.fileName == run.fileName }) {
                run.removeWhenUnused()
            }
            throw error
        }
    }

    /// Removes the version sets of a change that came to nothing, unless the disk's manifest may name them.
    private func removeSets(numbered numbers: Range<UInt64>) {
        guard !numbers.isEmpty, let standing = Manifest(standingIn: directory) else { return }
        let named = Set(standing.runs.compactMap(\.supersededFileName))
        for fileName in numbers.map(Self.setFileName) where !named.contains(fileName) {
            _ = unsafe unlink(directory + "/" + fileName)
        }
    }

    private func removeUnnamed(before: [View.FlushedRun], after: [View.FlushedRun]) {
        let runNumbers = Set(after.map(\.run.number))
        let setNames = Set(after.compactMap(\.supersededFileName))
        for flushed in before {
            // Views that were taken earlier still read the run; its set they have in memory.
            if !runNumbers.contains(flushed.run.number) { flushed.run.removeWhenUnused() }
            if let name = flushed.supersededFileName, !setNames.contains(name) {
                _ = unsafe unlink(directory + "/" + name)
            }
        }
    }
}

extension Manifest {
    /// The number for the next new file. A number that a crash leaves unused may come again: its file is an orphan by
    /// then and removed.
    mutating func takeFileNumber() -> UInt64 {
        defer { nextFileNumber += 1 }
        return nextFileNumber
    }
}

extension RunWriter {
    /// Writes a batch's live versions as the run of a range.
    static func write(
        _ batch: DeltaBatch, range: ClosedRange<UInt64>, dropping dropped: VersionSet, path: String, pace: UpkeepPace
    ) throws(EngineError) {
        var hash = 0
        var key = 0
        var expiry = 0
        let places = batch.postings.places(without: dropped)
        var postings = FlushedPostings(places)
        try write(
            path: path, firstVersion: range.lowerBound, lastVersion: range.upperBound, capacity: batch.count,
            selection: batch.selection, pace: pace,
            hashes: { () throws(EngineError) in
                while hash < batch.hashes.count {
                    let entry = batch.hashes[hash]
                    hash += 1
                    if !dropped.contains(entry.version), !batch.tombstones.binaryContains(entry.version) {
                        return entry
                    }
                }
                return nil
            },
            keys: { () throws(EngineError) in
                while key < batch.keys.count {
                    let entry = batch.keys[key]
                    key += 1
                    if !dropped.contains(entry.version) { return entry }
                }
                return nil
            },
            postings: { (list) throws(EngineError) in postings.next(&list) }, postingCounts: places.counts,
            expiries: { () throws(EngineError) in
                while expiry < batch.expiries.count {
                    let entry = batch.expiries[expiry]
                    expiry += 1
                    if !dropped.contains(entry.version) { return entry }
                }
                return nil
            })
    }
}

/// A batch's postings as a run keeps them. One path after the other is put together and in order, in memory that the
/// one before has just let go of: fresh memory costs more than what is done in it.
private struct FlushedPostings {
    private let places: PostingPlaces
    /// The numbers of the paths that are still to come, the next one last.
    private var paths: [Int]
    private var column = PostingBatch()
    private var place = 0

    init(_ places: PostingPlaces) {
        self.places = places
        paths = places.paths.indices.sorted { places.paths[$0] > places.paths[$1] }
    }

    /// Makes `list` the next postings of a key; false at the end.
    mutating func next(_ list: inout PostingList) -> Bool {
        while place == column.postings.count {
            guard let path = paths.popLast() else { return false }
            column = PostingBatch()
            column = places.postings(ofPath: path)
            column.sort()
            place = 0
        }
        place = column.list(from: place, into: &list)
        return true
    }
}
