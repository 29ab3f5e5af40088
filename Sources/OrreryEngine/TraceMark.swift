/// The trace that a write was part of, and the span in it (W3C Trace Context, version 00): 25 bytes of a log record,
/// which has none where nobody said.
public struct TraceMark: Sendable, Equatable {
    /// The number of the trace; 0 for none, which the standard forbids as a number.
    private var traceHigh: UInt64 = 0
    private var traceLow: UInt64 = 0
    private var span: UInt64 = 0
    private var flags: UInt8 = 0

    /// No trace.
    public static let none = TraceMark()

    /// Whether there is a trace.
    public var isThere: Bool { traceHigh | traceLow != 0 }

    private init() {}

    /// Reads the header `traceparent`; nil for what is none.
    public init?(traceparent header: some Collection<UInt8>) {
        let text = Array(header)
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = Self.number(text[0..<2]), version < 0xFF, version > 0 || text.count == 55,
            text.count == 55 || text[55] == dash,
            let high = Self.number(text[3..<19]), let low = Self.number(text[19..<35]),
            let span = Self.number(text[36..<52]), let flags = Self.number(text[53..<55]), high | low != 0, span != 0
        else { return nil }
        (traceHigh, traceLow, self.span, self.flags) = (high, low, span, UInt8(truncatingIfNeeded: flags))
    }

    /// The header `traceparent`; nil for none.
    public var traceparent: String? {
        guard isThere else { return nil }
        let parts = ["00", Self.digits(traceHigh, 16) + Self.digits(traceLow, 16), Self.digits(span, 16)]
        return (parts + [Self.digits(UInt64(flags), 2)]).joined(separator: "-")
    }

    /// Small hexadecimal digits, as the standard has them.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }

    private static func digits(_ number: UInt64, _ count: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: count - digits.utf8.count) + digits
    }
}

extension TraceMark {
    /// Its size in a log record.
    static let byteCount = 25

    /// Reads it from a log record, where it begins at an offset.
    init(_ bytes: Span<UInt8>, at offset: Int) {
        traceHigh = bytes.littleEndian(at: offset, as: UInt64.self)
        traceLow = bytes.littleEndian(at: offset + 8, as: UInt64.self)
        span = bytes.littleEndian(at: offset + 16, as: UInt64.self)
        flags = bytes[offset + 24]
    }

    /// Writes it to a log record.
    func write(to record: inout MutableSpan<UInt8>, at offset: Int) {
        record.store(traceHigh, at: offset)
        record.store(traceLow, at: offset + 8)
        record.store(span, at: offset + 16)
        record.store(flags, at: offset + 24)
    }
}
