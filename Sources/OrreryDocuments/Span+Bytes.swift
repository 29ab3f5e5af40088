import Glibc

/// Bulk operations on bytes in place, for which spans have no safe form of their own. The pointers do not leave these
/// functions.
extension Span where Element == UInt8 {
    /// Below zero, zero or above, as these bytes stand before, are or stand after others in byte order.
    @inline(__always)
    func compare(_ other: Span<UInt8>) -> Int {
        let order = unsafe withUnsafeBufferPointer { own in
            unsafe other.withUnsafeBufferPointer { other in
                guard let left = own.baseAddress, let right = other.baseAddress else { return CInt(0) }
                return unsafe memcmp(left, right, min(own.count, other.count))
            }
        }
        return order == 0 ? count - other.count : Int(order)
    }
}

extension Array where Element == UInt8 {
    init(_ span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { bytes in unsafe Array(bytes) }
    }

    mutating func append(contentsOf span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { bytes in unsafe append(contentsOf: bytes) }
    }
}

extension String {
    /// A copy of UTF-8 that the scanner has validated.
    init(validUTF8 span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
    }
}
