internal import OrreryKeys
internal import Synchronization

/// One split: two partitions are built from the log of one that goes on serving, and then take its place.
///
/// | step | what is durable when it ends | after a crash in it |
/// |---|---|---|
/// | made | two empty folders | they are not in the catalog and removed |
/// | ``copy(isCancelled:)`` | all of the log but its end, in the children's logs | as above |
/// | ``takeOver(_:)`` | the end too, then the catalog, with the children in the parent's place | the one or the other |
/// | ``begin()`` | the parent's folder is gone | it is removed: the catalog does not have it |
///
/// The children keep versions, LSNs, timestamps and history, so that whatever names a place in the parent names the
/// same place in each of them. A split is driven by one thread.
public final class PartitionSplit {
    private let store: Store
    private let parent: Partition
    private let lower: Partition
    private let upper: Partition
    private let boundary: [UInt8]
    /// The last version that the children have, or would have were it theirs.
    private var copiedVersion: UInt64
    private let firstVersion: UInt64
    /// Versions of the parent's log that look live and are not, for what took their place was trimmed.
    private var dead = VersionSet()
    private let started = MonotonicClock.nanoseconds()
    private var heldAt: UInt64 = 0

    /// What is left when writers are made to wait for it, where they let it come to that.
    private static let tailVersionsMax = 256
    /// How often what came meanwhile is copied before writers are made to wait. Each time it is less, unless they write
    /// faster than it can be copied.
    private static let roundsMax = 16
    private static let batchVersionsMax: UInt64 = 4096
    private static let batchBytesMax = 4 << 20

    init(store: Store, parent: Partition, lower: Partition, upper: Partition, boundary: [UInt8]) {
        self.store = store
        self.parent = parent
        self.lower = lower
        self.upper = upper
        self.boundary = boundary
        firstVersion = lower.marks.withLock { $0.version }
        copiedVersion = firstVersion
    }

    /// Copies the parent's log, while it grows, until what is left is little.
    /// - Throws: `.closed` when cancelled; else what reading or writing threw. Then ``abandon()`` is due.
    public func copy(isCancelled: () -> Bool) throws(EngineError) {
        parent.pauseTrimming()
        for child in [lower, upper] { try child.prepare(after: parent) }
        dead = try PartitionRecovery.deadVersions(parent.currentView.segments)
        try copySegments(parent.currentView, isCancelled)
        for _ in 0..<Self.roundsMax {
            let count = try copy(parent.currentView, isCancelled)
            if count <= Self.tailVersionsMax { break }
        }
        // What is left to copy finds room, so that writers wait for nothing else.
        try waitForRoom()
    }

    /// Makes writers wait, copies what is left, and changes the catalog. When this returns the children can be found;
    /// ``begin()`` lets the writers go on.
    /// - Parameter bodies: what the catalog is to say of the children, the lower one first.
    /// - Throws: when all is as it was, with the writers at work again, after which ``abandon()`` is due. Where the
    ///   catalog's disk failed the parent takes no more writes, for it is not known whether it is still the one.
    public func takeOver(_ bodies: (lower: [UInt8], upper: [UInt8])) throws(EngineError) {
        heldAt = MonotonicClock.nanoseconds()
        parent.hold()
        do throws(EngineError) {
            guard parent.takesCommits else { throw .closed }
            let view = parent.currentView
            while try !copyBatch(view) {}
            for child in [lower, upper] {
                // Who finds it before the others are told must not write before they are.
                child.hold()
                try child.begin(after: parent)
            }
        } catch {
            parent.release()
            throw error
        }
        do throws(CatalogError) {
            try store.catalog.replacePartition(
                parent.rangeNumber, of: parent.container,
                by: [(lower.rangeNumber, bodies.lower), (upper.rangeNumber, bodies.upper)])
        } catch .notFound {
            parent.release()
            throw .closed
        } catch {
            let failure = EngineError.storage("the catalog, in a split: \(error)")
            parent.stop(failure)
            parent.release()
            throw failure
        }
        store.list([lower, upper])
    }

