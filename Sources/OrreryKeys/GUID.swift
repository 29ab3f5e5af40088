/// Sixteen bytes in two words, and their usual text: 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4).
public struct GUID: Sendable, Hashable {
    public let high: UInt64
    public let low: UInt64

    /// How many characters the text has.
    public static let textCount = 36

    public init(high: UInt64, low: UInt64) {
        (self.high, self.low) = (high, low)
    }

    /// Parses the text, in small or capital letters; nil for any other text.
    public init?(text: some Collection<UInt8>) {
        guard text.count == Self.textCount else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for (position, character) in text.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard character == Self.hyphen else { return nil }
                continue
            }
            guard let digit = hexadecimalValue(ofDigit: character) else { return nil }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        self.init(high: high, low: low)
    }

    /// Writes the text over ``textCount`` bytes from an offset on.
    public func write(to text: inout MutableSpan<UInt8>, at offset: Int) {
        let words = (
            Self.digits(high >> 32), Self.digits(high & 0xFFFF_FFFF), Self.digits(low >> 32),
            Self.digits(low & 0xFFFF_FFFF)
        )
        Self.write(words.0, 8, to: &text, at: offset)
        Self.write(words.1, 4, to: &text, at: offset + 9)
        Self.write(words.1 << 32, 4, to: &text, at: offset + 14)
        Self.write(words.2, 4, to: &text, at: offset + 19)
        Self.write(words.2 << 32, 4, to: &text, at: offset + 24)
        Self.write(words.3, 8, to: &text, at: offset + 28)
        text[offset + 8] = Self.hyphen
        text[offset + 13] = Self.hyphen
        text[offset + 18] = Self.hyphen
        text[offset + 23] = Self.hyphen
    }

    /// Adds the text, in small letters.
    public func append(to text: inout [UInt8]) {
        let start = text.count
        text.append(contentsOf: repeatElement(0, count: Self.textCount))
        var span = text.mutableSpan
        write(to: &span, at: start)
    }

    private static var hyphen: UInt8 { UInt8(ascii: "-") }

    /// The eight digits of 32 bits, one a byte, the first in the highest: every nibble is spread to a byte of its own,
    /// and all are made digits at once.
    private static func digits(_ bits: UInt64) -> UInt64 {
        var nibbles = (bits & 0xFFFF_0000) << 16 | (bits & 0x0000_FFFF)
        nibbles = (nibbles & 0x0000_FF00_0000_FF00) << 8 | (nibbles & 0x0000_00FF_0000_00FF)
        nibbles = (nibbles & 0x00F0_00F0_00F0_00F0) << 4 | (nibbles & 0x000F_000F_000F_000F)
        // 1 in each byte whose nibble is more than nine.
        let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        let fromNineToLetters = UInt64(UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* fromNineToLetters
    }

    private static func write(_ digits: UInt64, _ count: Int, to text: inout MutableSpan<UInt8>, at offset: Int) {
        for index in 0..<count {
            text[offset + index] = UInt8(truncatingIfNeeded: digits >> UInt64(56 - 8 * index))
        }
    }
}
