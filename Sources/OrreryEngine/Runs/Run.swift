internal import OrreryLMDB
internal import Synchronization

/// An immutable file that indexes a range of versions: item hash → versions, partition key → versions, path and value
/// → versions, second of expiry → versions.
///
/// Written once, by ``RunWriter``, and never changed; the file is removed when the last view lets go of a run that
/// was merged away.
final class Run: Sendable {
    static let formatVersion: UInt64 = 3
    /// More versions or postings than there can be, and few enough to be summed up and multiplied.
    static let numberMax: UInt64 = 1 << 48
    static let postingsName = "postings"
    static let expiriesName = "expiries"
    static let selectionKey = Array("selection".utf8)
    static let hashesName = "hashes"
    static let keysName = "keys"
    static let filtersName = "filters"
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
    private let hashes: EntryBlocks<DeltaBatch.HashEntry>
    private let keys: EntryBlocks<DeltaBatch.KeyEntry>
    private let postings: Database
    private let expiries: EntryBlocks<ExpiryEntry>
    /// Which hashes of items it may have.
    private let bloom: MappedBytes
    /// Which values of its mostly unique paths it may have.
    let filters: ValueFilters
    /// What was indexed of its versions.
    let selection: IndexSelection
    /// How much it has of each path.
    let statistics: RunStatistics
    let missing = MissingVersionsCache()
    let dead = DeadPostings()
    /// Readers of postings that nobody uses at the moment. The file never changes, so what they stand on holds.
    private let idleReaders = Mutex<[PostingReader]>([])
    private static let idleReadersMax = 16
    /// Behind all that holds the file open, for what is declared last is let go last: the end of the map is queued
    /// before the freeing of the bytes, which are freed in steps only where nobody has the file open.
    private let removal: FileRemoval

    /// Opens a finished run.
    ///
    /// - Throws: `.damaged` when the file is missing, not whole, of another format, or names versions that cannot be:
    ///   it is then rebuilt from the log.
    init(directory: String, number: UInt64, fileName: String) throws(EngineError) {
        self.number = number
        self.fileName = fileName
        let path = directory + "/" + fileName
        removal = FileRemoval(path: path)
        let opened: (Database?, Database?, Database?, Database?)
        let header: [UInt64]
        let bloom: MappedBytes?
        let filters: ValueFilters?
        let selection: IndexSelection?
        let statistics: RunStatistics?
        do throws(LMDBError) {
            // The smallest map: LMDB takes the file's own size instead.
            environment = try Environment(
                path: path, mapBytes: 1 << 16, databasesMax: 6, options: [.readOnly, .noLock],
                closing: { close in FileRemoval.disposal.submit(close) })
            opened = (
                try environment.existingDatabase(Self.hashesName), try environment.existingDatabase(Self.keysName),
                try environment.existingDatabase(Self.postingsName),
                try environment.existingDatabase(Self.expiriesName)
            )
            header = Self.words(try Self.meta(environment, Self.headerKey))
            bloom = try Self.mapped(environment, Self.bloomKey)
            filters = try ValueFilters(environment)
            selection = IndexSelection(encoded: try Self.meta(environment, Self.selectionKey))
            statistics = RunStatistics(words: Self.words(try Self.meta(environment, Self.statisticsKey)))
        } catch {
            throw .damaged(error.description)
        }
        guard let hashes = opened.0, let keys = opened.1, let postings = opened.2, let expiries = opened.3,
            header.count == 4, header[0] == Self.formatVersion, 1 <= header[1], header[1] <= header[2],
            header[2] <= Self.numberMax, header[3] <= header[2] - header[1] + 1,
            let bloom, BloomFilter.isWhole(byteCount: bloom.count), let filters, let selection, let statistics
        else { throw .damaged("\(path) is not a whole run of format \(Self.formatVersion)") }
        self.hashes = EntryBlocks(environment: environment, database: hashes)
        self.keys = EntryBlocks(environment: environment, database: keys)
        self.postings = postings
        self.expiries = EntryBlocks(environment: environment, database: expiries)
        self.bloom = bloom
        self.filters = filters
        self.selection = selection
        self.statistics = statistics
        firstVersion = header[1]
        lastVersion = header[2]
        entryCount = Int(clamping: header[3])
    }

    private static func mapped(_ environment: Environment, _ key: [UInt8]) throws(LMDBError) -> MappedBytes? {
        guard let meta = try environment.existingDatabase(metaName) else { return nil }
        return try environment.mappedValue(meta, key.span)
    }

