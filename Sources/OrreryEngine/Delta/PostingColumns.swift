internal import OrreryKeys
internal import Synchronization

/// The postings of a delta batch, put in order when somebody asks for a path.
///
/// A commit only hands its postings over, and merging two batches only puts their lists together. So what nobody asks
/// for is sorted once, when it is flushed, and a query sorts the paths that it asks for. Answers stay the same: this is
/// a cache of an order, and all else is immutable. A flush goes past it, for what it sorts it needs once.
final class PostingColumns: Sendable {
    /// The postings of one path.
    private final class Column: Sendable {
        private let kept: Mutex<PostingBatch>
        private let sorted = LazyReference<SortedColumn>()

        init(_ postings: PostingBatch) {
            kept = Mutex(postings)
        }

        /// In the order in which they are kept now.
        var postings: PostingBatch { kept.withLock { $0 } }

        /// Sorted, now or before. Many queries may ask at once, and only the first ones wait.
        var sortedPostings: PostingBatch {
            if let sorted = sorted.load() { return sorted.postings }
            let postings = kept.withLock { postings in
                postings.sort()
                return postings
            }
            return sorted.storeIfNil(SortedColumn(postings)).postings
        }
    }

    private final class SortedColumn: Sendable {
        let postings: PostingBatch

        init(_ postings: PostingBatch) {
            self.postings = postings
        }
    }

    private final class Columns: Sendable {
        let byPath: [UInt64: Column]

        init(_ byPath: [UInt64: Column]) {
            self.byPath = byPath
        }
    }

    /// In the order of their versions. Emptied once they are split into columns.
    private let unsplit: Mutex<[PostingBatch]>
    private let columns = LazyReference<Columns>()

    init(_ parts: [PostingBatch]) {
        unsplit = Mutex(parts)
    }

    /// The postings of batches that follow each other.
    static func merging(_ batches: [PostingColumns]) -> PostingColumns {
        PostingColumns(batches.flatMap(\.parts))
    }

    /// The postings without those of some versions.
    func dropping(_ versions: VersionSet) -> PostingColumns {
        PostingColumns(
            parts.compactMap { part in
                var rest = PostingBatch()
                for entry in part.postings where !versions.contains(entry.version) {
                    rest.append(entry, of: part.tails.span)
                }
                return rest.isEmpty ? nil : rest
            })
    }

    /// The postings as they are kept now, path by path or version by version.
    private var parts: [PostingBatch] {
        unsplit.withLock { parts in columns.load()?.byPath.values.map(\.postings) ?? parts }
    }

    /// The postings of one path, sorted.
    func column(_ path: IndexPathHash) -> PostingBatch {
        split().byPath[path.value]?.sortedPostings ?? PostingBatch()
    }

    /// Where the postings of each path stand, but for those of some versions.
    func places(without dropped: VersionSet) -> PostingPlaces { PostingPlaces(parts, without: dropped) }

    /// Whether they are split by path: what is left to do for a look-up is to sort one path.
    var isSplit: Bool { columns.load() != nil }

    private func split() -> Columns {
        if let columns = columns.load() { return columns }
        return unsplit.withLock { parts in
            if let columns = columns.load() { return columns }
            defer { parts = [] }
            let places = PostingPlaces(parts)
            let byPath = places.paths.enumerated().map { ($1, Column(places.postings(ofPath: $0))) }
            return columns.storeIfNil(Columns(Dictionary(uniqueKeysWithValues: byPath)))
        }
    }
}
