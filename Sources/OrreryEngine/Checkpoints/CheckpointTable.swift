/// The checkpoints of a partition, as of one version of its log.
///
/// In the log, what a group did to them is a record of its own (``LogOperation/checkpoint``). So that an opening need
/// not read the whole log for such records, the table is written to a file when a segment is begun; records behind its
/// version follow from the log. The file:
///
/// | offset | bytes | content (little-endian) |
/// |---|---|---|
/// | 0 | 8 | the version up to which the log's records are in it |
/// | 8 | | the entries: each the sizes of its key and its value, four bytes each, then the key and the value |
/// | | 8 | checksum of all that precedes, seeded with 0 |
struct CheckpointTable: Sendable, Equatable {
    static let fileName = "CHECKPOINTS"

    /// The version up to which the log's records are in the file: those may be trimmed.
    var version: UInt64 = 0
    private(set) var values: [[UInt8]: [UInt8]] = [:]

    mutating func apply(_ writes: some Sequence<CheckpointWrite>) {
        for write in writes { values[write.key] = write.value }
    }

    init() {}

    // MARK: As bytes

    /// The file.
    var encoded: [UInt8] {
        var encoder = ByteEncoder()
        encoder.append(version)
        for (key, value) in values {
            if let write = CheckpointWrite(key: key, value: value) { encoder.append(write) }
        }
        encoder.append(Self.checksum(encoder.bytes.span))
        return encoder.bytes
    }

    /// Reads a file; nil where it is not whole.
    init?(encoded: [UInt8]) {
        let end = encoded.count - 8
        guard end >= 8, encoded.span.littleEndian(at: end, as: UInt64.self)
            == Self.checksum(encoded.span.extracting(0..<end)),
            let writes = CheckpointWrite.list(encoded.span.extracting(8..<end))
        else { return nil }
        version = encoded.span.littleEndian(at: 0, as: UInt64.self)
        apply(writes)
    }

    private static func checksum(_ bytes: Span<UInt8>) -> UInt64 {
        var checksum = Checksum(seed: 0)
        checksum.add(bytes)
        return checksum.value
    }
}

extension CheckpointWrite {
    /// The size that stands for a record that is removed.
    private static let removalCount = UInt32.max

    /// What a group did, as its record's text: entries as in the table, the greatest size for a removal.
    static func text(of writes: some Sequence<CheckpointWrite>) -> [UInt8] {
        var encoder = ByteEncoder()
        for write in writes { encoder.append(write) }
        return encoder.bytes
    }

    /// Reads entries back; nil where they are not whole.
    static func list(_ text: Span<UInt8>) -> [CheckpointWrite]? {
        var decoder = ByteDecoder(text)
        var writes: [CheckpointWrite] = []
        while let keyCount = decoder.number(UInt32.self) {
            guard let valueCount = decoder.number(UInt32.self), let key = decoder.bytes(Int(keyCount)) else {
                return nil
            }
            let isRemoval = valueCount == removalCount
            guard let value = decoder.bytes(isRemoval ? 0 : Int(valueCount)),
                let write = CheckpointWrite(key: key, value: isRemoval ? nil : value)
            else { return nil }
            writes.append(write)
        }
        return writes
    }
}

extension ByteEncoder {
    fileprivate mutating func append(_ write: CheckpointWrite) {
        append(UInt32(truncatingIfNeeded: write.key.count))
        append(write.value.map { UInt32(truncatingIfNeeded: $0.count) } ?? .max)
        append(raw: write.key)
        append(raw: write.value ?? [])
    }
}
