internal import OrreryKeys
internal import Synchronization

/// The postings of a delta batch, put in order when somebody asks: a path at a time for queries, all for a flush.
///
/// A commit only hands its postings over, and merging two batches only puts their lists together. So what nobody asks
/// for is sorted once, when it is flushed, and a query sorts the paths that it asks for. Answers stay the same: this is
/// a cache of an order, and all else is immutable.
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
                for entry in part.postings where !versions.contains(entry.version) { rest.append(entry, of: part) }
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

    /// The postings of every path, sorted, in the order of the paths' hashes.
    func sortedColumns() -> [PostingBatch] {
        split().byPath.sorted { $0.key < $1.key }.map(\.value.sortedPostings)
    }

    /// Whether they are split by path: what is left to do for a look-up is to sort one path.
    var isSplit: Bool { columns.load() != nil }

    private func split() -> Columns {
        if let columns = columns.load() { return columns }
        return unsplit.withLock { parts in
            if let columns = columns.load() { return columns }
            defer { parts = [] }
            return columns.storeIfNil(Columns(Self.columns(of: parts)))
        }
    }

    /// Splits the parts by path. Columns are counted before they are filled: one that grows is copied again and again.
    private static func columns(of parts: [PostingBatch]) -> [UInt64: Column] {
        var places = ColumnPlaces()
        places.reserveCapacity(parts.reduce(0) { $0 + $1.postings.count })
        for part in parts {
            for entry in part.postings { places.add(entry) }
        }
        var columns = places.sizes.map { PostingBatch(capacity: $0.postings, tailBytes: $0.tailBytes) }
        var number = 0
        for part in parts {
            for entry in part.postings {
                columns[Int(places.ofEntries[number])].append(entry, of: part)
                number += 1
            }
        }
        return places.ofPaths.mapValues { Column(columns[$0]) }
    }
}

/// Which column each posting goes to. Documents of a kind have their paths in the same order, so the column after the
/// last one is tried first.
private struct ColumnPlaces {
    private(set) var ofPaths: [UInt64: Int] = [:]
    private(set) var ofEntries: [UInt32] = []
    private(set) var sizes: [(postings: Int, tailBytes: Int)] = []
    private var paths: [UInt64] = []
    private var successors: [Int] = []
    private var previous = 0

    mutating func reserveCapacity(_ count: Int) {
        ofEntries.reserveCapacity(count)
    }

    mutating func add(_ entry: PostingBatch.Entry) {
        var place = previous < successors.count ? successors[previous] : paths.count
        if place >= paths.count || paths[place] != entry.path {
            place = ofPaths[entry.path] ?? addColumn(entry.path)
            successors[previous] = place
        }
        ofEntries.append(UInt32(truncatingIfNeeded: place))
        sizes[place].postings += 1
        sizes[place].tailBytes += entry.tailByteCount
        previous = place
    }

    private mutating func addColumn(_ path: UInt64) -> Int {
        paths.append(path)
        successors.append(paths.count)
        sizes.append((0, 0))
        ofPaths[path] = paths.count - 1
        return paths.count - 1
    }
}
