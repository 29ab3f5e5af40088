/// The escapes inside a JSON string that the scanner has found valid, turned into what they stand for.
enum JSONEscape {
    /// The value of a hexadecimal digit, or nil for any other byte.
    @inline(__always)
    static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The UTF-8 that `raw`, the bytes between a valid string's quotes, stands for.
    static func decoded(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var decoder = unsafe JSONStringDecoder(raw, hasEscapes: true)
        while let byte = decoder.next() { bytes.append(byte) }
        return bytes
    }
}

/// Yields the decoded UTF-8 of a valid string byte by byte, so that strings with escapes are compared without a copy.
@safe struct JSONStringDecoder {
    private let raw: UnsafeBufferPointer<UInt8>
    private let hasEscapes: Bool
    private var position = 0
    /// Bytes of the last escaped character that are still to come, the next one lowest.
    private var pending: UInt32 = 0
    private var pendingCount = 0

    /// `hasEscapes` is false where a backslash stands for itself.
    init(_ raw: UnsafeBufferPointer<UInt8>, hasEscapes: Bool) {
        unsafe self.raw = raw
        self.hasEscapes = hasEscapes
    }

    mutating func next() -> UInt8? {
        if pendingCount > 0 {
            let byte = UInt8(truncatingIfNeeded: pending)
            pending >>= 8
            pendingCount -= 1
            return byte
        }
        guard unsafe position < raw.count else { return nil }
        let byte = unsafe raw[position]
        position += 1
        guard hasEscapes, byte == UInt8(ascii: "\\"), unsafe position < raw.count else { return byte }
        let escape = unsafe raw[position]
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
        for _ in 0..<4 where unsafe position < raw.count {
            unit = unsafe unit << 4 | (JSONEscape.digit(raw[position]) ?? 0)
            position += 1
        }
        return unit
    }
}
