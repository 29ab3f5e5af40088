/// A value inside a document: a reference to the document and a place on its tape.
///
/// Nodes are two words and cheap to copy. Nothing is converted until it is asked for.
public struct JSONNode: Sendable {
    public enum Kind: UInt8, Sendable {
        case null, boolean, number, string, array, object
    }

    let tape: JSONTape
    let index: Int

    @inline(__always)
    var entry: JSONTapeEntry { tape.entry(index) }

    public var document: JSONDocument { JSONDocument(tape: tape) }

    public var kind: Kind {
        switch entry.code {
        case .null: .null
        case .falseLiteral, .trueLiteral: .boolean
        case .integer, .decimal: .number
        case .string, .escapedString, .hiddenName: .string
        case .array: .array
        case .object: .object
        }
    }

    public var isNull: Bool { entry.code == .null }

    public var boolean: Bool? {
        switch entry.code {
        case .trueLiteral: true
        case .falseLiteral: false
        default: nil
        }
    }

    /// The number with its text; `double` and `int64` are cheaper where that is not needed.
    public var number: JSONNumber? {
        guard kind == .number else { return nil }
        return unsafe withContent { content in unsafe JSONNumber(validText: content) }
    }

    /// The nearest IEEE double of a number, correctly rounded.
    public var double: Double? {
        guard kind == .number else { return nil }
        return unsafe withContent { content in unsafe JSONNumberText.double(content) }
    }

    /// The exact value of a number whose text is an integer in range; nil for `1.0` and `1e2`.
    public var int64: Int64? {
        guard entry.code == .integer else { return nil }
        return unsafe withContent { content in unsafe JSONNumberText.int64(content) }
    }

    /// A string's value, its escapes decoded.
    public var string: String? {
        switch entry.code {
        case .string: unsafe withContent { content in unsafe String(decoding: content, as: UTF8.self) }
        case .escapedString:
            unsafe withContent { content in unsafe String(decoding: JSONEscape.decoded(content), as: UTF8.self) }
        default: nil
        }
    }

    /// The UTF-8 of a string's value, its escapes decoded.
    public var stringBytes: [UInt8]? {
        switch entry.code {
        case .string: unsafe withContent { content in unsafe Array(content) }
        case .escapedString: unsafe withContent { content in unsafe JSONEscape.decoded(content) }
        default: nil
        }
    }

    /// Whether it is a string of exactly these UTF-8 bytes once its escapes are decoded; nothing is allocated.
    public func isString(_ utf8: [UInt8]) -> Bool {
        let entry = entry
        return unsafe tape.withText { text in
            unsafe utf8.withUnsafeBufferPointer { utf8 in unsafe JSONStringText.isEqual(entry, in: text, to: utf8) }
        }
    }

    /// Whether it is a string of exactly this value, by UTF-8; nothing is allocated.
    public func isString(_ value: StaticString) -> Bool {
        let entry = entry
        return unsafe tape.withText { text in
            let utf8 = unsafe UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount)
            return unsafe JSONStringText.isEqual(entry, in: text, to: utf8)
        }
    }

    /// Whether both are written alike; values that are not may still be equal.
    func hasText(of other: JSONNode) -> Bool {
        let (entry, otherEntry) = (entry, other.entry)
        guard entry.code == otherEntry.code, entry.length == otherEntry.length else { return false }
        return unsafe withContent { own in
            unsafe other.withContent { other in unsafe JSONStringText.compare(own, other) == 0 }
        }
    }

    /// Where the value's raw text stands in `document.text`: quotes and brackets included, in bytes.
    public var textRange: Range<Int> {
        let entry = entry
        let isString = entry.code == .string || entry.code == .escapedString
        return isString
            ? entry.offset - 1..<entry.offset + entry.length + 1 : entry.offset..<entry.offset + entry.length
    }

    /// The value's raw text, as it stands in the document. It shares the document's storage.
    public var text: ArraySlice<UInt8> { tape.text[textRange] }

    /// Runs `body` over the entry's bytes: a scalar's text, a string's without its quotes, a container's whole text.
    @inline(__always)
    func withContent<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let entry = entry
        return unsafe tape.withText { text in
            unsafe body(UnsafeBufferPointer(rebasing: text[entry.offset..<entry.offset &+ entry.length]))
        }
    }
}
