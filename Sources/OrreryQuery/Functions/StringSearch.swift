import Glibc

/// Search in strings by the bytes of their UTF-8, in time linear in both lengths.
enum StringSearch {
    /// The byte offset of the first `needle` in `text` at or after `start`.
    static func first(_ needle: [UInt8], in text: [UInt8], from start: Int = 0) -> Int? {
        guard start <= text.count else { return nil }
        guard !needle.isEmpty else { return start }
        // The C library's search is linear whatever the needle; the pointers live only within the closures.
        return unsafe text.withUnsafeBytes { haystack in
            unsafe needle.withUnsafeBytes { needle -> Int? in
                guard let base = haystack.baseAddress, let wanted = needle.baseAddress,
                    let found = unsafe memmem(base + start, haystack.count - start, wanted, needle.count)
                else { return nil }
                return unsafe UnsafeRawPointer(found) - base
            }
        }
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
