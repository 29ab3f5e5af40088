/// A text to compare without regard to case. Texts in ASCII, which most are, are compared byte by byte where they
/// stand; others by their lower case.
struct FoldedText: Sendable {
    /// Where the text is looked for.
    enum Place: Sendable {
        case whole, start, end, anywhere
    }

    private let bytes: [UInt8]
    private let isASCII: Bool

    init(_ text: String) {
        isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        bytes = Array(text.lowercased().utf8)
    }

    /// Whether the text stands at a place of `value`, which is UTF-8.
    func stands(at place: Place, of value: Span<UInt8>) -> Bool {
        if isASCII { return Self.find(bytes.span, at: place, of: value) }
        var text: [UInt8] = []
        text.reserveCapacity(value.count)
        for index in value.indices { text.append(value[index]) }
        let folded = Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
        return Self.find(bytes.span, at: place, of: folded.span)
    }

    private static func find(_ text: Span<UInt8>, at place: Place, of value: Span<UInt8>) -> Bool {
        guard text.count <= value.count else { return false }
        let last = value.count - text.count
        return switch place {
        case .whole: last == 0 && isEqual(text, value, at: 0)
        case .start: isEqual(text, value, at: 0)
        case .end: isEqual(text, value, at: last)
        case .anywhere: contains(text, value, last: last)
        }
    }

    private static func contains(_ text: Span<UInt8>, _ value: Span<UInt8>, last: Int) -> Bool {
        for start in 0...last where isEqual(text, value, at: start) { return true }
        return false
    }

    @inline(__always)
    private static func isEqual(_ text: Span<UInt8>, _ value: Span<UInt8>, at start: Int) -> Bool {
        for index in text.indices where ASCIICase.lower(value[start + index]) != text[index] { return false }
        return true
    }
}

/// ASCII letters in lower case; every other byte stays.
enum ASCIICase {
    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}
