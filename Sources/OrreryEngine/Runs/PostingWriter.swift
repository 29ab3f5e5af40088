internal import OrreryLMDB

/// Appends postings to a run, each key's versions in chunks, and counts them by path.
struct PostingWriter: ~Copyable {
    private var table: TableWriter
    private var statistics = RunStatistics.Collector()
    private var key: [UInt8] = []
    /// Those of the key's versions that are not in the table yet, and whether others are.
    private var chunk = VersionChunk()
    private var isContinued = false

    init(_ environment: Environment, pace: UpkeepPace) throws(EngineError) {
        table = try TableWriter(environment, Run.postingsName, options: .duplicates, pace: pace)
    }

    /// Adds postings that sort after all before.
    mutating func append(_ list: PostingList) throws(EngineError) {
        statistics.add(list)
        if list.isNewKey {
            try putChunk()
            key.replaceAll(with: list.key)
            isContinued = false
        }
        for version in list.versions where !chunk.append(version) {
            try putChunk()
            _ = chunk.append(version)
        }
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
        try table.finish()
        return statistics.finished()
    }
}
