import OrreryHTTP
import OrreryKeys
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
        let guid = GUID(high: number.high & ~0xF000 | 0x4000, low: number.low & ~(0b11 << 62) | 0b10 << 62)
        var text: [UInt8] = []
        guid.append(to: &text)
        return text
    }
}
