/// Yields the decoded UTF-8 of a valid string byte by byte, so that strings with escapes are compared without a copy.
struct JSONStringDecoder: ~Escapable {
    private let string: JSONStringText
    private var position = 0
    /// Bytes of the last escaped character that are still to come, the next one lowest.
    private var pending: UInt32 = 0
    private var pendingCount = 0

    @_lifetime(copy string)
    init(_ string: JSONStringText) {
        self.string = string
    }

    mutating func next() -> UInt8? {
        if pendingCount > 0 {
            let byte = UInt8(truncatingIfNeeded: pending)
            pending >>= 8
            pendingCount -= 1
            return byte
        }
        guard position < string.bytes.count else { return nil }
        let byte = string.bytes[position]
        position += 1
        guard string.hasEscapes, byte == UInt8(ascii: "\\"), position < string.bytes.count else { return byte }
        let escape = string.bytes[position]
        position += 1
        switch escape {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): return nextOfCodePoint()
        default: return escape
        }
    }

    private mutating func nextOfCodePoint() -> UInt8? {
        var point = codeUnit()
        if point & 0xFC00 == 0xD800 {
            position += 2
            point = 0x10000 + (point & 0x3FF) << 10 + (codeUnit() & 0x3FF)
        }
        if point < 0x80 { return UInt8(truncatingIfNeeded: point) }
        // Continuation bytes are taken from the low end and pushed in front of those already there.
        let continuations = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3
        for _ in 0..<continuations {
            pending = pending << 8 | 0x80 | point & 0x3F
            point >>= 6
        }
        pendingCount = continuations
        let leads: [3 of UInt32] = [0xC0, 0xE0, 0xF0]
        return UInt8(truncatingIfNeeded: leads[continuations - 1] | point)
    }

    private mutating func codeUnit() -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 where position < string.bytes.count {
            unit = unit << 4 | (JSONEscape.digit(string.bytes[position]) ?? 0)
            position += 1
        }
        return unit
    }
}
