import OrreryHTTP

/// The GUID by which a request is found again in logs and in errors.
enum ActivityID {
    /// No GUID is longer; what a client sends beyond this is not echoed.
    private static let bytesMax = 64

    /// The request's own `x-ms-activity-id`, or a new one.
    static func of(_ request: HTTPRequest) -> ArraySlice<UInt8> {
        if let given = request.headers.bytes("x-ms-activity-id"), !given.isEmpty, given.count <= bytesMax {
            return given
        }
        return made()[...]
    }

    /// A random GUID in the usual form of 8-4-4-4-12 hexadecimal digits (RFC 9562, version 4).
    static func made() -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var high = UInt64.random(in: .min ... .max)
        var low = UInt64.random(in: .min ... .max)
        high = high & ~0xF000 | 0x4000
        low = low & ~(0b11 << 62) | 0b10 << 62
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            let word = index < 16 ? high : low
            text.append(digits[Int(truncatingIfNeeded: word >> UInt64(60 - index % 16 * 4)) & 15])
        }
        return text
    }
}
