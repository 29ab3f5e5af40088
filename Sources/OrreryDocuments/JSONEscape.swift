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
    static func decoded(_ raw: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var decoder = JSONStringDecoder(JSONStringText(raw, hasEscapes: true))
        while let byte = decoder.next() { bytes.append(byte) }
        return bytes
    }
}
