import OrreryHTTP
import OrreryTelemetry

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

    /// A new GUID in the usual form of 8-4-4-4-12 hexadecimal digits (RFC 9562, version 4).
    static func made() -> [UInt8] {
        let number = FindingNumber.next()
        let high = number.high & ~0xF000 | 0x4000
        let low = number.low & ~(0b11 << 62) | 0b10 << 62
        var text = [UInt8](repeating: UInt8(ascii: "-"), count: 36)
        var span = text.mutableSpan
        var position = 0
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { position += 1 }
            let word = index < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - index % 16 * 4)) & 15
            span[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            position += 1
        }
        return text
    }
}
