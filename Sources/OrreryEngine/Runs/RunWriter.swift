internal import Glibc
internal import OrreryLMDB

/// Writes a run: entries in order, appended a few hundred thousand to a transaction, and one flush at the end.
enum RunWriter {
    /// Entries put before a transaction is committed, so that dirty pages stay bounded.
    private static let entriesPerTransaction = 200_000

    /// Writes the file. Until the manifest names it, it is an orphan that the next opening removes.
    ///
    /// - Parameters:
    ///   - hashes: gives the entries by hash, ascending, then nil.
    ///   - keys: gives the same versions by partition key, ascending, then nil.
    ///   - postings: puts the next posting of the same versions into its argument, ascending, then answers false.
    ///   - expiries: gives those of the versions that say when they end by their second, ascending, then nil.
    ///   - selection: what was indexed.
    ///   - capacity: about how many entries there will be; at least as many as there are.
    static func write(
        path: String, firstVersion: UInt64, lastVersion: UInt64, capacity: Int, selection: IndexSelection,
        hashes: () throws(EngineError) -> DeltaBatch.HashEntry?,
        keys: () throws(EngineError) -> DeltaBatch.KeyEntry?,
        postings: (inout Posting) throws(EngineError) -> Bool,
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
        try append(environment, Run.hashesName) { (posting) throws(EngineError) in
            guard let entry = try hashes() else { return false }
            bloom.insert(entry.hash)
            entryCount += 1
            posting.set(VersionKey(entry.hash).span, entry.version)
            return true
        }
        try append(environment, Run.keysName) { (posting) throws(EngineError) in
            guard let entry = try keys() else { return false }
            let key = entry.order.bytes
            posting.set(key.span, entry.version)
            return true
        }
        var collector = RunStatistics.Collector()
        try append(environment, Run.postingsName) { (posting) throws(EngineError) in
            guard try postings(&posting) else { return false }
            collector.add(posting.key)
            return true
        }
        try append(environment, Run.expiriesName) { (posting) throws(EngineError) in
            guard let entry = try expiries() else { return false }
            posting.set(VersionKey(entry.second).span, entry.version)
            return true
        }
        try EngineError.wrapping { () throws(LMDBError) in
            let meta = try environment.openDatabase(Run.metaName)
            let (headerKey, bloomKey, selectionKey) = (Run.headerKey, Run.bloomKey, Run.selectionKey)
            let statisticsKey = Run.statisticsKey
            let header = encoded([Run.formatVersion, firstVersion, lastVersion, entryCount])
            let words = encoded(bloom.words)
            let selected = selection.encoded
            let statistics = encoded(collector.finished().words)
            var transaction = try environment.write()
            try transaction.put(meta, key: selectionKey.span, value: selected.span)
            try transaction.put(meta, key: headerKey.span, value: header.span)
            try transaction.put(meta, key: bloomKey.span, value: words.span)
            try transaction.put(meta, key: statisticsKey.span, value: statistics.span)
            try transaction.commit()
            try environment.sync()
        }
        try DurableFile.syncDirectory(of: path)
    }

    /// Versions of one key that are put at once.
    private static let versionsPerPut = 4096

    /// Writes a table: `step` puts the next posting into its argument, ascending, or answers false at the end. The
    /// versions of a key are put together, and a transaction is committed every so often.
    private static func append(
        _ environment: Environment, _ name: String, step: (inout Posting) throws(EngineError) -> Bool
    ) throws(EngineError) {
        let database = try EngineError.wrapping { () throws(LMDBError) in
            try environment.openDatabase(name, options: .fixedDuplicates)
        }
        var posting = Posting()
        var key: [UInt8]?
        var versions: [UInt8] = []
        var more = try step(&posting)
        while more {
            var transaction = try EngineError.wrapping { () throws(LMDBError) in try environment.write() }
            var entries = 0
            while more, entries < entriesPerTransaction {
                let isNew = posting.key != key
                let current = isNew ? posting.key : key ?? []
                versions.removeAll(keepingCapacity: true)
                var count = 0
                while more, count < versionsPerPut, posting.key == current {
                    for shift in stride(from: UInt64(56), through: 0, by: -8) {
                        versions.append(UInt8(truncatingIfNeeded: posting.version >> shift))
                    }
                    count += 1
                    more = try step(&posting)
                }
                do throws(LMDBError) {
                    try transaction.append(
                        database, key: current.span, isNew: isNew, values: versions.span, valueByteCount: 8)
                } catch {
                    throw EngineError(error)
                }
                key = current
                entries += count
            }
            do throws(LMDBError) { try transaction.commit() } catch { throw EngineError(error) }
        }
    }

    private static func encoded(_ words: [UInt64]) -> [UInt8] {
        var encoder = ByteEncoder()
        for word in words { encoder.append(word) }
        return encoder.bytes
    }
}
