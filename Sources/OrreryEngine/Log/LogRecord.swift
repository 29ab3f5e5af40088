internal import OrreryKeys

/// The fixed part of a log record.
///
/// | offset | bytes | content (little-endian) |
/// |---|---|---|
/// | 0 | 8 | checksum of all that follows, seeded with the version number |
/// | 8 | 8 | LSN |
/// | 16 | 8 | version that this one supersedes, 0 for none |
/// | 24 | 8 | document number |
/// | 32 | 8 | timestamp, milliseconds since 1970 |
/// | 40 | 4 | nonce of the entity tag |
/// | 44 | 1 | operation (``LogOperation``) |
/// | 45 | 1 | flags: 1 where the checksum is striped, as of all that are written now |
/// | 46 | 2 | size of the tagged fields |
/// | 48 | 2 | size of the effective partition key |
/// | 50 | 2 | size of the partition key |
/// | 52 | 4 | size of the id |
/// | 56 | 4 | size of the text |
/// | 60 | 4 | size of the text this one supersedes |
/// | 64 | 4 | the item's own time to live in seconds: 0 for none, -1 for never |
/// | 68 | | effective partition key, partition key, id, tagged fields, text |
///
/// A tagged field is a tag, the size of its content, and the content; readers pass by tags that they do not know. Tag 1
/// is the write's origin, eight bytes, and left out where it is 0. Tag 2 is the trace that the write was part of
/// (``TraceMark``), and left out where there is none.
struct LogHeader: Sendable {
    var version: UInt64
    var lsn: UInt64
    var previousVersion: UInt64
    var documentNumber: UInt64
    var timestampMilliseconds: Int64
    var nonce: UInt32
    var operation: LogOperation
    var previousTextCount: UInt32
    /// The item's own time to live: 0 where it says none, -1 where it says that it does not end.
    var timeToLiveSeconds: Int32 = 0
    /// Who made the write; 0 for nobody in particular.
    var origin: UInt64 = 0
    var trace = TraceMark.none

    static let byteCount = 68
    private static let originTag: UInt8 = 1
    private static let traceTag: UInt8 = 2
    fileprivate static let stripedFlag: UInt8 = 1

    /// The size of the tagged fields.
    private var taggedCount: Int { (origin == 0 ? 0 : 10) + (trace.isThere ? 2 + TraceMark.byteCount : 0) }

    var etag: ItemEtag {
        ItemEtag(version: version, nonce: nonce, timestampSeconds: timestampMilliseconds / 1000)
    }
}

/// A log record as it stands in the map, checked.
struct LogRecord: ~Escapable {
    let header: LogHeader
    /// The whole record, as the log holds it under its version.
    let bytes: Span<UInt8>
    private let effectiveKeyCount: Int
    private let partitionKeyCount: Int
    private let idCount: Int
    private let textCount: Int

    /// The size of the record that these bytes begin with, by its own fields; nil where they are too few for it.
    static func byteCount(_ bytes: Span<UInt8>) -> Int? {
        guard bytes.count >= LogHeader.byteCount else { return nil }
        let fields = Int(bytes.littleEndian(at: 46, as: UInt16.self)) + Int(bytes.littleEndian(at: 48, as: UInt16.self))
            + Int(bytes.littleEndian(at: 50, as: UInt16.self)) + Int(bytes.littleEndian(at: 52, as: UInt32.self))
            + Int(bytes.littleEndian(at: 56, as: UInt32.self))
        let total = LogHeader.byteCount + fields
        return total <= bytes.count ? total : nil
    }

    /// The document number in the record that these bytes begin with, not checked; nil where they are too few for one.
    static func documentNumber(_ bytes: Span<UInt8>) -> UInt64? {
        bytes.count >= LogHeader.byteCount ? bytes.littleEndian(at: 24, as: UInt64.self) : nil
    }

    /// Reads a record; nil when its checksum or its sizes do not hold.
    @_lifetime(copy bytes)
    init?(version: UInt64, _ bytes: Span<UInt8>) {
        guard bytes.count >= LogHeader.byteCount else { return nil }
        var checksum = Checksum(seed: version)
        let checked = bytes.extracting(8..<bytes.count)
        if bytes[45] & LogHeader.stripedFlag == 0 { checksum.add(checked) } else { checksum.addStriped(checked) }
        guard checksum.value == bytes.littleEndian(at: 0, as: UInt64.self),
            let operation = LogOperation(rawValue: bytes[44])
        else { return nil }
        var header = LogHeader(
            version: version,
            lsn: bytes.littleEndian(at: 8, as: UInt64.self),
            previousVersion: bytes.littleEndian(at: 16, as: UInt64.self),
            documentNumber: bytes.littleEndian(at: 24, as: UInt64.self),
            timestampMilliseconds: bytes.littleEndian(at: 32, as: Int64.self),
            nonce: bytes.littleEndian(at: 40, as: UInt32.self),
            operation: operation,
            previousTextCount: bytes.littleEndian(at: 60, as: UInt32.self),
            timeToLiveSeconds: bytes.littleEndian(at: 64, as: Int32.self))
        let taggedCount = Int(bytes.littleEndian(at: 46, as: UInt16.self))
        effectiveKeyCount = Int(bytes.littleEndian(at: 48, as: UInt16.self))
        partitionKeyCount = Int(bytes.littleEndian(at: 50, as: UInt16.self))
        idCount = Int(bytes.littleEndian(at: 52, as: UInt32.self))
        textCount = Int(bytes.littleEndian(at: 56, as: UInt32.self))
        let total = LogHeader.byteCount + effectiveKeyCount + partitionKeyCount + idCount + taggedCount + textCount
        guard total == bytes.count else { return nil }
        if taggedCount > 0 {
            let end = bytes.count - textCount
            header.readTagged(bytes.extracting((end - taggedCount)..<end))
        }
        self.header = header
        self.bytes = bytes
    }

