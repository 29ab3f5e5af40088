/// Why a text is not acceptable JSON, and where.
public struct JSONError: Error, Sendable, Equatable {
    /// What is wrong.
    public enum Kind: Sendable, Equatable, CaseIterable {
        /// There is nothing but white space.
        case empty
        /// The text ends inside a value.
        case unexpectedEnd
        /// A byte that cannot stand here: a value, a name, `:`, `,` or a closing bracket was expected.
        case unexpectedByte
        /// Something follows the value.
        case trailingBytes
        /// A byte below 0x20 stands unescaped in a string.
        case controlCharacter
        /// A backslash is followed by something that is no escape, or `\u` by fewer than four hexadecimal digits.
        case invalidEscape
        /// A `\u` escape names half of a surrogate pair without its other half.
        case loneSurrogate
        /// The bytes are not UTF-8: overlong, truncated, a surrogate, or beyond U+10FFFF.
        case invalidUTF8
        /// A number breaks the grammar: `01`, `1.`, `.5`, `+1`, `1e`, `-`.
        case invalidNumber
        /// A number is larger than an IEEE double can hold.
        case numberOutOfRange
        /// Arrays and objects are nested deeper than the limit.
        case tooDeep
        /// The text is longer than `JSONLimits.textBytesMax`.
        case tooLong
    }

    /// What is wrong.
    public let kind: Kind
    /// Bytes from the start of the text to the one at fault.
    public let offset: Int

    /// An error of a kind at a byte offset.
    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    /// One English phrase that names the fault and its place, fit for an error message; it never quotes the text.
    public var description: String { "\(kind.phrase) at byte \(offset)" }
}

extension JSONError.Kind {
    fileprivate var phrase: String {
        switch self {
        case .empty: "no value"
        case .unexpectedEnd: "unexpected end of text"
        case .unexpectedByte: "unexpected character"
        case .trailingBytes: "unexpected text after the value"
        case .controlCharacter: "unescaped control character in a string"
        case .invalidEscape: "invalid escape in a string"
        case .loneSurrogate: "lone surrogate in a string"
        case .invalidUTF8: "invalid UTF-8"
        case .invalidNumber: "invalid number"
        case .numberOutOfRange: "number out of range"
        case .tooDeep: "nested too deeply"
        case .tooLong: "text too long"
        }
    }
}
