import OrreryTelemetry

/// Where a call stands in a trace: the `traceparent` field of W3C Trace Context, version 00.
struct TraceParent: Sendable, Equatable {
    /// The trace, 32 hexadecimal digits, and its flags, two.
    let trace: String
    let flags: String
    /// The call's own part of the trace, 16 hexadecimal digits.
    let span = TraceParent.digits(FindingNumber.next().low)

    /// A part of the trace that a field names, or the first part of a new one.
    init(after field: String?) {
        let parts = (field ?? "").split(separator: "-", omittingEmptySubsequences: false)
        let isKnown = parts.count == 4 && parts[0] == "00" && Self.isID(parts[1], count: 32)
            && Self.isID(parts[2], count: 16) && parts[3].utf8.count == 2 && parts[3].utf8.allSatisfy(Self.isDigit)
        trace = isKnown ? String(parts[1]) : Self.digits()
        flags = isKnown ? String(parts[3]) : "01"
    }

    var text: String { "00-\(trace)-\(span)-\(flags)" }

    /// Thirty-two hexadecimal digits for finding a call again.
    static func digits() -> String {
        let number = FindingNumber.next()
        return digits(number.high) + digits(number.low)
    }

    private static func digits(_ word: UInt64) -> String {
        let text = String(word, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }

    private static func isID(_ text: Substring, count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy(isDigit) && text.utf8.contains { $0 != UInt8(ascii: "0") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