    /// Lets the writers that wait go on in the children, and the parent go. To be called once nobody who asks finds the
    /// parent any more.
    public func begin() {
        parent.giveUp(to: SplitSuccessors(lower: lower, upper: upper, boundary: boundary))
        for child in [lower, upper] {
            child.release()
            child.resumeTrimming()
        }
        let now = MonotonicClock.nanoseconds()
        parent.configuration.observer?.partitionSplit(
            versions: Int(clamping: copiedVersion - firstVersion), nanoseconds: now - started,
            heldNanoseconds: now - heldAt)
        store.retire(parent)
    }

    /// Gives the split up: the children go.
    public func abandon() {
        parent.resumeTrimming()
        for child in [lower, upper] {
            // The catalog may have them after all, where its disk failed.
            if parent.isFailed { child.close() } else { child.removeFiles() }
        }
        store.forget([lower, upper])
    }

    /// Copies what a view has beyond what was copied before. Answers how many versions that were.
    private func copy(_ view: View, _ isCancelled: () -> Bool) throws(EngineError) -> Int {
        let before = copiedVersion
        var isAtEnd = false
        while !isAtEnd {
            if isCancelled() { throw .closed }
            try waitForRoom()
            isAtEnd = try copyBatch(view)
        }
        return Int(clamping: copiedVersion - before)
    }

    /// Waits while the children's flushes and merges are too far behind.
    private func waitForRoom() throws(EngineError) {
        for child in [lower, upper] {
            if let failure = child.waitForRoom() { throw .storage(failure) }
        }
    }

    /// Copies the segments that are sealed, each as one.
    private func copySegments(_ view: View, _ isCancelled: () -> Bool) throws(EngineError) {
        let boundary = boundary
        for (segment, next) in zip(view.segments, view.segments.dropFirst()) {
            for child in [lower, upper] {
                if isCancelled() { throw .closed }
                try child.adopt(segment, until: next.marks) { record in
                    guard record.effectiveKey.precedes(boundary.span) == (child === lower) else { return nil }
                    return header(record, in: view)
                }
            }
            copiedVersion = next.firstVersion - 1
        }
    }

    /// A record's header as a child indexes it; nil for what it does not take over: versions of no item, for
    /// checkpoints are taken over as they stand at the end, and what is dead by others that were trimmed.
    private func header(_ record: borrowing LogRecord, in view: View) -> LogHeader? {
        var header = record.header
        if header.operation.isOfNoItem || dead.contains(header.version) { return nil }
        let previous = header.previousVersion
        if dead.contains(previous) || !view.contains(previous) { header.previousVersion = 0 }
        return header
    }

    /// Copies some versions. Answers whether the view has no more.
    private func copyBatch(_ view: View) throws(EngineError) -> Bool {
        var below = AdoptedVersions(lower.hashing, lower.indexing)
        var above = AdoptedVersions(upper.hashing, upper.indexing)
        let (boundary, first) = (boundary, copiedVersion)
        var (last, lsn) = (copiedVersion, UInt64(0))
        let isAtEnd = try view.walkLog(after: copiedVersion) { record in
            if record.header.lsn != lsn {
                // What a child has of one LSN it has in one batch.
                if last - first >= Self.batchVersionsMax || below.byteCount + above.byteCount >= Self.batchBytesMax {
                    return false
                }
                lsn = record.header.lsn
            }
            let header = header(record, in: view)
            let isBelow = record.effectiveKey.precedes(boundary.span)
            if let header, isBelow { below.add(record, header) } else { below.pass(record.header) }
            if let header, !isBelow { above.add(record, header) } else { above.pass(record.header) }
            last = record.header.version
            return true
        }
        try lower.adopt(below)
        try upper.adopt(above)
        copiedVersion = last
        return isAtEnd
    }
}
