internal import Synchronization

/// How a partition that a split makes comes to its items: it takes over the log of the one before it, version by
/// version, and flushes and merges as any other. Nobody knows of it meanwhile, so nothing else writes to it.
extension Partition {
    /// Takes over the next versions; they are durable and indexed when this returns.
    func adopt(_ versions: consuming AdoptedVersions) throws(EngineError) {
        guard !versions.records.isEmpty else { return }
        guard let segment = currentView.segments.last else { throw .closed }
        var marks = marks.withLock { $0 }
        // The numbers of documents stay: they carry the number of the range in which they were given.
        marks.version = versions.marks.version
        marks.lsn = versions.marks.lsn
        marks.timestampMilliseconds = max(marks.timestampMilliseconds, versions.marks.timestampMilliseconds)
        try segment.append(LogGroup(versions))
        index(versions.batch(), lsn: marks.lsn)
        self.marks.withLock { $0 = marks }
        sealIfFull(segment)
    }

    /// Takes over a whole segment: those of its versions that are this partition's, under their numbers. They are
    /// durable and indexed when this returns.
    /// - Parameters:
    ///   - end: the numbers given by the end of the segment.
    ///   - ownHeader: a record's header as it is to be indexed; nil for what is not this partition's.
    func adopt(
        _ source: LogSegment, until end: LogSegment.Marks, _ ownHeader: (borrowing LogRecord) -> LogHeader?
    ) throws(EngineError) {
        guard let empty = currentView.segments.last, empty.lastVersion == nil,
            empty.firstVersion == source.firstVersion
        else { throw .damaged("\(directory) has no place for \(source.path)") }
        let fileName = files.withLock { LogSegment.fileName(number: $0.takeFileNumber()) }
        let indexing = indexing
        var builder = DeltaBatchBuilder(indexing)
        var lsn: UInt64 = 0
        let copy = try LogSegment(
            trimming: source, to: fileName, in: directory,
            keeps: { (record: borrowing LogRecord) throws(EngineError) in
                guard let header = ownHeader(record) else { return false }
                if builder.count >= Self.adoptedBatchVersions, header.lsn != lsn {
                    if let failure = waitForRoom() { throw .storage(failure) }
                    index(builder.finished(), lsn: lsn)
                    builder = DeltaBatchBuilder(indexing)
                }
                lsn = header.lsn
                builder.add(
                    header, hash: hashing.hash(record), order: KeyOrder(record.effectiveKey),
                    entries: indexing.entries(of: record))
                return true
            },
            // What is dead by others that were trimmed is not taken over.
            dead: { () throws(EngineError) in VersionSet() })
        do throws(EngineError) {
            try replace(empty, with: copy, until: end)
        } catch {
            copy.removeWhenUnused()
            throw error
        }
        index(builder.finished(), lsn: end.lsn)
    }

    private static let adoptedBatchVersions = 4096

    /// Puts a segment in the place of the last one, which is empty, and begins another behind it.
    private func replace(
        _ empty: LogSegment, with copy: LogSegment, until end: LogSegment.Marks
    ) throws(EngineError) {
        var marks = end
        // The numbers of documents are a range's own.
        marks.documentNumber = self.marks.withLock { $0.documentNumber }
        try files.withLock { (manifest) throws(EngineError) in
            var next = manifest
            let line = Manifest.SegmentLine(
                firstVersion: marks.version + 1, fileName: LogSegment.fileName(number: next.takeFileNumber()))
            next.segments.removeLast()
            next.segments += [Manifest.SegmentLine(firstVersion: copy.firstVersion, fileName: copy.fileName), line]
            let segment = try LogSegment(
                making: line.fileName, in: directory, firstVersion: line.firstVersion, marks: marks)
            try DurableFile.write(next.encoded, to: directory + "/" + Manifest.fileName)
            manifest = next
            view.withLock { $0 = $0.replacing(empty, with: copy).appending(segment) }
        }
        self.marks.withLock { $0 = marks }
        empty.removeWhenUnused()
    }

    /// Shows versions to the flusher and to whoever will read them.
    private func index(_ batch: DeltaBatch?, lsn: UInt64) {
        let growth = batch.map { currentView.growth($0, freezingAt: configuration.deltaVersionsMax) }
        view.withLock { view in
            view = view.appending(growth ?? View.Growth(active: view.active), lsn: lsn, unwritten: nil)
        }
        if growth?.frozen.isEmpty == false { scheduleFlush() }
    }

    /// Before any version is taken over: from here on the history is as whole as it is in the partition before.
    func prepare(after before: Partition) throws(EngineError) {
        isTrimPaused.store(true, ordering: .releasing)
        try files.withLock { (manifest) throws(EngineError) in
            manifest.trimmedVersion = before.trimmedVersion
            try DurableFile.write(manifest.encoded, to: directory + "/" + Manifest.fileName)
        }
        trimmed.store(before.trimmedVersion, ordering: .releasing)
    }

    /// Begins to serve in the place of a partition whose versions it has taken over, under that one's policies.
    func begin(after before: Partition) throws(EngineError) {
        let (given, taken) = (before.marks.withLock { $0 }, marks.withLock { $0 })
        guard (given.version, given.lsn) == (taken.version, taken.lsn) else {
            throw .damaged("\(before.directory) has come to version \(given.version), its copy to \(taken.version)")
        }
        change(to: before.selection.withLock { $0 })
        timeToLive = before.timeToLive
        retentionMilliseconds.store(before.retentionMilliseconds.load(ordering: .relaxed), ordering: .relaxed)
        try takeCheckpoints(of: before)
        scheduleSweep(atMilliseconds: 0)
    }
}
