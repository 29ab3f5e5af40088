/// The postings that one document makes, sorted: each a path and a value.
///
/// Values of up to eight bytes, all numbers among them, stand within their entry; of longer ones the rest stands in one
/// buffer beside.
public struct IndexEntries: Sendable {
    struct Entry: Sendable {
        let path: UInt64
        /// The first eight bytes of the value, big-endian, filled with zeros.
        var head: UInt64
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
    /// Where the timestamp stands in entries of composite indexes; it is filled in at the commit.
    var timestampPlaces: [TimestampPlace] = []

    struct TimestampPlace: Sendable {
        let entry: Int
        /// Of the first of the number's eight bytes within the value.
        let offset: Int
        let isDescending: Bool
    }

    init(selection: IndexSelection) {
        self.selection = selection
    }

    /// Of a document that is not indexed at all.
    public static let none = IndexEntries(selection: .none)

    /// Adds a value without bytes, or with up to eight of them.
    mutating func add(_ path: IndexPathHash, tag: UInt8, head: UInt64 = 0, count: UInt16 = 0) {
        entries.append(Entry(path: path.value, head: head, tailStart: 0, count: count, tag: tag))
    }

    /// Fills the timestamp, as a number's ordered bits, in where it was left open.
    mutating func fill(timestampBits bits: UInt64) {
        for place in timestampPlaces {
            let bits = place.isDescending ? ~bits : bits
            for index in 0..<8 {
                let byte = UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * index))
                set(byte, at: place.offset + index, of: place.entry)
            }
        }
    }

    private mutating func set(_ byte: UInt8, at offset: Int, of index: Int) {
        let entry = entries[index]
        // A place that is cut may end within the number.
        guard offset < Int(entry.count) else { return }
        guard offset < 8 else {
            tails[Int(entry.tailStart) + offset - 8] = byte
            return
        }
        let shift = UInt64(56 - 8 * offset)
        entries[index].head = entry.head & ~(0xFF << shift) | UInt64(byte) << shift
    }

    /// Adds a string by its UTF-8, cut at the limit.
    mutating func add(
        _ path: IndexPathHash, tag: UInt8, bytes: Span<UInt8>, bytesMax: Int = IndexValue.bytesMax
    ) {
        let count = min(bytes.count, bytesMax)
        var head: UInt64 = 0
        if count >= 8 {
            head = bytes.bigEndian(at: 0, as: UInt64.self)
        } else {
            for index in 0..<count { head |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
        }
        let tailStart = tails.count
        if count > 8 { tails.append(copying: bytes.extracting(8..<count)) }
        entries.append(
            Entry(
                path: path.value, head: head, tailStart: UInt32(truncatingIfNeeded: tailStart),
                count: UInt16(truncatingIfNeeded: count), tag: tag))
    }
}
