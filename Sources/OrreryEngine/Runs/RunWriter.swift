internal import Glibc
internal import OrreryLMDB

/// Writes a run: its tables in order, and one flush at the end.
enum RunWriter {
    /// Writes the file. Until the manifest names it, it is an orphan that the next opening removes.
    ///
    /// - Parameters:
    ///   - hashes: gives the entries by hash, ascending, then nil.
    ///   - keys: gives the same versions by partition key, ascending, then nil.
    ///   - postings: makes its argument the next postings of the same versions, ascending, then answers false.
    ///   - expiries: gives those of the versions that say when they end by their second, ascending, then nil.
    ///   - selection: what was indexed.
    ///   - capacity: about how many entries there will be; at least as many as there are.
    ///   - postingCounts: of the paths that may get a filter, about how many postings each has.
    static func write(
        path: String, firstVersion: UInt64, lastVersion: UInt64, capacity: Int, selection: IndexSelection,
        pace: UpkeepPace,
        hashes: () throws(EngineError) -> DeltaBatch.HashEntry?,
        keys: () throws(EngineError) -> DeltaBatch.KeyEntry?,
        postings: (inout PostingList) throws(EngineError) -> Bool, postingCounts: [UInt64: Int],
        expiries: () throws(EngineError) -> ExpiryEntry?
    ) throws(EngineError) {
        _ = unsafe unlink(path)
        // Address space only, so it is generous: a version may have thousands of postings.
        let mapBytes = 64 << 30
        let environment = try EngineError.wrapping { () throws(LMDBError) in
            try Environment(path: path, mapBytes: mapBytes, databasesMax: 6, options: [.noSync, .noLock])
        }
        var bloom = BloomFilter(capacity: capacity)
        var entryCount: UInt64 = 0
        try appendBlocks(environment, Run.hashesName, pace) { () throws(EngineError) -> DeltaBatch.HashEntry? in
            guard let entry = try hashes() else { return nil }
            bloom.insert(entry.hash)
            entryCount += 1
            return entry
        }
        try appendBlocks(environment, Run.keysName, pace, keys)
        let statistics = try appendPostings(environment, pace, postings, postingCounts)
        try appendBlocks(environment, Run.expiriesName, pace, expiries)
        try EngineError.wrapping { () throws(LMDBError) in
            let meta = try environment.openDatabase(Run.metaName)
            let (headerKey, bloomKey, selectionKey) = (Run.headerKey, Run.bloomKey, Run.selectionKey)
            let statisticsKey = Run.statisticsKey
            let header = encoded([Run.formatVersion, firstVersion, lastVersion, entryCount])
            let selected = selection.encoded
            let counts = encoded(statistics.words)
            var transaction = try environment.write()
            try transaction.put(meta, key: selectionKey.span, value: selected.span)
            try transaction.put(meta, key: headerKey.span, value: header.span)
            try transaction.put(meta, key: bloomKey.span, value: bloom.bytes.span)
            try transaction.put(meta, key: statisticsKey.span, value: counts.span)
            try transaction.commit()
            try environment.sync()
        }
        try DurableFile.syncDirectory(of: path)
    }

    /// Writes a table of entries of one size: `next` gives them, ascending, then nil.
    private static func appendBlocks<Entry: RunEntry>(
        _ environment: Environment, _ name: String, _ pace: UpkeepPace, _ next: () throws(EngineError) -> Entry?
    ) throws(EngineError) {
        var table = try TableWriter(environment, name, pace: pace)
        var block: [UInt8] = []
        block.reserveCapacity(EntryBlocks<Entry>.blockBytesMax)
        while let entry = try next() {
            entry.append(to: &block)
            if block.count + Entry.byteCount > EntryBlocks<Entry>.blockBytesMax {
                try table.append(Array(block.prefix(Entry.byteCount)), block)
                block.removeAll(keepingCapacity: true)
            }
        }
        if !block.isEmpty { try table.append(Array(block.prefix(Entry.byteCount)), block) }
        try table.finish()
    }

    /// Writes the postings, and the filters over them. Answers how many each path has.
    private static func appendPostings(
        _ environment: Environment, _ pace: UpkeepPace, _ next: (inout PostingList) throws(EngineError) -> Bool,
        _ postingCounts: [UInt64: Int]
    ) throws(EngineError) -> RunStatistics {
        var writer = try PostingWriter(environment, postingCounts: postingCounts, pace: pace)
        var list = PostingList()
        while try next(&list) { try writer.append(&list) }
        return try writer.finish()
    }

    private static func encoded(_ words: [UInt64]) -> [UInt8] {
        var encoder = ByteEncoder()
        for word in words { encoder.append(word) }
        return encoder.bytes
    }
}
