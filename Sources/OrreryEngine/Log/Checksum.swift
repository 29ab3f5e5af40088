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

    /// The same over four lanes, each of which takes every fourth word: one multiplication need not wait for the one
    /// before, which makes it three times as fast over a kilobyte.
    mutating func addStriped(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.stripeBytes else { return add(bytes) }
        var (first, second, third, fourth) = (self, self, self, self)
        second.state ^= 0xA076_1D64_78BD_642F
        third.state ^= 0xE703_7ED1_A0B4_28DB
        fourth.state ^= 0x8EBC_6AF0_9C88_C6E3
        // The bytes are plain.
        let words = unsafe bytes.bytes
        let lastStart = bytes.count - Self.stripeBytes
        var offset = 0
        while offset <= lastStart {
            // All four words lie before the end.
            first.mix(unsafe words.uncheckedWord(at: offset))
            second.mix(unsafe words.uncheckedWord(at: offset &+ 8))
            third.mix(unsafe words.uncheckedWord(at: offset &+ 16))
            fourth.mix(unsafe words.uncheckedWord(at: offset &+ 24))
            offset &+= Self.stripeBytes
        }
        self = first
        mix(second.state)
        mix(third.state)
        mix(fourth.state)
        add(bytes.extracting(offset..<bytes.count))
    }

    /// The same in fewer steps, for eight bytes and more: the last word is whole and overlaps the one before it. The
    /// sum is another one.
    mutating func addOverlapping(_ bytes: Span<UInt8>) {
        guard bytes.count >= 8 else { return add(bytes) }
        // The bytes are plain.
        let words = unsafe bytes.bytes
        state ^= UInt64(bytes.count)
        let lastStart = bytes.count - 8
        var offset = 0
        while offset < lastStart {
            // Each word begins before the last one, and ends before its end.
            mix(unsafe words.uncheckedWord(at: offset))
            offset &+= 8
        }
        mix(unsafe words.uncheckedWord(at: lastStart))
    }

    private static let stripeBytes = 32

    var value: UInt64 { state ^ state >> 32 }
}

extension RawSpan {
    /// Eight bytes as a little-endian number, for loops that have checked the range.
    @unsafe @inline(__always)
    fileprivate func uncheckedWord(at offset: Int) -> UInt64 {
        // Every bit pattern is an integer.
        UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }
}
