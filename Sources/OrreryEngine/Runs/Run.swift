internal import OrreryLMDB

/// An immutable file that indexes a range of versions: item hash → versions, partition key → versions, path and value
/// → versions, second of expiry → versions.
///
/// Written once, by ``RunWriter``, and never changed; the file is removed when the last view lets go of a run that
/// was merged away.
final class Run: Sendable {
    static let formatVersion: UInt64 = 2
    static let postingsName = "postings"
    static let expiriesName = "expiries"
    static let selectionKey = Array("selection".utf8)
    static let hashesName = "hashes"
    static let keysName = "keys"
    static let metaName = "meta"
    static let headerKey = Array("header".utf8)
    static let bloomKey = Array("bloom".utf8)
    static let statisticsKey = Array("statistics".utf8)

    let number: UInt64
    let fileName: String
    let firstVersion: UInt64
    let lastVersion: UInt64
    /// Entries in the file: the versions of the range that were live when it was written.
    let entryCount: Int
    private let environment: Environment
    private let hashes: Database
    private let keys: Database
    private let postings: Database
    private let expiries: Database
    private let bloom: BloomFilter
    /// What was indexed of its versions.
    let selection: IndexSelection
    /// How much it has of each path.
    let statistics: RunStatistics
    let missing = MissingVersionsCache()
    let dead = DeadPostings()
    private let removal: FileRemoval

    /// Opens a finished run.
    ///
    /// - Throws: `.damaged` when the file is missing, not whole or of another format: it is then rebuilt from the log.
    init(directory: String, number: UInt64, fileName: String) throws(EngineError) {
        self.number = number
        self.fileName = fileName
        let path = directory + "/" + fileName
        removal = FileRemoval(path: path)
        let opened: (Database?, Database?, Database?, Database?)
        let header: [UInt64]
        let bloomWords: [UInt64]
        let selection: IndexSelection?
        let statistics: RunStatistics?
        do throws(LMDBError) {
            // The smallest map: LMDB takes the file's own size instead.
            environment = try Environment(
                path: path, mapBytes: 1 << 16, databasesMax: 6, options: [.readOnly, .noLock])
            opened = (
                try environment.existingDatabase(Self.hashesName), try environment.existingDatabase(Self.keysName),
                try environment.existingDatabase(Self.postingsName),
                try environment.existingDatabase(Self.expiriesName)
            )
            header = Self.words(try Self.meta(environment, Self.headerKey))
            bloomWords = Self.words(try Self.meta(environment, Self.bloomKey))
            selection = IndexSelection(encoded: try Self.meta(environment, Self.selectionKey))
            statistics = RunStatistics(words: Self.words(try Self.meta(environment, Self.statisticsKey)))
        } catch {
            throw .damaged(error.description)
        }
        guard let hashes = opened.0, let keys = opened.1, let postings = opened.2, let expiries = opened.3,
            header.count == 4, header[0] == Self.formatVersion, let bloom = BloomFilter(words: bloomWords),
            let selection, let statistics
        else { throw .damaged("\(path) is not a whole run of format \(Self.formatVersion)") }
        self.hashes = hashes
        self.keys = keys
        self.postings = postings
        self.expiries = expiries
        self.bloom = bloom
        self.selection = selection
        self.statistics = statistics
        firstVersion = header[1]
        lastVersion = header[2]
        entryCount = Int(clamping: header[3])
    }

    private static func meta(_ environment: Environment, _ key: [UInt8]) throws(LMDBError) -> [UInt8] {
        guard let meta = try environment.existingDatabase(metaName) else { return [] }
        let transaction = try environment.read()
        guard let value = try transaction.value(meta, key.span) else { return [] }
        return [UInt8](copying: value)
    }

    private static func words(_ bytes: [UInt8]) -> [UInt64] {
        var words: [UInt64] = []
        words.reserveCapacity(bytes.count / 8)
        for offset in stride(from: 0, to: bytes.count & ~7, by: 8) {
            words.append(bytes.span.littleEndian(at: offset, as: UInt64.self))
        }
        return words
    }

    /// Removes the file once the last user of this run is gone.
    func removeWhenUnused() {
        removal.arm()
    }

