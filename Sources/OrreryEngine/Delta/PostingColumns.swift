internal import OrreryKeys
internal import Synchronization

/// The postings of a delta batch, put in order when somebody asks: a path at a time for queries, all for a flush.
///
/// A commit only hands its postings over, and merging two batches only puts their lists together. So what nobody asks
/// for is sorted once, when it is flushed, and a query sorts the paths that it asks for. Answers stay the same: this is
/// a cache of an order, and all else is immutable.
final class PostingColumns: Sendable {
    private struct State {
        /// In the order of their versions. Emptied once they are split into columns.
        var parts: [PostingBatch]
        var columns: [PostingBatch] = []
        var places: [UInt64: Int] = [:]
    }

    private let state: Mutex<State>

    init(_ parts: [PostingBatch]) {
        state = Mutex(State(parts: parts))
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
        state.withLock { state in state.columns.isEmpty ? state.parts : state.columns }
    }

    /// The postings of one path, sorted.
    func column(_ path: IndexPathHash) -> PostingBatch {
        state.withLock { state in
            Self.split(&state)
            guard let place = state.places[path.value] else { return PostingBatch() }
            state.columns[place].sort()
            return state.columns[place]
        }
    }

    /// The postings of every path, sorted, in the order of the paths' hashes.
    func sortedColumns() -> [PostingBatch] {
        state.withLock { state in
            Self.split(&state)
            return state.places.sorted { $0.key < $1.key }.map { _, place in
                state.columns[place].sort()
                return state.columns[place]
            }
        }
    }

    /// Splits the parts by path. Documents of a kind have their paths in the same order, so the column after the last
    /// one is tried first.
    private static func split(_ state: inout State) {
        guard !state.parts.isEmpty else { return }
        let parts = state.parts
        state.parts = []
        var paths: [UInt64] = []
        var successors: [Int] = []
        for part in parts {
            var previous = 0
            for entry in part.postings {
                var place = previous < successors.count ? successors[previous] : paths.count
                if place >= paths.count || paths[place] != entry.path {
                    if let found = state.places[entry.path] {
                        place = found
                    } else {
                        place = paths.count
                        paths.append(entry.path)
                        successors.append(place + 1)
                        state.columns.append(PostingBatch())
                        state.places[entry.path] = place
                    }
                    if previous < successors.count { successors[previous] = place }
                }
                state.columns[place].append(entry, of: part)
                previous = place
            }
        }
    }
}
