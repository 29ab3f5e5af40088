/// Whether two secrets are equal, in a time that depends on their lengths only and not on where they differ.
///
/// Inlinable, so that callers in other modules get it for their own types: every request that is signed comes by here.
@inlinable
public func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    var difference: UInt8 = left.count == right.count ? 0 : 1
    for (a, b) in zip(left, right) { difference |= a ^ b }
    return difference == 0
}

/// As above, of arrays, whose bytes are compared many at a time.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    constantTimeEqual(left.span, right.span)
}

/// As above, of spans.
public func constantTimeEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
}
