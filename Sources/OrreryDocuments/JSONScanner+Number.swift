extension JSONScanner {
    /// Scans a number by RFC 8259's grammar, without converting it, and appends its entry.
    ///
    /// Only a number with an exponent, or with more than 300 digits, can be out of a double's range; only those are
    /// converted here, to refuse them.
    @inline(__always)
    mutating func scanNumber() throws(JSONError) {
        let start = position
        var code = JSONTapeEntry.Code.integer
        var mayOverflow = false
        if unsafe text[position] == UInt8(ascii: "-") { position += 1 }
        let integerStart = position
        let integerDigits = skipDigits()
        guard integerDigits > 0, unsafe integerDigits == 1 || text[integerStart] != UInt8(ascii: "0") else {
            throw JSONError(.invalidNumber, at: start)
        }
        if position < end, unsafe text[position] == UInt8(ascii: ".") {
            position += 1
            code = .decimal
            guard skipDigits() > 0 else { throw JSONError(.invalidNumber, at: start) }
        }
        if position < end, unsafe text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            code = .decimal
            mayOverflow = true
            if position < end, unsafe text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits() > 0 else { throw JSONError(.invalidNumber, at: start) }
        }
        if mayOverflow || integerDigits > 300 {
            let digits = unsafe Span(_unsafeStart: text + start, count: position - start)
            guard JSONNumberText.double(digits).isFinite else { throw JSONError(.numberOutOfRange, at: start) }
        }
        append(JSONTapeEntry(code, offset: start, length: position - start).word)
    }

    /// Moves over digits and says how many there were.
    @inline(__always)
    private mutating func skipDigits() -> Int {
        let start = position
        while position < end, unsafe text[position] &- UInt8(ascii: "0") <= 9 { position &+= 1 }
        return position &- start
    }
}
