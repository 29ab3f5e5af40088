/// What a run holds of each path: how many postings, and how many different values. Queries are planned by it.
///
/// A path of properties alone has at most one posting for each item, so its postings are the items that have it.
struct RunStatistics: Sendable, Equatable {
    struct PathCount: Sendable, Equatable {
        /// The path's hash.
        let path: UInt64
        let postingCount: UInt64
        let valueCount: UInt64
    }

    /// Ascending by path.
    private(set) var paths: [PathCount] = []

    /// Paths that are kept; of more, those with the fewest postings are left out.
    static let pathsMax = 4096

    init() {}

    /// What is known of a path; nil for one without postings, and for one that was left out.
    subscript(_ path: IndexPathHash) -> PathCount? {
        var low = 0
        var high = paths.count
        while low < high {
            let middle = (low + high) / 2
            if paths[middle].path < path.value { low = middle + 1 } else { high = middle }
        }
        return low < paths.count && paths[low].path == path.value ? paths[low] : nil
    }

    /// Three numbers for each path.
    var words: [UInt64] { paths.flatMap { [$0.path, $0.postingCount, $0.valueCount] } }

    /// Nil where the numbers are not whole, or cannot be.
    init?(words: [UInt64]) {
        guard words.count % 3 == 0 else { return nil }
        for index in words.indices where index % 3 > 0 && words[index] > Run.numberMax { return nil }
        for index in stride(from: 0, to: words.count, by: 3) {
            guard words[index + 2] <= words[index + 1], index == 0 || words[index - 3] < words[index] else {
                return nil
            }
            paths.append(
                PathCount(path: words[index], postingCount: words[index + 1], valueCount: words[index + 2]))
        }
    }

    /// Counts postings as they are written, in order.
    struct Collector {
        /// That of the postings that were added last.
        private(set) var path: UInt64 = 0
        private var postingCount: UInt64 = 0
        private var valueCount: UInt64 = 0
        private var paths: [PathCount] = []

        mutating func add(_ list: PostingList) {
            if list.isNewKey {
                // A key that cannot be, in pages that others changed, is of no path.
                let isWhole = list.key.count >= MemoryLayout<UInt64>.size
                let nextPath = isWhole ? list.key.span.bigEndian(at: 0, as: UInt64.self) : 0
                if nextPath != path { closePath() }
                path = nextPath
                valueCount += 1
            }
            postingCount += UInt64(list.versions.count)
        }

        private mutating func closePath() {
            if postingCount > 0 {
                paths.append(PathCount(path: path, postingCount: postingCount, valueCount: valueCount))
            }
            (postingCount, valueCount) = (0, 0)
        }

        consuming func finished() -> RunStatistics {
            closePath()
            var statistics = RunStatistics()
            if paths.count > RunStatistics.pathsMax {
                paths.sort { $0.postingCount > $1.postingCount }
                paths.removeLast(paths.count - RunStatistics.pathsMax)
                paths.sort { $0.path < $1.path }
            }
            statistics.paths = paths
            return statistics
        }
    }
}
