import Glibc

/// Comparisons of strings where they stand in a text, by the UTF-8 they stand for and without copies.
enum JSONStringText {
    /// Whether the string or visible name of `entry` is `wanted`.
    @inline(__always)
    static func isEqual(
        _ entry: JSONTapeEntry, in text: UnsafeBufferPointer<UInt8>, to wanted: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        switch entry.code {
        case .string:
            guard entry.length == wanted.count else { return false }
            return unsafe compare(content(entry, in: text), wanted) == 0
        case .escapedString:
            // An escape is never shorter than what it stands for.
            guard entry.length >= wanted.count else { return false }
            return unsafe compareDecoded(
                JSONStringDecoder(content(entry, in: text), hasEscapes: true),
                JSONStringDecoder(wanted, hasEscapes: false)) == 0
        default:
            return false
        }
    }

    static func content(
        _ entry: JSONTapeEntry, in text: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(rebasing: text[entry.offset..<entry.offset &+ entry.length])
    }

    /// Below zero, zero or above, as `a` stands before, is or stands after `b` in byte order.
    @inline(__always)
    static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        if let left = a.baseAddress, let right = b.baseAddress {
            let order = unsafe memcmp(left, right, min(a.count, b.count))
            if order != 0 { return Int(order) }
        }
        return a.count - b.count
    }

    /// The same for strings that may hold escapes.
    static func compareDecoded(_ a: JSONStringDecoder, _ b: JSONStringDecoder) -> Int {
        var (a, b) = (a, b)
        while true {
            let (left, right) = (a.next(), b.next())
            guard let left else { return right == nil ? 0 : -1 }
            guard let right else { return 1 }
            if left != right { return Int(left) - Int(right) }
        }
    }
}
