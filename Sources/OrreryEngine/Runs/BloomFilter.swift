/// Says of a hash that a run surely lacks it, or may have it.
///
/// One block of eight words, a cache line, holds all six bits of a hash, so a look-up touches one line. With twelve
/// bits an entry about one in a hundred look-ups for an absent hash is a false alarm.
struct BloomFilter: Sendable {
    private(set) var words: [UInt64]

    static let wordsPerBlock = 8
    static let bitsPerHash = 6
    private static let bitsPerEntry = 12

    /// An empty filter for about so many entries.
    init(capacity: Int) {
        let blocks = max(1, (capacity * Self.bitsPerEntry + 511) / 512)
        words = [UInt64](repeating: 0, count: blocks * Self.wordsPerBlock)
    }

    /// A filter as it was stored; nil unless it is whole blocks.
    init?(words: [UInt64]) {
        guard !words.isEmpty, words.count % Self.wordsPerBlock == 0 else { return nil }
        self.words = words
    }

    mutating func insert(_ hash: UInt64) {
        let start = Self.block(hash, of: words.count)
        for bit in 0..<Self.bitsPerHash {
            let place = Self.place(hash, bit)
            words[start + place >> 6] |= 1 << UInt64(place & 63)
        }
    }

    func mayContain(_ hash: UInt64) -> Bool {
        let start = Self.block(hash, of: words.count)
        for bit in 0..<Self.bitsPerHash {
            let place = Self.place(hash, bit)
            if words[start + place >> 6] & (1 << UInt64(place & 63)) == 0 { return false }
        }
        return true
    }

    /// The first word of the hash's block: its high bits, spread evenly over the blocks.
    static func block(_ hash: UInt64, of wordCount: Int) -> Int {
        let blocks = UInt64(wordCount / wordsPerBlock)
        return Int(hash.multipliedFullWidth(by: blocks).high) * wordsPerBlock
    }

    /// A place within the block: nine low bits of the hash.
    static func place(_ hash: UInt64, _ bit: Int) -> Int {
        Int(truncatingIfNeeded: hash >> UInt64(9 * bit)) & 511
    }
}
