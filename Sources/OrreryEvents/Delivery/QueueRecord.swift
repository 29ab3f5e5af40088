/// What is kept of a subscription's queue: a checkpoint in its topic's log. Numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 1 | format, 1 |
/// | 1 | 1 where the subscription is as far as its topic's routing, and so moves on with it |
/// | 8 | position |
/// | 4 | number of entries |
/// | 44 each | version 8, published 8, attempts 2, due 8, lock 8, last status 2, last attempt 8 |
struct QueueRecord: Sendable {
    var isLive: Bool
    var position: UInt64
    var entries: [DeliveryQueue.Entry]

    private static let format: UInt8 = 1
    private static let headerBytes = 14
    private static let entryBytes = 44

    init(isLive: Bool, position: UInt64, entries: [DeliveryQueue.Entry] = []) {
        self.isLive = isLive
        self.position = position
        self.entries = entries
    }

    /// Has everything tried at once that waits for another attempt.
    mutating func hurry() {
        for index in entries.indices where entries[index].lock == 0 { entries[index].dueMilliseconds = 0 }
    }

    /// The record as bytes; entries in the order of their versions.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerBytes + entries.count * Self.entryBytes)
        bytes.append(Self.format)
        bytes.append(isLive ? 1 : 0)
        bytes.append(littleEndian: position)
        bytes.append(littleEndian: UInt32(clamping: entries.count))
        for entry in entries.sorted(by: { $0.version < $1.version }) {
            bytes.append(littleEndian: entry.version)
            bytes.append(littleEndian: UInt64(bitPattern: entry.publishedMilliseconds))
            bytes.append(littleEndian: UInt16(clamping: entry.attempts))
            bytes.append(littleEndian: UInt64(bitPattern: entry.dueMilliseconds))
            bytes.append(littleEndian: entry.lock)
            bytes.append(littleEndian: UInt16(clamping: entry.lastStatus))
            bytes.append(littleEndian: UInt64(bitPattern: entry.lastAttemptMilliseconds))
        }
        return bytes
    }

    /// Reads a record back; nil where it is not whole.
    init?(encoded bytes: [UInt8]) {
        var reader = LittleEndianReader(bytes: bytes)
        guard reader.number(UInt8.self) == Self.format, let live = reader.number(UInt8.self),
            let position = reader.number(UInt64.self), let count = reader.number(UInt32.self),
            bytes.count == Self.headerBytes + Int(count) * Self.entryBytes
        else { return nil }
        self.init(isLive: live == 1, position: position)
        for _ in 0..<count {
            guard let version = reader.number(UInt64.self), let published = reader.number(UInt64.self),
                let attempts = reader.number(UInt16.self), let due = reader.number(UInt64.self),
                let lock = reader.number(UInt64.self), let status = reader.number(UInt16.self),
                let lastAttempt = reader.number(UInt64.self)
            else { return nil }
            var entry = DeliveryQueue.Entry(
                version: version, publishedMilliseconds: Int64(bitPattern: published))
            entry.attempts = Int(attempts)
            entry.dueMilliseconds = Int64(bitPattern: due)
            entry.lock = lock
            entry.lastStatus = Int(status)
            entry.lastAttemptMilliseconds = Int64(bitPattern: lastAttempt)
            entries.append(entry)
        }
    }
}

private struct LittleEndianReader {
    let bytes: [UInt8]
    var offset = 0

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        let size = Number.bitWidth / 8
        guard offset + size <= bytes.count else { return nil }
        var number: Number = 0
        for index in (0..<size).reversed() { number = (size > 1 ? number << 8 : 0) | Number(bytes[offset + index]) }
        offset += size
        return number
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
        for index in 0..<(Number.bitWidth / 8) { append(UInt8(truncatingIfNeeded: number >> (8 * Number(index)))) }
    }
}
