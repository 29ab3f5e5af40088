/// Says of a hash that a run surely lacks it, or may have it.
///
/// One block of 64 bytes holds all six bits of a hash, so a look-up touches one or two lines of the cache. With twelve
/// bits an entry about one in a hundred look-ups for an absent hash is a false alarm.
struct BloomFilter: Sendable {
    /// As they are stored, where look-ups find them (``mayContain(_:in:)``).
    private(set) var bytes: [UInt8]

    static let bitsPerHash = 6
    static let bitsPerEntry = 12
    private static let blockBytes = 64

    /// An empty filter for about so many entries.
    init(capacity: Int) {
        let blocks = max(1, (capacity * Self.bitsPerEntry + 511) / 512)
        bytes = [UInt8](repeating: 0, count: blocks * Self.blockBytes)
    }

    mutating func insert(_ hash: UInt64) { insert(CollectionOfOne(hash).span) }

    /// Adds many: what each waits for in memory they wait for together.
    mutating func insert(_ hashes: Span<UInt64>) {
        let blocks = bytes.count / Self.blockBytes
        // A block is one of the filter's and a place is below 512, so every byte is within: six checks for each hash
        // would be half the work.
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let filter = bytes.baseAddress else { return }
            for index in hashes.indices {
                let hash = hashes[index]
                let block = unsafe filter + Self.block(hash, of: blocks) &* Self.blockBytes
                for bit in 0..<Self.bitsPerHash {
                    let place = Self.place(hash, bit)
                    let byte = unsafe block.load(fromByteOffset: place >> 3, as: UInt8.self)
                    let changed = byte | 1 << UInt8(truncatingIfNeeded: place & 7)
                    unsafe block.storeBytes(of: changed, toByteOffset: place >> 3, as: UInt8.self)
                }
            }
        }
    }

    /// Whether so many bytes can be a filter.
    static func isWhole(byteCount: Int) -> Bool { byteCount > 0 && byteCount % blockBytes == 0 }

    /// Whether a stored filter, which is whole, may have a hash.
    static func mayContain(_ hash: UInt64, in stored: Span<UInt8>) -> Bool {
        let start = block(hash, of: stored.count / blockBytes) * blockBytes
        for bit in 0..<bitsPerHash {
            let place = place(hash, bit)
            if stored[start + place >> 3] & (1 << UInt8(truncatingIfNeeded: place & 7)) == 0 { return false }
        }
        return true
    }

    /// The block of a hash: its high bits, spread evenly over the blocks.
    static func block(_ hash: UInt64, of blocks: Int) -> Int {
        Int(hash.multipliedFullWidth(by: UInt64(blocks)).high)
    }

    /// A place within the block: nine low bits of the hash.
    static func place(_ hash: UInt64, _ bit: Int) -> Int {
        Int(truncatingIfNeeded: hash &>> UInt64(truncatingIfNeeded: 9 &* bit)) & 511
    }
}
