/// A posting as a run keeps it: a key that sorts by path, then value, and a version.
///
/// The key is the path's hash, big-endian in eight bytes, the value's tag, and the value's bytes.
struct Posting: Sendable {
    var key: [UInt8] = []
    var version: UInt64 = 0

    /// Where the value's bytes begin in a key: behind the path's hash and the tag.
    static let valueStart = 9

    /// Makes it the posting of another key.
    mutating func set(_ key: Span<UInt8>, _ version: UInt64) {
        self.key.removeAll(keepingCapacity: true)
        for index in key.indices { self.key.append(key[index]) }
        self.version = version
    }

    /// Begins the key anew, in the room it has.
    mutating func setKey(_ path: UInt64, tag: UInt8) {
        key.removeAll(keepingCapacity: true)
        for index in 0..<8 { key.append(UInt8(truncatingIfNeeded: path >> UInt64(56 - 8 * index))) }
        key.append(tag)
    }

    /// The key of a path and a value.
    static func key(_ path: UInt64, tag: UInt8, bytes: [UInt8]) -> [UInt8] {
        var posting = Posting()
        posting.key.reserveCapacity(9 + bytes.count)
        posting.setKey(path, tag: tag)
        posting.key += bytes
        return posting.key
    }

    static func key(_ path: IndexPathHash, _ value: IndexValue) -> [UInt8] {
        key(path.value, tag: value.tag, bytes: value.bytes)
    }
}

extension Span<UInt8> {
    /// Whether these bytes sort after others, a prefix before what it begins.
    func isBehind(_ other: Span<UInt8>) -> Bool {
        let common = Swift.min(count, other.count)
        var offset = 0
        while offset < common {
            if self[offset] != other[offset] { return self[offset] > other[offset] }
            offset += 1
        }
        return count > other.count
    }
}
