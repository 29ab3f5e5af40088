/// A value in a log line. Never give it a document, a part of one, a key or a token.
public enum LogValue: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    case integer(Int64)
    case double(Double)
    case boolean(Bool)
    case text(String)

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }

    /// Longer texts are cut: a line is for reading.
    static let textBytesMax = 512

    /// The value as logfmt has it: bare where that is clear, else quoted with JSON's escapes, always on one line.
    var logfmt: String {
        switch self {
        case .integer(let value): return String(value)
        case .double(let value): return String(value)
        case .boolean(let value): return String(value)
        case .text(let text):
            let isBare = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D && $0 != 0x5C }
            let cut = text.utf8.count > Self.textBytesMax
            if isBare && !cut && !text.isEmpty { return text }
            return "\"" + Self.escaped(text.unicodeScalars, bytesMax: Self.textBytesMax) + (cut ? "…\"" : "\"")
        }
    }

    private static func escaped(_ text: String.UnicodeScalarView, bytesMax: Int) -> String {
        var escaped = ""
        var byteCount = 0
        for character in text {
            byteCount += UTF8.width(character)
            if byteCount > bytesMax { break }
            switch character {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where character.value < 0x20 || (0x7F...0x9F).contains(character.value),
                // Line and paragraph separators, which some readers take for line ends.
                _ where (0x2028...0x2029).contains(character.value):
                let hex = String(character.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
