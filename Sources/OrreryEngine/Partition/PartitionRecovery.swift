internal import Glibc
internal import OrreryDocuments

/// Opens a partition's folder: reads the manifest, clears orphans away, opens segments and runs, and replays the part
/// of the log that no run covers.
///
/// Runs can be rebuilt from the log, so when one is missing, damaged or of another format all are dropped and the log
/// is replayed from its start. Segments cannot: a damaged one is an error.
struct PartitionRecovery {
    struct Opened {
        var view: View
        var marks: LogSegment.Marks
        var manifest: Manifest
        var checkpoints: CheckpointTable
    }

    let directory: String
    let rangeNumber: UInt64
    /// The numbers given before a new partition's first version: more than none where a split makes it.
    let origin: LogSegment.Marks
    let hashing: ItemHash
    let indexing: IndexExtractor
    let configuration: EngineConfiguration

    /// Versions replayed into one batch.
    private static let replayBatchVersions = 4096

    func open() throws(EngineError) -> Opened {
        try Folder.make(directory)
        let path = directory + "/" + Manifest.fileName
        var manifest = Manifest()
        if let bytes = try DurableFile.read(path) {
            manifest = try Manifest(encoded: bytes, path: path)
        } else {
            try addFirstSegment(to: &manifest)
        }
        removeOrphans(manifest)
        let segments = try openSegments(manifest)
        let runs = openRuns(&manifest)
        return try replay(manifest, segments, runs)
    }

    private func addFirstSegment(to manifest: inout Manifest) throws(EngineError) {
        let line = Manifest.SegmentLine(
            firstVersion: origin.version + 1, fileName: LogSegment.fileName(number: manifest.nextFileNumber))
        manifest.nextFileNumber += 1
        manifest.segments = [line]
        // A crash while the partition was made leaves its first segment, empty. Anything more had a manifest once.
        let made = Set([line.fileName, Manifest.fileName + ".new"])
        guard made.isSuperset(of: Folder.names(directory)), try !LogSegment.hasGroups(directory + "/" + line.fileName)
        else { throw .damaged("\(directory) holds a partition, but its \(Manifest.fileName) is missing") }
        var marks = origin
        marks.documentNumber = rangeNumber << Partition.documentNumberBits
        _ = try LogSegment(making: line.fileName, in: directory, firstVersion: line.firstVersion, marks: marks)
        try DurableFile.write(manifest.encoded, to: directory + "/" + Manifest.fileName)
    }

    private func removeOrphans(_ manifest: Manifest) {
        var named = Set([Manifest.fileName, CheckpointTable.fileName, TimelineFile.name])
        for segment in manifest.segments { named.insert(segment.fileName) }
        for run in manifest.runs {
            named.insert(run.fileName)
            if let name = run.supersededFileName { named.insert(name) }
        }
        for name in Folder.names(directory) where !named.contains(name) {
            _ = unsafe unlink(directory + "/" + name)
        }
    }

    private func openSegments(_ manifest: Manifest) throws(EngineError) -> [LogSegment] {
        var segments: [LogSegment] = []
        for line in manifest.segments {
            guard unsafe access(directory + "/" + line.fileName, R_OK | W_OK) == 0 else {
                throw .damaged("the log segment \(directory)/\(line.fileName) is missing or cannot be read and written")
            }
            segments.append(
                try LogSegment(
                    opening: line.fileName, in: directory, firstVersion: line.firstVersion,
                    isLast: line == manifest.segments.last))
        }
        try checkForGaps(segments)
        return segments
    }

    /// A segment that ends before the next one begins has lost versions, a later or an older copy of its file perhaps.
    private func checkForGaps(_ segments: [LogSegment]) throws(EngineError) {
        for (segment, next) in zip(segments, segments.dropFirst()) {
            let end = segment.lastVersion ?? segment.firstVersion &- 1
            guard end &+ 1 == next.firstVersion else {
                throw .damaged(
                    "\(directory)/\(segment.fileName) ends at version \(end), not before \(next.firstVersion)")
            }
        }
    }

    private func openRuns(_ manifest: inout Manifest) -> [View.FlushedRun] {
        do throws(EngineError) {
            var runs: [View.FlushedRun] = []
            for line in manifest.runs { runs.append(try openRun(line)) }
            return runs
        } catch {
            manifest.runs = []
            manifest.flushedVersion = 0
            return []
        }
    }