    private static func meta(_ environment: Environment, _ key: [UInt8]) throws(LMDBError) -> [UInt8] {
        try mapped(environment, key)?.withSpan { [UInt8](copying: $0) } ?? []
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

    /// Removes the file's name, for its folder is to go; the file goes once the last user of this run is gone.
    func removeName() {
        removal.removeName()
    }

    /// The versions that an item of this hash may have, oldest first. Usually none or one.
    func versions(ofHash hash: UInt64) throws(EngineError) -> [UInt64] {
        guard bloom.withSpan({ BloomFilter.mayContain(hash, in: $0) }) else { return [] }
        var found: [UInt64] = []
        try hashes.walk(from: DeltaBatch.HashEntry(hash: hash, version: 0)) { entry in
            if entry.hash == hash { found.append(entry.version) }
            return entry.hash == hash
        }
        return found
    }

    /// Adds the versions after `version` whose partition keys are ordered within `range` to `found`.
    func versions(
        within range: ClosedRange<KeyOrder>, after version: UInt64, into found: inout [UInt64]
    ) throws(EngineError) {
        guard version < lastVersion else { return }
        try keys.walk(from: DeltaBatch.KeyEntry(order: range.lowerBound, version: 0)) { entry in
            if entry.order > range.upperBound { return false }
            if entry.version > version { found.append(entry.version) }
            return true
        }
    }

    /// How many of its versions have partition keys that are ordered within `range`, counting little further than
    /// `limit`.
    func versionCount(within range: ClosedRange<KeyOrder>, limit: Int) throws(EngineError) -> Int {
        let first = DeltaBatch.KeyEntry(order: range.lowerBound, version: 0)
        return try keys.count(in: first...DeltaBatch.KeyEntry(order: range.upperBound, version: .max), limit: limit)
    }

    // MARK: Postings

    /// Reads the postings in order.
    func postingReader() throws(EngineError) -> PostingReader {
        if let idle = idleReaders.withLock({ $0.popLast() }) { return idle }
        return try PostingReader(environment, postings)
    }

    /// Keeps a reader that nobody uses any more for who wants the next: to make one takes as long as a look-up.
    func giveBack(_ reader: PostingReader) {
        if reader.hasFailed { return }
        idleReaders.withLock { readers in
            if readers.count < Self.idleReadersMax { readers.append(reader) }
        }
    }

    /// Adds the versions after `version` with values in a range to `found`, in the order of their values.
    /// Answers whether all were added: it gives up once there are more than `limit` in `found`.
    func versions(
        _ range: PostingRange, after version: UInt64, limit: Int, into found: inout [UInt64]
    ) throws(EngineError) -> Bool {
        guard filters.mayContain(range) else { return true }
        return try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(postings)
            var more = try cursor.seek(range.lower.span)
            while more, !cursor.key.isBehind(range.upper.span) {
                VersionChunk.read(cursor.value, after: version, into: &found)
                if found.count > limit { return false }
                more = try cursor.next()
            }
            return true
        }
    }

    /// How many postings a range has, counting no further than `limit`.
    func count(_ range: PostingRange, limit: Int) throws(EngineError) -> Int {
        guard filters.mayContain(range) else { return 0 }
        return try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(postings)
            var count = 0
            var more = try cursor.seek(range.lower.span)
            while more, count < limit, !cursor.key.isBehind(range.upper.span) {
                count += VersionChunk.count(stored: cursor.value)
                more = try cursor.next()
            }
            return count
        }
    }

    // MARK: Reading through, for merges

    /// The next entries by hash, at most `limit`, after `last`; empty at the end.
    func hashEntries(after last: DeltaBatch.HashEntry?, limit: Int) throws(EngineError) -> [DeltaBatch.HashEntry] {
        try Self.entries(
            hashes, after: last, from: last ?? DeltaBatch.HashEntry(hash: 0, version: 0), limit: limit)
    }

    /// The next entries by partition key, at most `limit`, after `last`; empty at the end.
    func keyEntries(after last: DeltaBatch.KeyEntry?, limit: Int) throws(EngineError) -> [DeltaBatch.KeyEntry] {
        try Self.entries(
            keys, after: last,
            from: last ?? DeltaBatch.KeyEntry(order: KeyOrder(high: 0, low: 0), version: 0), limit: limit)
    }

    /// The next entries by second of expiry, at most `limit`, after `last`; empty at the end.
    func expiryEntries(after last: ExpiryEntry?, limit: Int) throws(EngineError) -> [ExpiryEntry] {
        try Self.entries(
            expiries, after: last, from: last ?? ExpiryEntry(second: 0, version: 0), limit: limit)
    }

    /// The first entries by second of expiry, at most `limit`, up to a second.
    func expiryEntries(through second: UInt64, limit: Int) throws(EngineError) -> [ExpiryEntry] {
        var entries: [ExpiryEntry] = []
        try expiries.walk(from: ExpiryEntry(second: 0, version: 0)) { entry in
            guard entry.second <= second, entries.count < limit else { return false }
            entries.append(entry)
            return true
        }
        return entries
    }

    private static func entries<Entry: RunEntry>(
        _ blocks: EntryBlocks<Entry>, after last: Entry?, from start: Entry, limit: Int
    ) throws(EngineError) -> [Entry] {
        var entries: [Entry] = []
        var isOrdered = true
        try blocks.walk(from: start) { entry in
            if entry == last { return true }
            guard entries.count < limit else { return false }
            if let before = entries.last ?? last, entry <= before { isOrdered = false }
            entries.append(entry)
            return isOrdered
        }
        // Whoever reads on behind what was read would leave some out, or come to no end.
        guard isOrdered else { throw .damaged("the entries of a run are in no order") }
        return entries
    }
}
