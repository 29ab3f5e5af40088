/// Conversions of number texts that the scanner has found valid.
enum JSONNumberText {
    /// The powers of ten that a double holds exactly.
    private static let exactPowers: [23 of Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The integer that `text` spells, or nil where it has a fraction or exponent or is out of range.
    static func int64(_ text: Span<UInt8>) -> Int64? {
        guard !text.isEmpty else { return nil }
        let isNegative = text[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        for position in (isNegative ? 1 : 0)..<text.count {
            let digit = text[position] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
            // Built up on the negative side, which holds one more.
            let (sum, overflowsToo) = tenfold.subtractingReportingOverflow(Int64(digit))
            if overflows || overflowsToo { return nil }
            value = sum
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// The double nearest to `text`, ties to even; infinite where it is out of range.
    ///
    /// Where the digits fit 53 bits and the power of ten is exact, one rounding of a product or quotient is the
    /// correct one (Clinger, "How to Read Floating Point Numbers Accurately", 1990). Other texts go to the standard
    /// library's conversion, which is correctly rounded too and slower.
    static func double(_ text: Span<UInt8>) -> Double {
        exactDouble(text) ?? Double(String(validUTF8: text)) ?? .infinity
    }

    private static func exactDouble(_ text: Span<UInt8>) -> Double? {
        var digits: UInt64 = 0
        var scale = 0
        var position = 0
        var isFraction = false
        let isNegative = !text.isEmpty && text[0] == UInt8(ascii: "-")
        if isNegative { position = 1 }
        while position < text.count {
            let byte = text[position]
            let digit = byte &- UInt8(ascii: "0")
            if digit <= 9 {
                digits = digits &* 10 &+ UInt64(digit)
                if digits > 1 << 53 { return nil }
                if isFraction { scale &-= 1 }
            } else if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                guard let exponent = exponent(text, from: position + 1) else { return nil }
                scale += exponent
                break
            }
            position += 1
        }
        let value = Double(digits)
        guard abs(scale) <= 22 else { return nil }
        let scaled = scale < 0 ? value / exactPowers[-scale] : value * exactPowers[scale]
        return isNegative ? -scaled : scaled
    }

    /// The exponent whose sign or first digit stands at `start`; nil where it is beyond any use.
    private static func exponent(_ text: Span<UInt8>, from start: Int) -> Int? {
        var value = 0
        for position in start..<text.count {
            let digit = text[position] &- UInt8(ascii: "0")
            guard digit <= 9 else { continue }
            value = value * 10 + Int(digit)
            if value > 400 { return nil }
        }
        return start < text.count && text[start] == UInt8(ascii: "-") ? -value : value
    }
}
