extension JSONScanner {
    /// Scans a string whose opening quote stands at the position, and appends its entry.
    @inline(__always)
    mutating func scanString() throws(JSONError) {
        let start = position + 1
        position = start
        var code = JSONTapeEntry.Code.string
        while true {
            skipPlainBytes()
            let byte = try byteAtPosition()
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                code = .escapedString
                try scanEscape()
            } else if byte >= 0x80 {
                try scanMultibyteCharacters()
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter, at: position)
            } else {
                position += 1
            }
        }
        append(JSONTapeEntry(code, offset: start, length: position - start).word)
        position += 1
    }

    /// Moves over ASCII that needs no attention, eight bytes at a time. It may stop early near the end of the text.
    ///
    /// A byte's high bit in `stops` is set where it is a quote, a backslash, below 0x20 or not ASCII. Borrows can set
    /// bits above a stop but never below one, so the lowest is exact.
    @inline(__always)
    private mutating func skipPlainBytes() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while position &+ 8 <= end {
            let eight = unsafe UnsafeRawPointer(text + position).loadUnaligned(as: UInt64.self).littleEndian
            let quotes = (eight ^ (ones &* 0x22)) &- ones
            let backslashes = (eight ^ (ones &* 0x5C)) &- ones
            let controls = eight &- (ones &* 0x20)
            let stops = (quotes | backslashes | controls | eight) & (ones &* 0x80)
            if stops != 0 {
                position &+= stops.trailingZeroBitCount >> 3
                return
            }
            position &+= 8
        }
    }

    /// Scans one escape, whose backslash stands at the position.
    private mutating func scanEscape() throws(JSONError) {
        let start = position
        position += 1
        switch try byteAtPosition() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            let unit = try scanHexadecimal()
            guard unit & 0xF800 == 0xD800 else { return }
            guard unit < 0xDC00, position + 1 < end,
                unsafe text[position] == UInt8(ascii: "\\") && text[position + 1] == UInt8(ascii: "u")
            else { throw JSONError(.loneSurrogate, at: start) }
            position += 2
            let low = try scanHexadecimal()
            guard low & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
        default:
            throw JSONError(.invalidEscape, at: start)
        }
    }

    private mutating func scanHexadecimal() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = try JSONEscape.digit(byteAtPosition()) else {
                throw JSONError(.invalidEscape, at: position)
            }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    /// Scans a run of characters that are not ASCII: the well-formed byte sequences of the Unicode Standard, table 3-7.
    private mutating func scanMultibyteCharacters() throws(JSONError) {
        while position < end {
            let lead = unsafe text[position]
            if lead < 0x80 { return }
            let length: Int
            // The second byte's range is what keeps out overlong forms, surrogates and what is beyond U+10FFFF.
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: length = 3
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            case 0xF1...0xF3: length = 4
            default: throw JSONError(.invalidUTF8, at: position)
            }
            guard position + length <= end, unsafe second.contains(text[position + 1]) else {
                throw JSONError(.invalidUTF8, at: position)
            }
            for offset in 2..<4 where offset < length {
                guard unsafe text[position + offset] & 0xC0 == 0x80 else { throw JSONError(.invalidUTF8, at: position) }
            }
            position += length
        }
    }
}
