/// Cuts query text into tokens. It checks the shape of every word, so that the parser never looks at characters.
struct Lexer {
    private let text: [UInt8]
    private var offset = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// All tokens of the text; the last one is `end`.
    static func tokens(of text: [UInt8]) throws(QueryError) -> [Token] {
        var lexer = Lexer(text)
        var tokens: [Token] = []
        tokens.reserveCapacity(text.count / 4 + 4)
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private func byte(at index: Int) -> UInt8? {
        index < text.count ? text[index] : nil
    }

    private mutating func next() throws(QueryError) -> Token {
        try skipBlanksAndComments()
        let start = offset
        guard let first = byte(at: start) else { return Token(.end, start: start, end: start) }
        switch first {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return try string(quote: first)
        case UInt8(ascii: "@"):
            return try parameter()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number()
        case UInt8(ascii: ".") where byte(at: start + 1).map(Lexer.isDigit) == true:
            return try number()
        case UInt8(ascii: "{") where text[start...].starts(with: Lexer.placeholderStart):
            return try placeholder()
        default:
            if Lexer.startsName(first) { return name() }
            return try sign(first)
        }
    }

    private mutating func skipBlanksAndComments() throws(QueryError) {
        while let first = byte(at: offset) {
            switch (first, byte(at: offset + 1)) {
            case (UInt8(ascii: " "), _), (UInt8(ascii: "\t"), _), (UInt8(ascii: "\r"), _), (UInt8(ascii: "\n"), _):
                offset += 1
            case (UInt8(ascii: "-"), UInt8(ascii: "-")):
                while let next = byte(at: offset), next != UInt8(ascii: "\n") { offset += 1 }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                try skipBlockComment()
            case (0xC2, 0xA0):  // no-break space, which comes with text pasted from documents
                offset += 2
            default:
                return
            }
        }
    }

    private mutating func skipBlockComment() throws(QueryError) {
        let start = offset
        offset += 2
        while let next = byte(at: offset) {
            if next == UInt8(ascii: "*"), byte(at: offset + 1) == UInt8(ascii: "/") {
                offset += 2
                return
            }
            offset += 1
        }
        throw .syntax(near: "/*", at: SourceRange(start: start, end: text.count))
    }

    // MARK: Words

    private mutating func name() -> Token {
        let start = offset
        while let next = byte(at: offset), Lexer.continuesName(next) { offset += 1 }
        if let keyword = Keyword(spelling: text[start..<offset]) {
            return Token(.keyword, keyword: keyword, start: start, end: offset)
        }
        return Token(.identifier, start: start, end: offset)
    }

    private mutating func parameter() throws(QueryError) -> Token {
        let start = offset
        offset += 1
        while let next = byte(at: offset), Lexer.continuesName(next) { offset += 1 }
        guard offset > start + 1 else { throw .syntax(near: "@", at: SourceRange(start: start, end: offset)) }
        return Token(.parameter, start: start, end: offset)
    }

    private static let placeholderStart = Array("{documentdb-".utf8)

    private mutating func placeholder() throws(QueryError) -> Token {
        let start = offset
        while let next = byte(at: offset) {
            offset += 1
            if next == UInt8(ascii: "}") { return Token(.placeholder, start: start, end: offset) }
        }
        throw .syntax(near: "{", at: SourceRange(start: start, end: start + 1))
    }

    private mutating func number() throws(QueryError) -> Token {
        let start = offset
        if text[start] == UInt8(ascii: "0"), let mark = byte(at: start + 1), mark | 0x20 == UInt8(ascii: "x") {
            offset += 2
            while let next = byte(at: offset), Lexer.hexValue(next) != nil { offset += 1 }
            guard offset > start + 2 else { throw unexpected(from: start) }
        } else {
            skipDigits()
            if byte(at: offset) == UInt8(ascii: ".") {
                offset += 1
                skipDigits()
            }
            if let mark = byte(at: offset), mark | 0x20 == UInt8(ascii: "e") {
                offset += 1
                if let sign = byte(at: offset), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
                guard let digit = byte(at: offset), Lexer.isDigit(digit) else { throw unexpected(from: start) }
                skipDigits()
            }
        }
        if let next = byte(at: offset), Lexer.continuesName(next) { throw unexpected(from: start) }
        return Token(.number, start: start, end: offset)
    }

    private mutating func skipDigits() {
        while let next = byte(at: offset), Lexer.isDigit(next) { offset += 1 }
    }

    private mutating func string(quote: UInt8) throws(QueryError) -> Token {
        let start = offset
        offset += 1
        while let next = byte(at: offset) {
            offset += 1
            switch next {
            case quote: return Token(.string, start: start, end: offset)
            case UInt8(ascii: "\\"): offset += 1
            default: break
            }
        }
        throw .syntax(
            near: String(decoding: text[start..<min(start + 20, text.count)], as: UTF8.self),
            at: SourceRange(start: start, end: text.count))
    }

    // MARK: Signs

    private mutating func sign(_ first: UInt8) throws(QueryError) -> Token {
        let start = offset
        let second = byte(at: start + 1)
        let third = byte(at: start + 2)
        let (kind, length): (Token.Kind, Int) =
            switch (first, second) {
            case (UInt8(ascii: "?"), UInt8(ascii: "?")): (.doubleQuestion, 2)
            case (UInt8(ascii: "|"), UInt8(ascii: "|")): (.doubleBar, 2)
            case (UInt8(ascii: "<"), UInt8(ascii: "<")): (.shiftLeft, 2)
            case (UInt8(ascii: "<"), UInt8(ascii: "=")): (.lessOrEqual, 2)
            case (UInt8(ascii: "<"), UInt8(ascii: ">")): (.notEqual, 2)
            case (UInt8(ascii: ">"), UInt8(ascii: ">")):
                third == UInt8(ascii: ">") ? (.shiftRightZeroFill, 3) : (.shiftRight, 2)
            case (UInt8(ascii: ">"), UInt8(ascii: "=")): (.greaterOrEqual, 2)
            case (UInt8(ascii: "!"), UInt8(ascii: "=")): (.notEqual, 2)
            default: (Lexer.single(first) ?? .end, 1)
            }
        guard kind != .end else { throw unexpected(from: start) }
        offset += length
        return Token(kind, start: start, end: offset)
    }

    private static func single(_ byte: UInt8) -> Token.Kind? {
        switch byte {
        case UInt8(ascii: "("): .leftParenthesis
        case UInt8(ascii: ")"): .rightParenthesis
        case UInt8(ascii: "["): .leftBracket
        case UInt8(ascii: "]"): .rightBracket
        case UInt8(ascii: "{"): .leftBrace
        case UInt8(ascii: "}"): .rightBrace
        case UInt8(ascii: ","): .comma
        case UInt8(ascii: "."): .dot
        case UInt8(ascii: ":"): .colon
        case UInt8(ascii: "?"): .question
        case UInt8(ascii: "*"): .star
        case UInt8(ascii: "/"): .slash
        case UInt8(ascii: "%"): .percent
        case UInt8(ascii: "+"): .plus
        case UInt8(ascii: "-"): .minus
        case UInt8(ascii: "~"): .tilde
        case UInt8(ascii: "^"): .caret
        case UInt8(ascii: "&"): .ampersand
        case UInt8(ascii: "|"): .bar
        case UInt8(ascii: "="): .equal
        case UInt8(ascii: "<"): .less
        case UInt8(ascii: ">"): .greater
        default: nil
        }
    }

    private func unexpected(from start: Int) -> QueryError {
        let end = min(max(offset, start + 1), text.count)
        return .syntax(
            near: String(decoding: text[start..<end], as: UTF8.self), at: SourceRange(start: start, end: end))
    }

    // MARK: Character classes

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Letters of any script may stand in names; every byte of a multi-byte character counts as a letter.
    static func startsName(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    static func continuesName(_ byte: UInt8) -> Bool {
        startsName(byte) || isDigit(byte)
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
