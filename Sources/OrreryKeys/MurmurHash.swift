/// MurmurHash3 x86_32 with seed 0, fed byte by byte (Austin Appleby's public-domain algorithm).
struct MurmurHash32 {
    private var hash: UInt32 = 0
    private var block: UInt32 = 0
    private var count: UInt32 = 0

    mutating func append(_ byte: UInt8) {
        block |= UInt32(byte) << (count & 3 &* 8)
        count &+= 1
        if count & 3 == 0 {
            hash ^= Self.scramble(block)
            hash = hash.rotated(left: 13) &* 5 &+ 0xE654_6B64
            block = 0
        }
    }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { append(byte) }
    }

    func finish() -> UInt32 {
        var result = hash
        if count & 3 != 0 { result ^= Self.scramble(block) }
        result ^= count
        result = (result ^ result >> 16) &* 0x85EB_CA6B
        result = (result ^ result >> 13) &* 0xC2B2_AE35
        return result ^ result >> 16
    }

    private static func scramble(_ block: UInt32) -> UInt32 {
        (block &* 0xCC9E_2D51).rotated(left: 15) &* 0x1B87_3593
    }
}

/// MurmurHash3 x64_128 with seed 0, fed byte by byte.
struct MurmurHash128 {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private var lowBlock: UInt64 = 0
    private var highBlock: UInt64 = 0
    private var count: UInt64 = 0

    mutating func append(_ byte: UInt8) {
        let shifted = UInt64(byte) << (count & 7 &* 8)
        if count & 8 == 0 { lowBlock |= shifted } else { highBlock |= shifted }
        count &+= 1
        if count & 15 == 0 { mix() }
    }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { append(byte) }
    }

    /// The two halves, low and high as the reference implementation stores them.
    func finish() -> (low: UInt64, high: UInt64) {
        var (first, second) = (low, high)
        if count & 15 != 0 {
            first ^= Self.scrambleLow(lowBlock)
            second ^= Self.scrambleHigh(highBlock)
        }
        first ^= count
        second ^= count
        first = first &+ second
        second = second &+ first
        first = Self.finalize(first)
        second = Self.finalize(second)
        first = first &+ second
        return (first, second &+ first)
    }

    private mutating func mix() {
        low ^= Self.scrambleLow(lowBlock)
        low = (low.rotated(left: 27) &+ high) &* 5 &+ 0x52DC_E729
        high ^= Self.scrambleHigh(highBlock)
        high = (high.rotated(left: 31) &+ low) &* 5 &+ 0x3849_5AB5
        (lowBlock, highBlock) = (0, 0)
    }

    private static func scrambleLow(_ block: UInt64) -> UInt64 {
        (block &* 0x87C3_7B91_1142_53D5).rotated(left: 31) &* 0x4CF5_AD43_2745_937F
    }

    private static func scrambleHigh(_ block: UInt64) -> UInt64 {
        (block &* 0x4CF5_AD43_2745_937F).rotated(left: 33) &* 0x87C3_7B91_1142_53D5
    }

    private static func finalize(_ value: UInt64) -> UInt64 {
        var result = (value ^ value >> 33) &* 0xFF51_AFD7_ED55_8CCD
        result = (result ^ result >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return result ^ result >> 33
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    fileprivate func rotated(left bits: Int) -> Self { self &<< Self(bits) | self &>> Self(Self.bitWidth - bits) }
}
