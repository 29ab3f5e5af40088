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
    let tail: ArraySlice<UInt8>

    private static let headBytes = 8

    /// The place of a value.
    public init(_ value: IndexValue) {
        tag = value.tag
        count = value.bytes.count
        head = Self.head(of: value.bytes.span)
        tail = value.bytes.dropFirst(Self.headBytes)
    }

    /// The place within a run's key.
    init(key: Span<UInt8>) {
        let bytes = key.extracting(PostingKey.valueStart..<key.count)
        tag = key[PostingKey.valueStart - 1]
        count = bytes.count
        head = Self.head(of: bytes)
        tail = bytes.count <= Self.headBytes
            ? [] : [UInt8](copying: bytes.extracting(Self.headBytes..<bytes.count))[...]
    }

    /// The place of a batch's posting.
    init(_ entry: PostingBatch.Entry, tails: [UInt8]) {
        tag = entry.tag
        count = Int(entry.count)
        head = entry.head
        let start = Int(entry.tailStart)
        tail = entry.tailByteCount == 0 ? [] : tails[start..<(start + entry.tailByteCount)]
    }

    private static func head(of bytes: Span<UInt8>) -> UInt64 {
        if bytes.count >= headBytes { return bytes.bigEndian(at: 0, as: UInt64.self) }
        var number: UInt64 = 0
        for index in bytes.indices { number |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
        return number
    }

    /// How this sorts beside another place, as keys do: byte by byte, a prefix before what it begins. Below zero before
    /// it, above it behind it.
    func order(to other: WalkedPlace) -> Int {
        other.order(tag: tag, head: head, count: count) ?? tail.span.order(to: other.tail.span)
    }

    /// How a value of which this is known sorts beside this place: below zero before it, above it behind it; nil where
    /// the bytes behind the heads decide.
    func order(tag: UInt8, head: UInt64, count: Int) -> Int? {
        if tag != self.tag { return tag < self.tag ? -1 : 1 }
        if head != self.head { return head < self.head ? -1 : 1 }
        // Where one has no more bytes than the head, the other's are the same and zeros behind them.
        return min(count, self.count) <= Self.headBytes ? count - self.count : nil
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
