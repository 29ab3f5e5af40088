/// The sixteen bytes of an effective partition key by which postings are ordered.
///
/// A single-level key has sixteen bytes and is all there. Of a hierarchical key it is the first eight bytes of the
/// first two levels, so that a tenant's users stand apart; shorter keys are filled with zeros. It is a place to look,
/// not an identity: what is found there is verified against the log.
struct KeyOrder: Sendable, Hashable, Comparable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(_ effectiveKey: Span<UInt8>) {
        high = Self.word(effectiveKey, at: 0)
        low = Self.word(effectiveKey, at: effectiveKey.count > 16 ? 16 : 8)
    }

    /// The first place a key at or after `bound` can have.
    init(lowerBound bound: Span<UInt8>) {
        // Between a hierarchical and a shorter bound only the first word sorts alike.
        high = Self.word(bound, at: 0)
        low = 0
    }

    /// The last place a key before `bound` can have.
    init(upperBound bound: Span<UInt8>) {
        high = Self.word(bound, at: 0)
        low = .max
    }

    private static func word(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in offset..<(offset + 8) {
            word = word << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0)
        }
        return word
    }

    static func < (left: KeyOrder, right: KeyOrder) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}
