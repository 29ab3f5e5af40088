internal import Synchronization

/// The runs and batches of a view that hold one index, with what each walk and look-up has to know of them first.
///
/// A view keeps what was made for it (``View/parts(of:_:)``). Queries of one kind follow each other, and each would
/// count references to all runs and batches, in places that all threads share; so it counts one.
final class IndexParts: Sendable {
    struct Flushed: Sendable {
        let run: Run
        /// Whether all of its versions are live.
        let isIntact: Bool
    }

    /// The postings of one path in a batch of the delta, sorted. A class, for walks hand them on.
    final class Column: Sendable {
        let postings: PostingBatch
        /// Whether all of its versions are live.
        let isIntact: Bool

        init(postings: PostingBatch, isIntact: Bool) {
            self.postings = postings
            self.isIntact = isIntact
        }
    }

    /// Oldest first, and all older than the columns.
    let runs: [Flushed]
    /// Oldest first; those that have any posting.
    let columns: [Column]

    /// Nil where a run or batch is not indexed so.
    init?(_ view: View, _ index: OrderedIndex, _ path: IndexPathHash) {
        let batches = view.batches
        guard view.runs.allSatisfy({ $0.run.selection.covers(index) }),
            batches.allSatisfy({ $0.selection.covers(index) })
        else { return nil }
        runs = view.runs.map { Flushed(run: $0.run, isIntact: view.isIntact($0)) }
        columns = batches.compactMap { batch in
            let postings = batch.postings.column(path)
            return postings.isEmpty ? nil : Column(postings: postings, isIntact: view.isIntact(batch))
        }
    }
}

extension View {
    /// See ``PartitionSnapshot/isReadyForLookups``.
    var isReadyForLookups: Bool {
        if knownReady.load(ordering: .relaxed) { return true }
        // What is in order stays so.
        let isReady = batches.allSatisfy { $0.postings.isSplit || $0.versionCount <= Self.unsortedVersionsMax }
        if isReady { knownReady.store(true, ordering: .relaxed) }
        return isReady
    }

    private static let unsortedVersionsMax = 512

    /// The batches of all deltas, oldest first.
    var batches: [DeltaBatch] {
        frozen.isEmpty ? active.batches : (frozen + [active]).flatMap(\.batches)
    }

    /// Whether all versions in a run are live.
    func isIntact(_ flushed: FlushedRun) -> Bool {
        flushed.liveCount == flushed.run.entryCount
            && !batches.contains { $0.supersedesAny(of: flushed.run.firstVersion...flushed.run.lastVersion) }
    }

    /// Whether all versions in a batch but tombstones are live.
    func isIntact(_ batch: DeltaBatch) -> Bool {
        !batches.contains { $0.supersedesAny(of: batch.firstVersion...batch.lastVersion) }
    }
}

extension DeltaBatch {
    fileprivate func supersedesAny(of versions: ClosedRange<UInt64>) -> Bool {
        let index = superseded.firstIndex(notBefore: versions.lowerBound)
        return index < superseded.count && superseded[index] <= versions.upperBound
    }
}
