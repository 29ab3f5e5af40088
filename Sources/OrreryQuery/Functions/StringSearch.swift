/// Search in strings by the bytes of their UTF-8, in time linear in both lengths.
enum StringSearch {
    /// The byte offset of the first `needle` in `text` at or after `start`.
    static func first(_ needle: [UInt8], in text: [UInt8], from start: Int = 0) -> Int? {
        guard start <= text.count else { return nil }
        guard !needle.isEmpty else { return start }
        return firstByTable(needle, in: text, from: start)
    }

    /// Knuth, Morris and Pratt's search: `borders[n]` is the length of the longest proper border of the needle's first
    /// n + 1 bytes, where matching goes on after a mismatch.
    private static func firstByTable(_ needle: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        var borders = [Int](repeating: 0, count: needle.count)
        var length = 0
        for index in needle.indices.dropFirst() {
            while length > 0, needle[index] != needle[length] { length = borders[length - 1] }
            if needle[index] == needle[length] { length += 1 }
            borders[index] = length
        }
        var matched = 0
        for index in start..<text.count {
            while matched > 0, text[index] != needle[matched] { matched = borders[matched - 1] }
            if text[index] == needle[matched] { matched += 1 }
            if matched == needle.count { return index + 1 - matched }
        }
        return nil
    }

    /// The byte offset of the last `needle` in `text` that begins at or before `end`.
    static func last(_ needle: [UInt8], in text: [UInt8], upTo end: Int) -> Int? {
        guard !needle.isEmpty else { return min(end, text.count) }
        // Both reversed, the last occurrence is the first.
        let reversedText = Array(text.prefix(end.saturatingSum(needle.count)).reversed())
        return first(Array(needle.reversed()), in: reversedText).map { reversedText.count - $0 - needle.count }
    }

    /// `text` with every `needle` replaced, or nil when the result would pass `bytesMax`.
    static func replace(_ needle: [UInt8], in text: [UInt8], with other: [UInt8], bytesMax: Int) -> [UInt8]? {
        guard !needle.isEmpty else { return text }
        var result: [UInt8] = []
        var start = 0
        while let found = first(needle, in: text, from: start) {
            result += text[start..<found]
            result += other
            guard result.count <= bytesMax else { return nil }
            start = found + needle.count
        }
        return result + text[start...]
    }

    static func split(_ text: [UInt8], at separator: [UInt8]) -> [ArraySlice<UInt8>] {
        guard !separator.isEmpty else { return [text[...]] }
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        while let found = first(separator, in: text, from: start) {
            parts.append(text[start..<found])
            start = found + separator.count
        }
        return parts + [text[start...]]
    }
}