    private func openRun(_ line: Manifest.RunLine) throws(EngineError) -> View.FlushedRun {
        let run = try Run(directory: directory, number: line.number, fileName: line.fileName)
        var superseded = VersionSet()
        if let name = line.supersededFileName {
            guard let bytes = try DurableFile.read(directory + "/" + name),
                let set = VersionSet(encoded: bytes.span)
            else { throw .damaged("\(directory)/\(name) is no whole version set") }
            superseded = set
        }
        return View.FlushedRun(
            run: run, superseded: superseded, liveCount: line.liveCount, supersededFileName: line.supersededFileName)
    }

    // MARK: Replay

    private func replay(
        _ manifest: Manifest, _ segments: [LogSegment], _ runs: [View.FlushedRun]
    ) throws(EngineError) -> Opened {
        // The marks of the newest segment hold for every number given before it was made.
        var marks = segments.last?.marks ?? LogSegment.Marks()
        marks.documentNumber = max(marks.documentNumber, manifest.documentNumber)
        var frozen: [Delta] = []
        var active = Delta()
        var builder = DeltaBatchBuilder(indexing)
        var previousLSN: UInt64 = 0

        func closeBatch() {
            guard let batch = builder.finished() else { return }
            builder = DeltaBatchBuilder(indexing)
            active.append(batch)
        }

        // A replay over an empty tail still needs the last record's LSN and time.
        let logEnd = lastVersion(segments) ?? 0
        // Were this let pass, the numbers after the log's end would be given again.
        guard manifest.flushedVersion <= max(logEnd, marks.version) else {
            throw .damaged("the log in \(directory) ends at version \(logEnd), but more were flushed from it")
        }
        let start = min(manifest.flushedVersion, max(logEnd, 1) - 1)
        // Up to the trimmed version one may be there whose superseder is not. Runs cover it, unless they were lost and
        // are not all made again.
        let dead = manifest.flushedVersion < manifest.trimmedVersion
            ? try Self.deadVersions(segments) : VersionSet()
        let firstSegment = segments.lastIndex { $0.firstVersion <= start + 1 } ?? 0
        for segment in segments[firstSegment...] {
            _ = try segment.walk(after: start) { record in
                var header = record.header
                let isCovered = header.version <= manifest.flushedVersion || header.operation.isOfNoItem
                if !isCovered, dead.contains(header.version) {
                    builder.add(dead: header, order: KeyOrder(record.effectiveKey))
                } else if !isCovered {
                    // It may have superseded what was trimmed, or what was left behind when the log was split.
                    if !Self.contains(header.previousVersion, segments) { header.previousVersion = 0 }
                    // Deltas end between LSNs.
                    if header.lsn != previousLSN {
                        if builder.count >= Self.replayBatchVersions { closeBatch() }
                        if active.count + builder.count >= configuration.deltaVersionsMax {
                            closeBatch()
                            frozen.append(active)
                            active = Delta()
                        }
                    }
                    builder.add(
                        header, hash: hashing.hash(record), order: KeyOrder(record.effectiveKey),
                        entries: indexing.entries(of: record))
                }
                previousLSN = header.lsn
                marks.version = max(marks.version, header.version)
                marks.lsn = max(marks.lsn, header.lsn)
                marks.documentNumber = max(marks.documentNumber, header.documentNumber)
                marks.timestampMilliseconds = max(marks.timestampMilliseconds, header.timestampMilliseconds)
                return true
            }
        }
        closeBatch()
        let view = View(lsn: marks.lsn, segments: segments, runs: runs, frozen: frozen, active: active)
        return Opened(
            view: view, marks: marks, manifest: manifest,
            checkpoints: try readCheckpoints(segments, isTrimmed: manifest.trimmedVersion > 0))
    }

    /// The versions that are dead by others that were trimmed, and those that they superseded in their time.
    static func deadVersions(_ segments: [LogSegment]) throws(EngineError) -> VersionSet {
        var dead = VersionSet()
        var waiting = segments.flatMap(\.dead.versions)
        while let version = waiting.popLast() {
            guard dead.insert(version), let segment = segments.last(where: { $0.firstVersion <= version }) else {
                continue
            }
            let previous = try segment.withRecord(version) { $0.header.previousVersion }
            if let previous, previous > 0 { waiting.append(previous) }
        }
        return dead
    }

    private static func contains(_ version: UInt64, _ segments: [LogSegment]) -> Bool {
        segments.last { $0.firstVersion <= version }?.contains(version) ?? false
    }

    private func lastVersion(_ segments: [LogSegment]) -> UInt64? {
        segments.last { $0.lastVersion != nil }?.lastVersion
    }
}
