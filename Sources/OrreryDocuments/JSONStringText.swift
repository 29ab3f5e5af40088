/// A string where it stands: its bytes, and whether escapes in them are still to be decoded.
struct JSONStringText: ~Escapable {
    let bytes: Span<UInt8>
    let hasEscapes: Bool

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, hasEscapes: Bool = false) {
        self.bytes = bytes
        self.hasEscapes = hasEscapes
    }

    /// Below zero, zero or above, as the string stands before, is or stands after another in the order of UTF-8.
    @inline(__always)
    func compare(_ other: JSONStringText) -> Int {
        hasEscapes || other.hasEscapes ? compareDecoded(other) : bytes.compare(other.bytes)
    }

    @inline(__always)
    func isEqual(_ other: JSONStringText) -> Bool {
        if !hasEscapes && !other.hasEscapes && bytes.count != other.bytes.count { return false }
        return compare(other) == 0
    }

    private func compareDecoded(_ other: JSONStringText) -> Int {
        var (own, others) = (JSONStringDecoder(self), JSONStringDecoder(other))
        while true {
            let (left, right) = (own.next(), others.next())
            guard let left else { return right == nil ? 0 : -1 }
            guard let right else { return 1 }
            if left != right { return Int(left) - Int(right) }
        }
    }
}
