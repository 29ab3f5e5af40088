/// The postings that one document makes, sorted: each a path and a value.
///
/// Values of up to eight bytes, all numbers among them, stand within their entry; of longer ones the rest stands in one
/// buffer beside.
public struct IndexEntries: Sendable {
    struct Entry: Sendable {
        let path: UInt64
        /// The first eight bytes of the value, big-endian, filled with zeros.
        let head: UInt64
        /// Where the ninth byte stands in ``tails``.
        var tailStart: UInt32
        /// How many bytes the value has.
        let count: UInt16
        let tag: UInt8
    }

    /// What was indexed.
    let selection: IndexSelection
    var entries: [Entry] = []
    var tails: [UInt8] = []
    /// A hash of the values of each unique key; they become entries once the partition key is known.
    var uniqueHashes: [UInt64] = []

    init(selection: IndexSelection) {
        self.selection = selection
    }

    /// Of a document that is not indexed at all.
    public static let none = IndexEntries(selection: .none)

    /// Adds a value without bytes, or with up to eight of them.
    mutating func add(_ path: IndexPathHash, tag: UInt8, head: UInt64 = 0, count: UInt16 = 0) {
        entries.append(Entry(path: path.value, head: head, tailStart: 0, count: count, tag: tag))
    }

    /// Adds a string by its UTF-8, cut at the limit.
    mutating func add(_ path: IndexPathHash, tag: UInt8, bytes: Span<UInt8>) {
        let count = min(bytes.count, IndexValue.bytesMax)
        var head: UInt64 = 0
        if count >= 8 {
            head = bytes.bigEndian(at: 0, as: UInt64.self)
        } else {
            for index in 0..<count { head |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
        }
        let tailStart = tails.count
        if count > 8 { for index in 8..<count { tails.append(bytes[index]) } }
        entries.append(
            Entry(
                path: path.value, head: head, tailStart: UInt32(truncatingIfNeeded: tailStart),
                count: UInt16(truncatingIfNeeded: count), tag: tag))
    }
}
