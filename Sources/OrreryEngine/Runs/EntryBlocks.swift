internal import OrreryLMDB

/// An entry of fixed size whose stored bytes sort as the entries do.
protocol RunEntry: Comparable, Sendable, VersionedEntry {
    /// What one takes.
    static var byteCount: Int { get }

    /// Reads one that is stored at a place.
    init(stored bytes: Span<UInt8>, at offset: Int)

    /// Adds the stored form.
    func append(to bytes: inout [UInt8])
}

/// A table of a run: sorted entries of fixed size, a page of them in each value, under the first one's bytes.
///
/// A page is written in one put and read at one look-up, where each entry by itself would cost as much.
struct EntryBlocks<Entry: RunEntry>: Sendable {
    let environment: Environment
    let database: Database

    /// A value of so many bytes fills a page of LMDB's, behind the page's header.
    static var blockBytesMax: Int { 4080 }

    /// Gives the entries from one on, in order, until `body` answers false.
    func walk(from start: Entry, _ body: (Entry) -> Bool) throws(EngineError) {
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(database)
            var more = try Self.seek(&cursor, start)
            var offset = more ? Self.offset(in: cursor.value, notBefore: start) : 0
            while more {
                while offset + Entry.byteCount <= cursor.value.count {
                    guard body(Entry(stored: cursor.value, at: offset)) else { return }
                    offset += Entry.byteCount
                }
                more = try cursor.next()
                offset = 0
            }
        }
    }

    /// How many entries there are in a range, counting no further than `limit` and the page that it is in.
    func count(in range: ClosedRange<Entry>, limit: Int) throws(EngineError) -> Int {
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(database)
            var count = 0
            var more = try Self.seek(&cursor, range.lowerBound)
            var start = more ? Self.offset(in: cursor.value, notBefore: range.lowerBound) : 0
            while more, count < limit {
                // Entries differ by their versions, so none is the upper bound of a range over all versions.
                let end = Self.offset(in: cursor.value, notBefore: range.upperBound)
                count += (end - start) / Entry.byteCount
                if end < cursor.value.count / Entry.byteCount * Entry.byteCount { break }
                more = try cursor.next()
                start = 0
            }
            return count
        }
    }

    /// Goes to the last page that begins with the entry or before it; else to the first.
    @_lifetime(cursor: copy cursor)
    private static func seek(_ cursor: inout Cursor, _ entry: Entry) throws(LMDBError) -> Bool {
        var key: [UInt8] = []
        key.reserveCapacity(Entry.byteCount)
        entry.append(to: &key)
        guard try cursor.seek(key.span) else { return try cursor.last() }
        if cursor.key.isEqual(to: key.span) { return true }
        return try cursor.previous() ? true : cursor.first()
    }

    /// Where the first entry of a page stands that is not before one; the page's end where there is none.
    private static func offset(in page: Span<UInt8>, notBefore wanted: Entry) -> Int {
        var (low, high) = (0, page.count / Entry.byteCount)
        while low < high {
            let middle = (low + high) / 2
            if Entry(stored: page, at: middle * Entry.byteCount) < wanted { low = middle + 1 } else { high = middle }
        }
        return low * Entry.byteCount
    }
}

extension DeltaBatch.HashEntry: RunEntry {
    static let byteCount = 16

    init(stored bytes: Span<UInt8>, at offset: Int) {
        self.init(
            hash: bytes.bigEndian(at: offset, as: UInt64.self),
            version: bytes.bigEndian(at: offset + 8, as: UInt64.self))
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(bigEndian: hash)
        bytes.append(bigEndian: version)
    }
}

extension DeltaBatch.KeyEntry: RunEntry {
    static let byteCount = 24

    init(stored bytes: Span<UInt8>, at offset: Int) {
        self.init(
            order: KeyOrder(
                high: bytes.bigEndian(at: offset, as: UInt64.self),
                low: bytes.bigEndian(at: offset + 8, as: UInt64.self)),
            version: bytes.bigEndian(at: offset + 16, as: UInt64.self))
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(bigEndian: order.high)
        bytes.append(bigEndian: order.low)
        bytes.append(bigEndian: version)
    }
}

extension ExpiryEntry: RunEntry {
    static let byteCount = 16

    init(stored bytes: Span<UInt8>, at offset: Int) {
        self.init(
            second: bytes.bigEndian(at: offset, as: UInt64.self),
            version: bytes.bigEndian(at: offset + 8, as: UInt64.self))
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(bigEndian: second)
        bytes.append(bigEndian: version)
    }
}
