/// The place of a value in an index as walks compare it: the type, and the first eight of the value's bytes as one
/// number. Most values end there, and then a place holds no memory of its own.
public struct WalkedPlace: Sendable, Equatable {
    /// As in ``IndexValue``.
    let tag: UInt8
    /// How many bytes the value has.
    private let count: Int
    /// The first eight bytes, big-endian, with zeros behind a shorter value.
    private let head: UInt64
    /// The bytes behind them.
    private let tail: ArraySlice<UInt8>

    private static let headBytes = 8

    /// The place of a value.
    public init(_ value: IndexValue) {
        self.init(tag: value.tag, value.bytes.span)
    }

    /// The place within a run's key.
    init(key: Span<UInt8>) {
        self.init(tag: key[PostingKey.valueStart - 1], key.extracting(PostingKey.valueStart..<key.count))
    }

    /// The place of a batch's posting.
    init(_ entry: PostingBatch.Entry, in batch: PostingBatch) {
        tag = entry.tag
        count = Int(entry.count)
        head = entry.head
        let start = Int(entry.tailStart)
        tail = entry.tailByteCount == 0 ? [] : batch.tails[start..<(start + entry.tailByteCount)]
    }

    private init(tag: UInt8, _ bytes: Span<UInt8>) {
        self.tag = tag
        count = bytes.count
        if bytes.count >= Self.headBytes {
            head = bytes.bigEndian(at: 0, as: UInt64.self)
            tail = bytes.count == Self.headBytes
                ? [] : [UInt8](copying: bytes.extracting(Self.headBytes..<bytes.count))[...]
        } else {
            var number: UInt64 = 0
            for index in bytes.indices { number |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
            head = number
            tail = []
        }
    }

    /// Whether this stands behind another place: as keys compare, byte by byte, a prefix before what it begins.
    func isBehind(_ other: WalkedPlace) -> Bool {
        if tag != other.tag { return tag > other.tag }
        if head != other.head { return head > other.head }
        // Where one has no more bytes than the head, the other's are the same and zeros behind them.
        return tail.isEmpty || other.tail.isEmpty ? count > other.count : tail.span.isBehind(other.tail.span)
    }

    /// The place as look-ups take it.
    public var value: IndexValue {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in 0..<min(count, Self.headBytes) {
            bytes.append(UInt8(truncatingIfNeeded: head >> UInt64(56 - 8 * index)))
        }
        return IndexValue(tag: tag, bytes: bytes + tail)
    }

    /// Whether other values may share this place.
    public var isShared: Bool { IndexValue.isShared(tag: tag, byteCount: count) }

    /// The one scalar that has this place; nil where several values may.
    public var scalar: IndexComponent? {
        guard tag == IndexValue.numberTag, count == Self.headBytes else { return value.scalar }
        return .number(IndexValue.number(orderedBits: head))
    }
}