    /// The versions that an item of this hash may have, oldest first. Usually none or one.
    func versions(ofHash hash: UInt64) throws(EngineError) -> [UInt64] {
        guard bloom.mayContain(hash) else { return [] }
        return try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(hashes)
            let key = VersionKey(hash)
            var found: [UInt64] = []
            var more = try cursor.seekExactly(key.span)
            while more {
                found.append(cursor.value.bigEndian(at: 0, as: UInt64.self))
                more = try cursor.nextDuplicate()
            }
            return found
        }
    }

    /// Adds the versions after `version` whose partition keys are ordered within `range` to `found`.
    func versions(
        within range: ClosedRange<KeyOrder>, after version: UInt64, into found: inout [UInt64]
    ) throws(EngineError) {
        guard version < lastVersion else { return }
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(keys)
            let start = range.lowerBound.bytes
            var more = try cursor.seek(start.span)
            while more, KeyOrder(stored: cursor.key) <= range.upperBound {
                try Self.collect(&cursor, after: version, into: &found)
                more = try cursor.nextKey()
            }
        }
    }

    /// How many of its versions have partition keys that are ordered within `range`, counting no further than `limit`.
    func versionCount(within range: ClosedRange<KeyOrder>, limit: Int) throws(EngineError) -> Int {
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(keys)
            let start = range.lowerBound.bytes
            var count = 0
            var more = try cursor.seek(start.span)
            while more, count < limit, KeyOrder(stored: cursor.key) <= range.upperBound {
                count += try cursor.duplicateCount()
                more = try cursor.nextKey()
            }
            return count
        }
    }

    /// Adds the key's versions after `version`, a page at a time where there are several.
    @_lifetime(cursor: copy cursor)
    private static func collect(
        _ cursor: inout Cursor, after version: UInt64, into found: inout [UInt64]
    ) throws(LMDBError) {
        guard try cursor.duplicateCount() > 1 else {
            let only = cursor.value.bigEndian(at: 0, as: UInt64.self)
            if only > version { found.append(only) }
            return
        }
        var more = try cursor.pageOfDuplicates()
        while more {
            append(cursor.value, after: version, to: &found)
            more = try cursor.nextPageOfDuplicates()
        }
    }

    private static func append(_ page: Span<UInt8>, after version: UInt64, to found: inout [UInt64]) {
        for offset in stride(from: 0, to: page.count, by: 8) {
            let each = page.bigEndian(at: offset, as: UInt64.self)
            if each > version { found.append(each) }
        }
    }

    // MARK: Postings

    /// Reads the postings in order.
    func postingReader() throws(EngineError) -> PostingReader {
        try PostingReader(environment, postings)
    }

    /// Adds the versions after `version` with values in a range to `found`, in the order of their values.
    /// Answers whether all were added: it gives up once there are more than `limit` in `found`.
    func versions(
        _ path: IndexPathHash, _ values: ClosedRange<IndexValue>, after version: UInt64, limit: Int,
        into found: inout [UInt64]
    ) throws(EngineError) -> Bool {
        let lower = Posting.key(path, values.lowerBound)
        let upper = Posting.key(path, values.upperBound)
        return try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(postings)
            var more = try cursor.seek(lower.span)
            while more, !cursor.key.isBehind(upper.span) {
                try Self.collect(&cursor, after: version, into: &found)
                if found.count > limit { return false }
                more = try cursor.nextKey()
            }
            return true
        }
    }

    /// How many postings a range has, counting no further than `limit`.
    func count(
        _ path: IndexPathHash, _ values: ClosedRange<IndexValue>, limit: Int
    ) throws(EngineError) -> Int {
        let lower = Posting.key(path, values.lowerBound)
        let upper = Posting.key(path, values.upperBound)
        return try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(postings)
            var count = 0
            var more = try cursor.seek(lower.span)
            while more, count < limit, !cursor.key.isBehind(upper.span) {
                count += try cursor.duplicateCount()
                more = try cursor.nextKey()
            }
            return count
        }
    }

    // MARK: Reading through, for merges

    /// The next entries by hash, at most `limit`, after `last`; empty at the end.
    func hashEntries(after last: DeltaBatch.HashEntry?, limit: Int) throws(EngineError) -> [DeltaBatch.HashEntry] {
        try entries(hashes, after: last.map { ($0.hash, $0.version) }, limit: limit, DeltaBatch.HashEntry.init)
    }

    /// The next entries by second of expiry, at most `limit`, after `last`; empty at the end.
    func expiryEntries(after last: ExpiryEntry?, limit: Int) throws(EngineError) -> [ExpiryEntry] {
        try entries(expiries, after: last.map { ($0.second, $0.version) }, limit: limit, ExpiryEntry.init)
    }

    /// The first entries by second of expiry, at most `limit`, up to a second.
    func expiryEntries(through second: UInt64, limit: Int) throws(EngineError) -> [ExpiryEntry] {
        try entries(expiries, after: nil, through: second, limit: limit, ExpiryEntry.init)
    }

    /// The next entries of a database whose keys are eight bytes.
    private func entries<Entry>(
        _ database: Database, after last: (number: UInt64, version: UInt64)?, through lastNumber: UInt64 = .max,
        limit: Int, _ make: (_ number: UInt64, _ version: UInt64) -> Entry
    ) throws(EngineError) -> [Entry] {
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(database)
            var more: Bool
            if let last {
                let key = VersionKey(last.number)
                more = try Self.seek(&cursor, past: key.span, last.version)
            } else {
                more = try cursor.first()
            }
            var entries: [Entry] = []
            while more, entries.count < limit {
                let number = cursor.key.bigEndian(at: 0, as: UInt64.self)
                if number > lastNumber { break }
                entries.append(make(number, cursor.value.bigEndian(at: 0, as: UInt64.self)))
                more = try cursor.next()
            }
            return entries
        }
    }

    /// The next entries by partition key, at most `limit`, after `last`; empty at the end.
    func keyEntries(after last: DeltaBatch.KeyEntry?, limit: Int) throws(EngineError) -> [DeltaBatch.KeyEntry] {
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(keys)
            var more: Bool
            if let last {
                let key = last.order.bytes
                more = try Self.seek(&cursor, past: key.span, last.version)
            } else {
                more = try cursor.first()
            }
            var entries: [DeltaBatch.KeyEntry] = []
            entries.reserveCapacity(limit)
            while more, entries.count < limit {
                entries.append(
                    DeltaBatch.KeyEntry(
                        order: KeyOrder(stored: cursor.key),
                        version: cursor.value.bigEndian(at: 0, as: UInt64.self)))
                more = try cursor.next()
            }
            return entries
        }
    }

    /// Goes to the entry that follows `version` of `key`.
    @_lifetime(cursor: copy cursor)
    private static func seek(
        _ cursor: inout Cursor, past key: Span<UInt8>, _ version: UInt64
    ) throws(LMDBError) -> Bool {
        let following = VersionKey(version + 1)
        if try cursor.seek(key, duplicate: following.span) { return true }
        guard try cursor.seek(key) else { return false }
        return cursor.key.isEqual(to: key) ? try cursor.nextKey() : true
    }
}
