/// A 64-bit checksum over words: finds torn, misplaced and flipped bytes. It is no defence against an attacker.
struct Checksum {
    private var state: UInt64

    /// - Parameter seed: bound into the sum, so that a record found in another's place does not match.
    init(seed: UInt64) {
        state = seed ^ 0x9E37_79B9_7F4A_7C15
    }

    private mutating func mix(_ word: UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        state = product.high ^ product.low ^ word
    }

    mutating func add(_ bytes: Span<UInt8>) {
        var offset = 0
        let wholeWords = bytes.count & ~7
        while offset < wholeWords {
            mix(bytes.littleEndian(at: offset, as: UInt64.self))
            offset += 8
        }
        var last: UInt64 = 0
        while offset < bytes.count {
            last = last << 8 | UInt64(bytes[offset])
            offset += 1
        }
        // At most seven bytes were left, so the size has a byte of its own above them.
        mix(last | UInt64(bytes.count) << 56)
    }

    var value: UInt64 { state ^ state >> 32 }
}
