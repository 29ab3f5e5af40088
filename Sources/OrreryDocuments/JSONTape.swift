/// One word of a tape: what a value is and where its text stands.
///
/// Bits 0–31 hold the offset, 32–59 the length, 60–63 the code. Offset and length are those of the value's text, and
/// for a string those of what stands between its quotes.
@usableFromInline
struct JSONTapeEntry {
    @usableFromInline
    enum Code: UInt8 {
        case null, falseLiteral, trueLiteral
        /// A number without fraction and exponent.
        case integer
        /// A number with a fraction, an exponent or both.
        case decimal
        /// A string whose bytes are its value.
        case string
        /// A string with at least one escape.
        case escapedString
        /// A name that a later one in the same object hides, plain or with escapes.
        case hiddenName
        /// A container. A second word follows: its members or elements (bits 0–31) and the index on the tape just
        /// after it (bits 32–63). Then come the elements, or a string entry for each name before its value.
        case array, object
    }

    @usableFromInline let word: UInt64

    @inlinable
    init(word: UInt64) {
        self.word = word
    }

    init(_ code: Code, offset: Int, length: Int) {
        let place = UInt64(truncatingIfNeeded: length) << 32 | UInt64(truncatingIfNeeded: offset)
        word = UInt64(code.rawValue) << 60 | place
    }

    var code: Code { Code(rawValue: UInt8(truncatingIfNeeded: word >> 60)) ?? .null }
    @inlinable var offset: Int { Int(truncatingIfNeeded: word & 0xFFFF_FFFF) }
    @inlinable var length: Int { Int(truncatingIfNeeded: word >> 32 & 0xFFF_FFFF) }

    // Questions that compare the code where it stands, for those who ask of every value.

    @inlinable var isContainer: Bool { word >> 60 >= UInt64(Code.array.rawValue) }
    @inlinable var isHiddenName: Bool { word >> 60 == UInt64(Code.hiddenName.rawValue) }
    @inlinable var isTrue: Bool { word >> 60 == UInt64(Code.trueLiteral.rawValue) }
    @inlinable var hasEscapes: Bool { word >> 60 == UInt64(Code.escapedString.rawValue) }

    /// The type of the value, or `.string` for a name.
    @inlinable var kind: JSONNode.Kind {
        let code = word >> 60
        if code >= UInt64(Code.array.rawValue) { return code == UInt64(Code.array.rawValue) ? .array : .object }
        if code >= UInt64(Code.string.rawValue) { return .string }
        if code >= UInt64(Code.integer.rawValue) { return .number }
        return code == UInt64(Code.null.rawValue) ? .null : .boolean
    }
}

/// A text and the words that describe its values.
///
/// The scanner writes the words before anybody else sees the tape; from then on they are only read and freed with it,
/// which is why the tape may be shared between threads.
@safe final class JSONTape: @unchecked Sendable {
    let text: [UInt8]
    private let words: UnsafeMutablePointer<UInt64>
    private let count: Int

    /// Takes over `words`, which `UnsafeMutablePointer.allocate` made and of which the first `count` are set.
    init(text: [UInt8], words: UnsafeMutablePointer<UInt64>, count: Int) {
        self.text = text
        unsafe self.words = words
        self.count = count
    }

    deinit {
        unsafe words.deallocate()
    }

    /// The word at `index`, which must be on the tape: nodes only hold indices that the scanner wrote.
    @inline(__always)
    subscript(index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        return unsafe words[index]
    }

    @inline(__always)
    func entry(_ index: Int) -> JSONTapeEntry { JSONTapeEntry(word: self[index]) }

    /// The tape, to be walked from place to place.
    var walk: JSONWalk {
        @_lifetime(borrow self)
        get {
            // Words and text never change and live as long as the tape, but the compiler cannot see through a class.
            let words = unsafe Span(_unsafeStart: self.words, count: count)
            let bytes = unsafe text.withUnsafeBufferPointer { unsafe $0 }
            let walk = unsafe JSONWalk(words: words, text: Span(_unsafeElements: bytes))
            return unsafe _overrideLifetime(walk, borrowing: self)
        }
    }

    /// How many elements or visible members the container at `index` has.
    func childCount(_ index: Int) -> Int { Int(truncatingIfNeeded: self[index + 1] & 0xFFFF_FFFF) }

    /// The index just after the value at `index`.
    @inline(__always)
    func next(after index: Int) -> Int {
        entry(index).isContainer ? Int(truncatingIfNeeded: self[index + 1] >> 32) : index + 1
    }

    /// The entry's bytes: a scalar's text, a string's without its quotes, a container's whole text.
    @inline(__always)
    @_lifetime(borrow self)
    func content(_ entry: JSONTapeEntry) -> Span<UInt8> {
        // The text is never changed and lives as long as the tape, but the compiler cannot yet see through a class.
        let bytes = unsafe text.withUnsafeBufferPointer { unsafe $0 }
        let content = unsafe Span(_unsafeElements: bytes).extracting(entry.offset..<entry.offset &+ entry.length)
        return unsafe _overrideLifetime(content, borrowing: self)
    }
}
