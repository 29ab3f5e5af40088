/// A document to be walked as a whole: its values are places, counted from ``root``.
///
/// A node holds a reference to its document and counts it at every step; a place is a number, so that what looks at
/// every value of a document costs only the looking. Places come from this type alone; others end the process.
///
/// After the place of an array or object comes its first child's, and ``next(after:)`` leads from child to child until
/// ``end(of:)``. The children of an object are its names, each with its value at the place behind it.
public struct JSONWalk: ~Escapable {
    @usableFromInline let words: Span<UInt64>
    @usableFromInline let text: Span<UInt8>

    @_lifetime(copy words, copy text)
    init(words: Span<UInt64>, text: Span<UInt8>) {
        self.words = words
        self.text = text
    }

    /// The place of the document's one value.
    public static var root: Int { 0 }

    @inlinable
    func entry(_ place: Int) -> JSONTapeEntry { JSONTapeEntry(word: words[place]) }

    /// The type of the value at a place.
    @inlinable
    public func kind(_ place: Int) -> JSONNode.Kind { entry(place).kind }

    /// The first child's place of an array or object; its end where it has none.
    @inlinable
    public func firstChild(of place: Int) -> Int { place + 2 }

    /// The place behind the last child of an array or object.
    @inlinable
    public func end(of place: Int) -> Int { next(after: place) }

    /// The place behind a value and all that is in it.
    @inlinable
    public func next(after place: Int) -> Int {
        entry(place).isContainer ? Int(truncatingIfNeeded: words[place + 1] >> 32) : place + 1
    }

    /// Whether a later name of the same object hides this one.
    @inlinable
    public func isHidden(_ name: Int) -> Bool { entry(name).isHiddenName }

    /// Whether a boolean is true.
    @inlinable
    public func isTrue(_ place: Int) -> Bool { entry(place).isTrue }

    /// The nearest double of a number.
    public func double(_ place: Int) -> Double { JSONNumberText.double(content(place)) }

    /// Whether a string or name holds escapes, and so has to be decoded.
    @inlinable
    public func hasEscapes(_ place: Int) -> Bool { entry(place).hasEscapes }

    /// The bytes of a string or name as they stand between its quotes, of a number or literal as it stands.
    @inlinable
    @_lifetime(copy self)
    public func content(_ place: Int) -> Span<UInt8> {
        let entry = entry(place)
        return text.extracting(entry.offset..<entry.offset &+ entry.length)
    }

    /// The UTF-8 of a string or name with its escapes decoded.
    public func decoded(_ place: Int) -> [UInt8] {
        hasEscapes(place) ? JSONEscape.decoded(content(place)) : Array(content(place))
    }
}

extension JSONDocument {
    /// The document, to be walked as a whole.
    public var walk: JSONWalk {
        @_lifetime(borrow self)
        get { tape.walk }
    }
}
