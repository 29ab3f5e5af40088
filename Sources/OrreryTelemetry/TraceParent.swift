/// Where a call stands in a trace: the field `traceparent` of W3C Trace Context. It is written in version 00; of later
/// versions what they have in common with that is read, as the recommendation has it ("Versioning of traceparent").
public struct TraceParent: Sendable, Equatable {
    /// The number of the trace, in two words, which are not both 0.
    public let traceHigh: UInt64
    public let traceLow: UInt64
    /// The number of the part of it that the call is; not 0.
    public let span: UInt64
    public let flags: UInt8

    /// A place that was kept otherwise than as text; nil for numbers that the recommendation forbids.
    public init?(traceHigh: UInt64, traceLow: UInt64, span: UInt64, flags: UInt8) {
        guard traceHigh | traceLow != 0, span != 0 else { return nil }
        (self.traceHigh, self.traceLow, self.span, self.flags) = (traceHigh, traceLow, span, flags)
    }

    /// Reads a field; nil for what is none.
    public init?(_ field: some Collection<UInt8>) {
        let text = Array(field)
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = Self.number(text[0..<2]), version < 0xFF, version > 0 || text.count == 55,
            text.count == 55 || text[55] == dash,
            let high = Self.number(text[3..<19]), let low = Self.number(text[19..<35]),
            let span = Self.number(text[36..<52]), let flags = Self.number(text[53..<55])
        else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, flags: UInt8(truncatingIfNeeded: flags))
    }

    /// A part of the trace that a field names, or the first part of a new one where it names none.
    public init(after field: String?) {
        if let parent = field.flatMap({ TraceParent($0.utf8) }) {
            self = parent.child()
        } else {
            let number = FindingNumber.next()
            (traceHigh, traceLow, span, flags) = (number.high, max(1, number.low), Self.newSpan(), 1)
        }
    }

    private init(partOf parent: TraceParent) {
        (traceHigh, traceLow, flags) = (parent.traceHigh, parent.traceLow, parent.flags)
        span = Self.newSpan()
    }

    /// A part of this part.
    public func child() -> TraceParent { TraceParent(partOf: self) }

    private static func newSpan() -> UInt64 { max(1, FindingNumber.next().low) }

    /// Small hexadecimal digits, as the recommendation has them.
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

    // MARK: Texts

    /// The field.
    public var text: String {
        var text = Array("00-".utf8)
        text.reserveCapacity(55)
        text.append(hexadecimal: traceHigh, digitCount: 16)
        text.append(hexadecimal: traceLow, digitCount: 16)
        text.append(UInt8(ascii: "-"))
        text.append(hexadecimal: span, digitCount: 16)
        text.append(UInt8(ascii: "-"))
        text.append(hexadecimal: UInt64(flags), digitCount: 2)
        return String(decoding: text, as: UTF8.self)
    }

    /// The trace's number, 32 digits.
    public var traceID: String {
        var text: [UInt8] = []
        text.append(hexadecimal: traceHigh, digitCount: 16)
        text.append(hexadecimal: traceLow, digitCount: 16)
        return String(decoding: text, as: UTF8.self)
    }

    /// The number of the part, 16 digits.
    public var spanID: String {
        var text: [UInt8] = []
        text.append(hexadecimal: span, digitCount: 16)
        return String(decoding: text, as: UTF8.self)
    }
}
