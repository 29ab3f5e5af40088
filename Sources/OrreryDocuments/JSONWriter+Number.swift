extension JSONWriter {
    /// A number with the text it was written with, or else the shortest that reads back as the same value.
    public mutating func number(_ value: JSONNumber) {
        if let text = value.text {
            raw(Array(text.utf8))
        } else if let integer = value.int64 {
            number(integer)
        } else {
            number(value.double)
        }
    }

    /// An integer in decimal digits.
    public mutating func number(_ value: Int) { number(Int64(value)) }

    /// An integer in decimal digits.
    public mutating func number(_ value: Int64) {
        var digits: [20 of UInt8] = .init(repeating: 0)
        var start = 20
        var rest = value.magnitude
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        beginScalar()
        if value < 0 { append(UInt8(ascii: "-")) }
        for position in start..<20 { append(digits[position]) }
    }

    /// The shortest digits that read back as the same double, set out as ECMAScript's Number::toString does: plain
    /// from 1e-6 up to below 1e21, with an exponent beyond. Minus zero stays `-0`. JSON has no text for what is not
    /// finite; it is written as `null`, and callers that must refuse it check before.
    public mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        guard value != 0 else { return literal(value.sign == .minus ? "-0" : "0") }
        let (digits, exponent) = Self.shortestDigits(value.magnitude)
        var text: [UInt8] = value < 0 ? [UInt8(ascii: "-")] : []
        let zero = UInt8(ascii: "0")
        switch exponent {
        case digits.count...21:
            text += digits
            text += repeatElement(zero, count: exponent - digits.count)
        case 1...21:
            text += digits[..<exponent]
            text.append(UInt8(ascii: "."))
            text += digits[exponent...]
        case -5...0:
            text += [zero, UInt8(ascii: ".")]
            text += repeatElement(zero, count: -exponent)
            text += digits
        default:
            text.append(digits[0])
            if digits.count > 1 { text.append(UInt8(ascii: ".")) }
            text += digits[1...]
            text += Array((exponent > 0 ? "e+" : "e-").utf8) + Array(String((exponent - 1).magnitude).utf8)
        }
        raw(text)
    }

    /// The shortest digits d1 d2 … and the exponent e for which 0.d1d2… × 10^e reads back as `value`, taken from the
    /// standard library's description, whose digits are the shortest and nearest.
    private static func shortestDigits(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var pointAfter: Int?
        var exponent = 0
        var exponentSign = 0
        for byte in value.description.utf8 {
            switch byte {
            case UInt8(ascii: "."): pointAfter = digits.count
            case UInt8(ascii: "e"): exponentSign = 1
            case UInt8(ascii: "-"): exponentSign = -1
            case UInt8(ascii: "+"): break
            default:
                let digit = Int(byte) - 0x30
                if exponentSign == 0 { digits.append(byte) } else { exponent = exponent * 10 + digit }
            }
        }
        exponent = exponent * exponentSign + (pointAfter ?? digits.count)
        let zero = UInt8(ascii: "0")
        let leadingZeros = digits.prefix { $0 == zero }.count
        digits.removeFirst(leadingZeros)
        while digits.last == zero { digits.removeLast() }
        return (digits, exponent - leadingZeros)
    }
}