    var effectiveKey: Span<UInt8> {
        @_lifetime(copy self)
        get { part(LogHeader.byteCount, effectiveKeyCount) }
    }

    /// Effective partition key, partition key and id, end to end: the bytes of an ``ItemKey``.
    var key: Span<UInt8> {
        @_lifetime(copy self)
        get { part(LogHeader.byteCount, effectiveKeyCount + partitionKeyCount + idCount) }
    }

    var id: Span<UInt8> {
        @_lifetime(copy self)
        get { part(LogHeader.byteCount + effectiveKeyCount + partitionKeyCount, idCount) }
    }

    var text: Span<UInt8> {
        @_lifetime(copy self)
        get { part(bytes.count - textCount, textCount) }
    }

    @_lifetime(copy self)
    private func part(_ offset: Int, _ count: Int) -> Span<UInt8> {
        bytes.extracting(offset..<(offset + count))
    }

    /// Whether this is a version of the item with that key.
    func isVersion(of key: ItemKey) -> Bool {
        effectiveKeyCount == key.effectiveKeyCount && partitionKeyCount == key.partitionKeyCount
            && idCount == key.idCount && self.key.isEqual(to: key.bytes.span)
    }

    /// Whether the partition key's canonical bytes are these.
    func hasPartitionKey(_ partitionKey: Span<UInt8>) -> Bool {
        part(LogHeader.byteCount + effectiveKeyCount, partitionKeyCount).isEqual(to: partitionKey)
    }

    /// The item's key, copied.
    var itemKey: ItemKey {
        ItemKey(
            effectiveKey: [UInt8](copying: effectiveKey),
            partitionKey: [UInt8](copying: part(LogHeader.byteCount + effectiveKeyCount, partitionKeyCount)),
            id: [UInt8](copying: id))
    }

    /// A copy that outlives the transaction.
    func copied(withText: Bool = true) -> Item {
        Item(
            version: header.version, lsn: header.lsn, etag: header.etag,
            timestampMilliseconds: header.timestampMilliseconds, documentNumber: header.documentNumber,
            id: [UInt8](copying: id), text: withText ? [UInt8](copying: text) : [],
            origin: header.origin, trace: header.trace)
    }
}

extension LogHeader {
    /// The size of a record with this key and text.
    func recordByteCount(_ key: ItemKey, textCount: Int) -> Int {
        Self.byteCount + key.bytes.count + taggedCount + textCount
    }

    /// Takes over the tagged fields that are known.
    fileprivate mutating func readTagged(_ fields: Span<UInt8>) {
        var offset = 0
        while offset + 2 <= fields.count, offset + 2 + Int(fields[offset + 1]) <= fields.count {
            if fields[offset] == Self.originTag, fields[offset + 1] == 8 {
                origin = fields.littleEndian(at: offset + 2, as: UInt64.self)
            } else if fields[offset] == Self.traceTag, Int(fields[offset + 1]) == TraceMark.byteCount {
                trace = TraceMark(fields, at: offset + 2)
            }
            offset += 2 + Int(fields[offset + 1])
        }
    }

    /// Writes a whole record in place.
    func write(key: ItemKey, text: [UInt8], to record: inout MutableSpan<UInt8>) {
        record.store(lsn, at: 8)
        record.store(previousVersion, at: 16)
        record.store(documentNumber, at: 24)
        record.store(timestampMilliseconds, at: 32)
        record.store(nonce, at: 40)
        record.store(operation.rawValue, at: 44)
        record.store(Self.stripedFlag, at: 45)
        record.store(UInt16(truncatingIfNeeded: taggedCount), at: 46)
        record.store(UInt16(truncatingIfNeeded: key.effectiveKeyCount), at: 48)
        record.store(UInt16(truncatingIfNeeded: key.partitionKeyCount), at: 50)
        record.store(UInt32(truncatingIfNeeded: key.idCount), at: 52)
        record.store(UInt32(truncatingIfNeeded: text.count), at: 56)
        record.store(previousTextCount, at: 60)
        record.store(timeToLiveSeconds, at: 64)
        record.copy(key.bytes.span, at: Self.byteCount)
        var offset = Self.byteCount + key.bytes.count
        if origin != 0 {
            record.store(Self.originTag, at: offset)
            record.store(UInt8(8), at: offset + 1)
            record.store(origin, at: offset + 2)
            offset += 10
        }
        if trace.isThere {
            record.store(Self.traceTag, at: offset)
            record.store(UInt8(TraceMark.byteCount), at: offset + 1)
            trace.write(to: &record, at: offset + 2)
            offset += 2 + TraceMark.byteCount
        }
        record.copy(text.span, at: offset)
        var checksum = Checksum(seed: version)
        checksum.addStriped(record.span.extracting(8..<record.count))
        record.store(checksum.value, at: 0)
    }
}
