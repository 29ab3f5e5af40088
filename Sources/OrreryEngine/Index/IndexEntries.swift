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

    /// Where values stand in ``entries``, by a hash, so that one that an array repeats is added once; empty where no
    /// array was met. Not all repetitions are found: the others go when postings are sorted.
    private var places: [UInt16] = []

    private static let placeCount = 128

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
        let entry = Entry(path: path.value, head: head, tailStart: 0, count: count, tag: tag)
        if !places.isEmpty, repeats(entry, tail: Span()) { return }
        entries.append(entry)
    }

    /// From now on there may be values that repeat earlier ones.
    mutating func expectRepetitions() {
        if places.isEmpty { places = [UInt16](repeating: .max, count: Self.placeCount) }
    }

    /// No more entries will come.
    mutating func finish() {
        places = []
    }

    /// Whether the value is known to be there; takes its place down where it is not.
    private mutating func repeats(_ entry: Entry, tail: Span<UInt8>) -> Bool {
        // Longer values often begin alike; few of one length end alike too.
        let end = tail.isEmpty ? 0 : UInt64(tail[tail.count - 1])
        let hash = (entry.path ^ entry.head ^ (UInt64(entry.tag) << 32 | UInt64(entry.count) << 8 | end))
            &* 0x9E37_79B9_7F4A_7C15
        let slot = Int(truncatingIfNeeded: hash >> 57)
        let place = Int(places[slot])
        if place < entries.count, isSame(entry, tail, as: entries[place]) { return true }
        places[slot] = UInt16(exactly: entries.count) ?? .max
        return false
    }

    private func isSame(_ entry: Entry, _ tail: Span<UInt8>, as other: Entry) -> Bool {
        guard entry.path == other.path, entry.head == other.head, entry.tag == other.tag, entry.count == other.count
        else { return false }
        let start = Int(other.tailStart)
        return tail.isEmpty || tails.span.extracting(start..<(start + tail.count)).isEqual(to: tail)
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
        let entry = Entry(
            path: path.value, head: head, tailStart: UInt32(truncatingIfNeeded: tails.count),
            count: UInt16(truncatingIfNeeded: count), tag: tag)
        let tail = bytes.extracting(min(count, 8)..<count)
        if !places.isEmpty, repeats(entry, tail: tail) { return }
        tails.append(copying: tail)
        entries.append(entry)
    }
}
