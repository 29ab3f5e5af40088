internal import OrreryLMDB

/// Filters over the values of a run's paths whose values are mostly unique: most runs lack such a value, and one that
/// surely lacks it is passed over without a look at its postings.
///
/// Where they stand in the file they are read, so that they take no memory of their own and nothing is read of them
/// before they are asked.
struct ValueFilters: Sendable {
    /// The paths' hashes, ascending, and their filters.
    private var paths: [UInt64] = []
    private var filters: [MappedBytes] = []

    /// Opens those of a run; a run that was written before there were any has none.
    ///
    /// - Returns: nil where one is not whole.
    init?(_ environment: Environment) throws(LMDBError) {
        guard let table = try environment.existingDatabase(Run.filtersName) else { return }
        let transaction = try environment.read()
        var cursor = try transaction.cursor(table)
        var more = try cursor.first()
        while more {
            let key = [UInt8](copying: cursor.key)
            guard key.count == MemoryLayout<UInt64>.size, let filter = try environment.mappedValue(table, key.span),
                BloomFilter.isWhole(byteCount: filter.count)
            else { return nil }
            paths.append(key.span.bigEndian(at: 0, as: UInt64.self))
            filters.append(filter)
            more = try cursor.next()
        }
    }

    /// Whether the run may have what a range asks for.
    func mayContain(_ range: PostingRange) -> Bool {
        guard let hash = range.valueHash else { return true }
        let place = paths.firstIndex(notBefore: range.path.value)
        guard place < paths.count, paths[place] == range.path.value else { return true }
        return filters[place].withSpan { BloomFilter.mayContain(hash, in: $0) }
    }

    /// The hash of a posting's key. The path is in it, and that is a hash under the store's secret: nobody can choose
    /// values that meet.
    static func hash(ofKey key: Span<UInt8>) -> UInt64 {
        var checksum = Checksum(seed: 0)
        checksum.addOverlapping(key)
        return checksum.value
    }
}

extension ValueFilters {
    /// Whether a path gets a filter. One in five postings may repeat a value of the run: values that are spread evenly
    /// over many runs are missing in 63 of 100 runs then, and in fewer where more are repeated. A filter of few values
    /// would take more for its place in the file than for them.
    static func areWorthwhile(values: Int, postings: Int) -> Bool {
        values >= valuesMin && values >= postings - repeatsMax(postings)
    }

    /// How many postings runs have together, of the paths that may have a filter when they are one. What several of
    /// them repeat of each other is only known then.
    static func postingCounts(ofMerged runs: [RunStatistics]) -> [UInt64: Int] {
        var counts: [UInt64: (values: Int, postings: Int)] = [:]
        for path in runs.lazy.flatMap(\.paths) {
            counts[path.path, default: (0, 0)].values += Int(clamping: path.valueCount)
            counts[path.path, default: (0, 0)].postings += Int(clamping: path.postingCount)
        }
        return counts.filter { areWorthwhile(values: $1.values, postings: $1.postings) }.mapValues(\.postings)
    }

    private static let valuesMin = 64

    private static func repeatsMax(_ postings: Int) -> Int { postings / 5 }

    /// A filter is no larger than for so many values, 16 MiB, which bounds what a merge holds of it in memory. With
    /// twice as many 6 in 100 look-ups are false alarms.
    private static let capacityMax = (16 << 23) / BloomFilter.bitsPerEntry

    /// Makes the filter of one path, of its postings as they are written.
    struct Builder {
        /// The most postings that repeat a value; of a path without a filter there may be none.
        private var repeatsMax = -1
        private var capacity = 0
        private var valueCount = 0
        private var postingCount = 0
        /// Hashes that are not in the filter yet, which is made for the first of them.
        private var hashes: [UInt64] = []
        private var filter: BloomFilter?

        private static let hashesMax = 4096

        /// Begins with another path.
        /// - Parameters:
        ///   - key: the first of its keys.
        ///   - expected: about how many postings it has; where there are more its filter is fuller. Nil where it gets
        ///     none.
        mutating func begin(_ key: [UInt8], expecting expected: Int?) {
            (repeatsMax, valueCount, postingCount) = (-1, 0, 0)
            hashes.removeAll(keepingCapacity: true)
            filter = nil
            // Places in composite indexes are long, and mostly asked for by their beginnings.
            guard let expected, key.count >= PostingKey.valueStart, key[PostingKey.valueStart - 1] != CompositeIndex.tag
            else { return }
            repeatsMax = ValueFilters.repeatsMax(expected)
            capacity = min(expected, ValueFilters.capacityMax)
        }

        /// Adds postings of the path.
        mutating func add(_ list: PostingList) {
            guard repeatsMax >= 0 else { return }
            postingCount += list.versions.count
            if list.isNewKey {
                valueCount += 1
                hashes.append(ValueFilters.hash(ofKey: list.key.span))
                if hashes.count == Self.hashesMax { drain() }
            }
            if postingCount - valueCount > repeatsMax { repeatsMax = -1 }
        }

        private mutating func drain() {
            var grown = filter.take() ?? BloomFilter(capacity: capacity)
            grown.insert(hashes.span)
            filter = grown
            hashes.removeAll(keepingCapacity: true)
        }

        /// Ends the path. Answers its filter, where it is worthwhile.
        mutating func end() -> BloomFilter? {
            guard repeatsMax >= 0, ValueFilters.areWorthwhile(values: valueCount, postings: postingCount) else {
                return nil
            }
            drain()
            return filter.take()
        }
    }
}
