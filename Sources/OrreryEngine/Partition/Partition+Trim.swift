internal import Synchronization

/// Trimming: sealed segments are written anew without versions that nobody may ask for any more.
///
/// A version may go once another took its place, a delete once it stands, both when that is older than the retention
/// and covered by runs. What is left keeps its number. A version whose superseder goes is noted in the table of the
/// superseder's segment, so that a rebuilding of the runs does not take it for live.
///
/// What lies behind the places that readers keep (`HistoryPlace`) stays until they have read it, but no more of the log
/// than the configuration allows: a reader that never comes back must not fill the disk.
extension Partition {
    /// The last version that may have been trimmed, or lack what it superseded: the history is whole behind it. To be
    /// asked after a snapshot was taken.
    public var trimmedVersion: UInt64 { trimmed.load(ordering: .acquiring) }

    /// Says how long superseded versions stay; nil for as long as the store's configuration says.
    public func changeRetention(toMilliseconds milliseconds: Int64?) {
        retentionMilliseconds.store(milliseconds ?? configuration.retentionMilliseconds, ordering: .relaxed)
        scheduleTrim()
    }

    /// Has the log trimmed where that is due, after merges that wait.
    func scheduleTrim() {
        guard currentView.segments.count > 1, pressure.withLock({ $0.trimming.schedule() }) else { return }
        pools.mergers.submit {
            self.pressure.withLock { $0.trimming.begin() }
            var isWaiting = false
            let flushedVersion = self.files.withLock { $0.flushedVersion }
            do throws(EngineError) {
                isWaiting = try self.trim()
            } catch {
                // The log stays as it is, longer than it need.
                if error != .closed {
                    self.configuration.observer?.maintenanceFailed("trimming in \(self.directory): \(error.message)")
                }
            }
            self.pressure.withLock { $0.trimming.end() }
            if self.isEnding { return }
            if self.files.withLock({ $0.flushedVersion }) > flushedVersion {
                // Who flushed meanwhile found this one at work.
                self.scheduleTrim()
            } else if isWaiting {
                self.scheduleTrimLater()
            }
        }
    }

    /// Has the log stay as it is while it is copied; returns once no trimming is under way.
    func pauseTrimming() {
        isTrimPaused.store(true, ordering: .releasing)
        let isPast = Monitor(false)
        // One thread does all of it, in turn.
        guard pools.mergers.submit({ isPast.withLock { $0 = true } }) else { return }
        isPast.wait { $0 ? () : nil }
    }

    func resumeTrimming() {
        isTrimPaused.store(false, ordering: .releasing)
        scheduleTrim()
    }

    /// Looks again when what is dead by now will be past the retention. The partition may be closed by then.
    private func scheduleTrimLater() {
        let milliseconds = max(1000, retentionMilliseconds.load(ordering: .relaxed) / 4)
        pools.timer.submit(afterMilliseconds: Int(clamping: milliseconds)) { [recall] in
            recall.partition?.scheduleTrim()
        }
    }

    /// Whether a trimming may begin or go on.
    var mayTrim: Bool { !isEnding && !isTrimPaused.load(ordering: .acquiring) }

    /// Trims the segments where it is worth the while. Answers whether others will be once the retention is over.
    private func trim() throws(EngineError) -> Bool {
        guard mayTrim else { return false }
        let view = currentView
        let worthwhile = view.segments.dropLast().filter { isWorthTrimming($0, view) }
        if worthwhile.isEmpty { return false }
        let retention = retentionMilliseconds.load(ordering: .relaxed)
        let time = configuration.clock().subtractingReportingOverflow(max(0, retention))
        let horizon = min(
            time.overflow ? 0 : try view.lastVersion(from: 0) { $0.timestampMilliseconds < time.partialValue },
            files.withLock { $0.flushedVersion }, try unheldVersion(view))
        let old = worthwhile.filter { $0.lastVersion ?? .max <= horizon }
        if let first = old.first {
            let pace = trimPace()
            let superseded = try supersededVersions(view, after: first.firstVersion - 1, through: horizon, pace)
            let tableVersion = writtenCheckpoints.withLock { $0.version }
            for segment in old {
                guard mayTrim else { throw .closed }
                try trim(
                    segment, superseded: superseded, checkpointsThrough: tableVersion, horizon: horizon, pace: pace)
            }
        }
        return old.count < worthwhile.count
    }

