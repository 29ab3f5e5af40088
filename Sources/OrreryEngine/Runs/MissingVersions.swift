internal import Synchronization

/// Remembers which of a run's versions lack a path. An order by the path begins or ends with them.
final class MissingVersionsCache: Sendable {
    private let lists = Mutex<[IndexPathHash: [UInt64]]>([:])

    /// Longer lists are made anew each time, and a run keeps no more lists than this.
    private static let versionsMax = 1 << 17
    private static let listsMax = 8

    func list(
        of path: IndexPathHash, _ make: () throws(EngineError) -> [UInt64]
    ) throws(EngineError) -> [UInt64] {
        if let known = lists.withLock({ $0[path] }) { return known }
        let made = try make()
        if made.count <= Self.versionsMax {
            lists.withLock { lists in
                if lists.count >= Self.listsMax { lists.removeAll() }
                lists[path] = made
            }
        }
        return made
    }
}

extension Run {
    /// Whether it is known that none of its versions lacks a path.
    func hasAll(_ path: IndexPathHash) -> Bool {
        statistics[path].map { $0.postingCount == UInt64(entryCount) } ?? false
    }

    /// The versions that lack a path, ascending. They may be superseded since.
    /// - Parameter path: a path of properties that is indexed.
    func versions(lacking path: IndexPathHash) throws(EngineError) -> [UInt64] {
        if hasAll(path) { return [] }
        return try missing.list(of: path) { () throws(EngineError) in
            var all: [UInt64] = []
            let lowest = KeyOrder(high: 0, low: 0)
            try versions(within: lowest...KeyOrder(high: .max, low: .max), after: 0, into: &all)
            let having = try versions(PostingRange(path, .first...(.last)), after: 0)
            return all.sorted().subtracting(sorted: having.sorted())
        }
    }
}

extension DeltaBatch {
    /// Whether none of its versions lacks a path.
    func hasAll(_ path: IndexPathHash) -> Bool {
        postings.column(path).range(.first...(.last)).count == keys.count
    }

    /// The versions that lack a path, ascending. They may be superseded.
    func versions(lacking path: IndexPathHash) -> [UInt64] {
        if hasAll(path) { return [] }
        let column = postings.column(path)
        let having = column.range(.first...(.last))
        return keys.map(\.version).sorted()
            .subtracting(sorted: having.map { column.postings[$0].version }.sorted())
    }
}

extension [UInt64] {
    /// What another list lacks; both are ascending.
    func subtracting(sorted other: [UInt64]) -> [UInt64] {
        var result: [UInt64] = []
        var index = 0
        for version in self {
            while index < other.count, other[index] < version { index += 1 }
            if index == other.count || other[index] != version { result.append(version) }
        }
        return result
    }
}
