internal import OrreryLMDB

/// Appends postings to a run, each key's versions in chunks, counts them by path, and makes the paths' filters.
struct PostingWriter: ~Copyable {
    private var table: TableWriter
    private let filterTable: Database
    private let postingCounts: [UInt64: Int]
    private var path: UInt64 = 0
    private var filter = ValueFilters.Builder()
    private var statistics = RunStatistics.Collector()
    private var key: [UInt8] = []
    /// Those of the key's versions that are not in the table yet, and whether others are.
    private var chunk = VersionChunk()
    private var isContinued = false

    init(_ environment: Environment, postingCounts: [UInt64: Int], pace: UpkeepPace) throws(EngineError) {
        let filterTable = try EngineError.wrapping { () throws(LMDBError) in
            try environment.openDatabase(Run.filtersName)
        }
        table = try TableWriter(environment, Run.postingsName, options: .duplicates, pace: pace)
        self.filterTable = filterTable
        self.postingCounts = postingCounts
    }

    /// Adds postings that sort after all before. Takes the room of their key, for the list's next one.
    mutating func append(_ list: inout PostingList) throws(EngineError) {
        statistics.add(list)
        if statistics.path != path {
            try putFilter()
            path = statistics.path
            filter.begin(list.key, expecting: postingCounts[path])
        }
        filter.add(list)
        if list.isNewKey {
            try putChunk()
            swap(&key, &list.key)
            isContinued = false
        }
        for version in list.versions where !chunk.append(version) {
            try putChunk()
            _ = chunk.append(version)
        }
    }

    /// Puts the filter of the path that ends, where it gets one.
    private mutating func putFilter() throws(EngineError) {
        guard let filter = filter.end() else { return }
        var key: [UInt8] = []
        key.append(bigEndian: path)
        try table.append(key, filter.bytes, besideIn: filterTable)
    }

    private mutating func putChunk() throws(EngineError) {
        guard chunk.count > 0 else { return }
        chunk.close()
        try table.append(key, chunk.bytes, isNewKey: !isContinued)
        chunk.removeAll()
        isContinued = true
    }

    /// Ends it. Answers how many postings each path has.
    consuming func finish() throws(EngineError) -> RunStatistics {
        try putChunk()
        try putFilter()
        try table.finish()
        return statistics.finished()
    }
}
