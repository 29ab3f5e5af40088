/// One word or sign of an expression.
enum CESQLToken: Sendable, Equatable {
    /// A name or keyword, as it was written: letters, digits and underscores.
    case word(String)
    /// A number without its sign; more than 32 bits so that the lowest number has a place.
    case integer(Int64)
    case string(String)
    case sign(Sign)
    case end

    enum Sign: String, Sendable, CaseIterable {
        // The longer ones come first, for the first that fits is taken.
        case notEqual = "!="
        case diamond = "<>"
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case equal = "="
        case plus = "+"
        case minus = "-"
        case star = "*"
        case slash = "/"
        case percent = "%"
        case open = "("
        case close = ")"
        case comma = ","
    }
}

/// Cuts a text into tokens.
struct CESQLLexer {
    private let text: [UInt8]
    /// Where the next token is looked for.
    private(set) var offset = 0

    init(_ text: String) {
        self.text = Array(text.utf8)
    }

    mutating func next() throws(CESQLSyntaxError) -> CESQLToken {
        while offset < text.count, Self.isSpace(text[offset]) { offset += 1 }
        guard offset < text.count else { return .end }
        let byte = text[offset]
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { return try string(quote: byte) }
        if Self.isWord(byte) { return try word() }
        for sign in CESQLToken.Sign.allCases where text[offset...].starts(with: sign.rawValue.utf8) {
            offset += sign.rawValue.utf8.count
            return .sign(sign)
        }
        throw CESQLSyntaxError(reason: "unexpected character", offset: offset)
    }

    /// A backslash takes the quote behind it for itself; before all else it stands for itself, as patterns need it.
    private mutating func string(quote: UInt8) throws(CESQLSyntaxError) -> CESQLToken {
        let start = offset
        var bytes: [UInt8] = []
        offset += 1
        while offset < text.count, text[offset] != quote {
            if text[offset] == UInt8(ascii: "\\"), offset + 1 < text.count, text[offset + 1] == quote { offset += 1 }
            bytes.append(text[offset])
            offset += 1
        }
        guard offset < text.count else { throw CESQLSyntaxError(reason: "a string without its end", offset: start) }
        offset += 1
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    /// Digits alone are a number; attributes may begin with a digit.
    private mutating func word() throws(CESQLSyntaxError) -> CESQLToken {
        let start = offset
        while offset < text.count, Self.isWord(text[offset]) { offset += 1 }
        let word = String(decoding: text[start..<offset], as: UTF8.self)
        guard word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .word(word) }
        guard let value = Int64(word), value <= 1 << 31 else {
            throw CESQLSyntaxError(reason: "a number beyond 32 bits", offset: start)
        }
        return .integer(value)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
}
