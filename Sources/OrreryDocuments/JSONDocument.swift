// OrreryDocuments: JSON text, validated once and then navigated, compared, ordered, written and patched in place.
// It knows nothing of storage, partition keys, queries or HTTP: bytes come in, bytes and values go out.

/// A JSON text that has been validated in full, with the tape that lets its values be reached without parsing again.
///
/// A document is one reference, so copies are cheap, and it never changes. The text is kept byte for byte: numbers
/// keep the digits they were written with, strings their escapes.
public struct JSONDocument: Sendable {
    let tape: JSONTape

    /// Validates `text` completely: UTF-8, escapes, surrogate pairs, the number grammar and range, nesting, and that
    /// nothing but white space stands around the one value (RFC 8259).
    ///
    /// Decisions where the RFC leaves room:
    /// - A name that occurs again in an object hides the earlier occurrences: the last wins.
    /// - A lone surrogate escape (`"\ud800"`) is an error, for UTF-8 cannot hold the string it stands for.
    /// - A number beyond the range of an IEEE double (`1e999`) is an error, for numbers compare as doubles; one too
    ///   small (`1e-999`) is zero.
    /// - A byte order mark is an error.
    /// - Throws: `JSONError` with the offset of the byte at fault.
    public init(parsing text: [UInt8], limits: JSONLimits = .item) throws(JSONError) {
        tape = try JSONScanner.scan(text, limits: limits)
    }

    /// Validates the UTF-8 of `text`; see `init(parsing:limits:)`.
    public init(parsing text: String, limits: JSONLimits = .item) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    init(tape: JSONTape) {
        self.tape = tape
    }

    /// The whole text as it was given, white space around the value included.
    public var text: [UInt8] { tape.text }

    /// The one value that the text holds.
    public var root: JSONNode { JSONNode(tape: tape, index: 0) }
}