    /// The last version that no reader holds.
    private func unheldVersion(_ view: View) throws(EngineError) -> UInt64 {
        // As the log has them: what is in memory only, a crash may take back.
        let least = writtenCheckpoints.withLock { table in
            table.values.filter { $0.key.suffix(HistoryPlace.keySuffix.count).elementsEqual(HistoryPlace.keySuffix) }
                .compactMap { HistoryPlace(text: $0.value)?.lsn }.min()
        }
        guard let least else { return .max }
        let place = try view.lastVersion(from: min(least, view.lsn)) { $0.lsn <= least }
        var heldBytes = 0
        for segment in view.segments.reversed() {
            heldBytes += segment.usedBytes
            if heldBytes > configuration.heldHistoryBytesMax { return max(place, segment.lastVersion ?? 0) }
        }
        return place
    }

    /// Whether enough of a segment's records are superseded, as the runs know it.
    private func isWorthTrimming(_ segment: LogSegment, _ view: View) -> Bool {
        guard let last = segment.lastVersion else { return false }
        let dead = view.runs.reduce(0) { $0 + $1.superseded.count(in: segment.firstVersion...last) }
        // Of those that are left it is a smaller share than of all, which need not be counted.
        guard dead > 0, UInt64(dead) * 100 >= (last - segment.firstVersion + 1) * UInt64(configuration.trimPercentMin)
        else { return false }
        let counts = segment.versionCounts
        return (dead - counts.trimmed) * 100 >= counts.present * configuration.trimPercentMin
    }

    /// The versions that others took the place of, in some part of the log.
    private func supersededVersions(
        _ view: View, after version: UInt64, through last: UInt64, _ pace: UpkeepPace
    ) throws(EngineError) -> VersionSet {
        var superseded = VersionSet()
        for segment in view.segments { superseded.formUnion(segment.dead) }
        var end: EngineError?
        _ = try view.walkLog(after: version) { record in
            do throws(EngineError) { try pace.breathe() } catch { end = error }
            guard end == nil, record.header.version <= last else { return false }
            if record.header.previousVersion > 0 { superseded.insert(record.header.previousVersion) }
            return true
        }
        if let end { throw end }
        return superseded
    }

    private func trim(
        _ segment: LogSegment, superseded: VersionSet, checkpointsThrough tableVersion: UInt64, horizon: UInt64,
        pace: UpkeepPace
    ) throws(EngineError) {
        let view = currentView
        let number = files.withLock { $0.takeFileNumber() }
        var left: [UInt64] = []
        let copy = try LogSegment(
            trimming: segment, to: LogSegment.fileName(number: number), in: directory,
            keeps: { (record: borrowing LogRecord) throws(EngineError) in
                try pace.breathe()
                let header = record.header
                let goes = switch header.operation {
                case .create, .replace: superseded.contains(header.version)
                case .delete, .expire, .elsewhere: true
                case .checkpoint: header.version <= tableVersion
                }
                if goes, header.previousVersion > 0, header.previousVersion < segment.firstVersion {
                    left.append(header.previousVersion)
                }
                return !goes
            },
            dead: { () throws(EngineError) in
                // What was trimmed since need not be remembered.
                var dead = VersionSet()
                for version in left + segment.dead.versions {
                    try pace.breathe()
                    if try view.withRecord(version, { _ in true }) ?? false { dead.insert(version) }
                }
                return dead
            })
        do throws(EngineError) {
            try files.withLock { (manifest) throws(EngineError) in
                guard let line = manifest.segments.firstIndex(where: { $0.fileName == segment.fileName }) else {
                    throw .closed
                }
                var next = manifest
                next.segments[line].fileName = copy.fileName
                next.trimmedVersion = max(next.trimmedVersion, horizon)
                try DurableFile.write(next.encoded, to: directory + "/" + Manifest.fileName)
                manifest = next
                // First this, then the view: whoever takes the new view must know what it lacks.
                trimmed.store(next.trimmedVersion, ordering: .releasing)
                self.view.withLock { $0 = $0.replacing(segment, with: copy) }
            }
        } catch {
            // A manifest may name the copy although its writing failed at the end. Then both files stay.
            if files.withLock({ $0.isStanding(in: directory) }) { copy.removeWhenUnused() }
            throw error
        }
        segment.removeWhenUnused()
        configuration.observer?.logTrimmed(bytes: segment.usedBytes - copy.usedBytes)
    }
}
