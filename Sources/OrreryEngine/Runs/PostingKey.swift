/// The key of a posting as a run keeps it, which sorts by path, then value: the path's hash, big-endian in eight bytes,
/// the value's tag, and the value's bytes.
enum PostingKey {
    /// Where the value's bytes begin: behind the path's hash and the tag.
    static let valueStart = 9

    /// The key of a path and a value.
    static func bytes(_ path: IndexPathHash, _ value: IndexValue) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(valueStart + value.bytes.count)
        key.append(bigEndian: path.value)
        key.append(value.tag)
        return key + value.bytes
    }
}

extension Span<UInt8> {
    /// Whether these bytes sort after others, a prefix before what it begins.
    func isBehind(_ other: Span<UInt8>) -> Bool { order(to: other) > 0 }

    /// How these bytes sort beside others, a prefix before what it begins: below zero before them, above it after them.
    func order(to other: Span<UInt8>) -> Int {
        let common = Swift.min(count, other.count)
        var offset = 0
        while offset + 8 <= common {
            let (left, right) = (bigEndian(at: offset, as: UInt64.self), other.bigEndian(at: offset, as: UInt64.self))
            if left != right { return left < right ? -1 : 1 }
            offset += 8
        }
        while offset < common {
            if self[offset] != other[offset] { return self[offset] < other[offset] ? -1 : 1 }
            offset += 1
        }
        return count - other.count
    }
}
