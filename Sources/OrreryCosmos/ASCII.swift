extension StaticString {
    /// The text as an array of bytes.
    var bytes: [UInt8] {
        withUTF8Buffer { unsafe [UInt8]($0) }
    }
}

extension Collection<UInt8> {
    /// Whether the bytes are exactly this text, without making a String of either.
    func elementsEqual(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && text.withUTF8Buffer { unsafe elementsEqual($0) }
    }
}

extension UInt8 {
    /// This byte with an ASCII capital letter made small.
    var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}

extension Collection<UInt8> {
    /// Whether the bytes are this text, capital letters or not. The text itself is in small letters.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            var place = 0
            for byte in self {
                // Safe: the counts are equal, so there is a byte of the text for each.
                guard unsafe byte.lowercased == text[place] else { return false }
                place += 1
            }
            return true
        }
    }
}
