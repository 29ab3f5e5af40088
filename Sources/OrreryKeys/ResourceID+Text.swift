extension ResourceID {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-".utf8)

    /// Parses the text form; nil unless it is base64 of one of the four sizes, written as ``text`` writes it.
    public init?(text: some StringProtocol) {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        var digits = Array(text.utf8)
        guard digits.count % 4 == 0, digits.count <= 24 else { return nil }
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        for digit in digits {
            guard let value = Self.value(ofDigit: digit) else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFFFF
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        // One text for each id: what does not come back the same was padded wrongly or had stray bits.
        guard let found = ResourceID(bytes: bytes), found.text.utf8.elementsEqual(text.utf8) else { return nil }
        self = found
    }

    /// The text form, padded with `=`.
    public var text: String {
        String(decoding: textBytes, as: UTF8.self)
    }

    /// The text form as ASCII bytes.
    public var textBytes: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let first = bytes[index]
            let second = index + 1 < bytes.count ? bytes[index + 1] : 0
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            text.append(Self.alphabet[Int(first >> 2)])
            text.append(Self.alphabet[Int((first & 0x3) << 4 | second >> 4)])
            text.append(
                index + 1 < bytes.count ? Self.alphabet[Int((second & 0xF) << 2 | third >> 6)] : UInt8(ascii: "="))
            text.append(index + 2 < bytes.count ? Self.alphabet[Int(third & 0x3F)] : UInt8(ascii: "="))
            index += 3
        }
        return text
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "-"): 63
        default: nil
        }
    }
}
