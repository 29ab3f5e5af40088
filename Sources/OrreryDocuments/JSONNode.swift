/// A value inside a document: a reference to the document and a place on its tape.
///
/// Nodes are two words and cheap to copy. Nothing is converted until it is asked for.
public struct JSONNode: Sendable {
    /// JSON's types, in the order in which values of different types sort (booleans sort as two).
    public enum Kind: UInt8, Sendable {
        case null, boolean, number, string, array, object
    }

    let tape: JSONTape
    let index: Int

    @inline(__always)
    var entry: JSONTapeEntry { tape.entry(index) }

    /// The document it stands in.
    public var document: JSONDocument { JSONDocument(tape: tape) }

    /// Its type.
    public var kind: Kind { entry.kind }

    /// Whether it is null.
    public var isNull: Bool { entry.code == .null }

    /// The value of a boolean; nil for other types.
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
        return JSONNumber(validText: content)
    }

    /// The nearest IEEE double of a number, correctly rounded.
    public var double: Double? {
        guard kind == .number else { return nil }
        return JSONNumberText.double(content)
    }

    /// The exact value of a number whose text is an integer in range; nil for `1.0` and `1e2`.
    public var int64: Int64? {
        guard entry.code == .integer else { return nil }
        return JSONNumberText.int64(content)
    }

    /// A string's value, its escapes decoded.
    public var string: String? {
        switch entry.code {
        case .string: String(validUTF8: content)
        case .escapedString: String(decoding: JSONEscape.decoded(content), as: UTF8.self)
        default: nil
        }
    }

    /// The UTF-8 of a string's value, its escapes decoded.
    public var stringBytes: [UInt8]? {
        switch entry.code {
        case .string: Array(content)
        case .escapedString: JSONEscape.decoded(content)
        default: nil
        }
    }

    /// Whether it is a string of exactly these UTF-8 bytes once its escapes are decoded; nothing is allocated.
    public func isString(_ utf8: [UInt8]) -> Bool { isString(JSONStringText(utf8.span)) }

    /// Whether it is a string of exactly this value, by UTF-8; nothing is allocated.
    public func isString(_ value: String) -> Bool {
        let utf8 = value.utf8
        return isString(JSONStringText(utf8.span))
    }

    private func isString(_ wanted: JSONStringText) -> Bool { kind == .string && stringText.isEqual(wanted) }

    /// Whether both are written alike; values that are not may still be equal.
    func hasText(of other: JSONNode) -> Bool {
        let (entry, otherEntry) = (entry, other.entry)
        guard entry.code == otherEntry.code, entry.length == otherEntry.length else { return false }
        return content.compare(other.content) == 0
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

    /// A scalar's text, a string's without its quotes, a container's whole text.
    var content: Span<UInt8> {
        @_lifetime(borrow self)
        @inline(__always)
        get { tape.content(entry) }
    }

    /// A string or visible name where it stands.
    var stringText: JSONStringText {
        @_lifetime(borrow self)
        @inline(__always)
        get {
            let entry = entry
            return JSONStringText(tape.content(entry), hasEscapes: entry.code == .escapedString)
        }
    }
}
