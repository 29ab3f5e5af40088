/// What is kept of a subscription's queue: a checkpoint in its topic's log. Numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 1 | format, 2 |
/// | 1 | 1 where the subscription is as far as its topic's routing, and so moves on with it; 2 where it began anew |
/// | 8 | position |
/// | 16 | events lost 8, when the last one was missed 8; not in format 1 |
/// | 4 | number of entries |
/// | 44 each | version 8, published 8, attempts 2, due 8, lock 8, last status 2, last attempt 8 |
struct QueueRecord: Sendable {
    var isLive: Bool
    var position: UInt64
    var losses: SubscriptionLosses
    var entries: [DeliveryQueue.Entry]

    private static let format: UInt8 = 2
    private static let headerBytes = 30
    private static let firstHeaderBytes = 14
    private static let entryBytes = 44

    init(
        isLive: Bool, position: UInt64, losses: SubscriptionLosses = SubscriptionLosses(),
        entries: [DeliveryQueue.Entry] = []
    ) {
        self.isLive = isLive
        self.position = position
        self.losses = losses
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
        bytes.append((isLive ? 1 : 0) | (losses.hasStartedOver ? 2 : 0))
        bytes.append(littleEndian: position)
        bytes.append(littleEndian: losses.eventCount)
        bytes.append(littleEndian: UInt64(bitPattern: losses.lastMilliseconds))
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
        guard let format = reader.number(UInt8.self), (1...Self.format).contains(format),
            let flags = reader.number(UInt8.self), let position = reader.number(UInt64.self)
        else { return nil }
        self.init(isLive: flags & 1 != 0, position: position)
        losses.hasStartedOver = flags & 2 != 0
        if format > 1 {
            guard let lost = reader.number(UInt64.self), let last = reader.number(UInt64.self) else { return nil }
            (losses.eventCount, losses.lastMilliseconds) = (lost, Int64(bitPattern: last))
        }
        let headerBytes = format > 1 ? Self.headerBytes : Self.firstHeaderBytes
        guard let count = reader.number(UInt32.self), bytes.count == headerBytes + Int(count) * Self.entryBytes
        else { return nil }
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
