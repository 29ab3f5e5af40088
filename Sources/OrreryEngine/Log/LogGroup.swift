/// Records that reach the log together or not at all, as they stand in it: what one flush makes durable.
///
/// | offset | bytes | content (little-endian) |
/// |---|---|---|
/// | 0 | 8 | checksum of bytes 24 to 31 and the records' checksums, seeded with the segment's nonce |
/// | 8 | 4 | size of the group, this header included: a multiple of eight |
/// | 12 | 4 | number of records |
/// | 16 | 8 | version of the first record |
/// | 24 | 8 | checksum of bytes 8 to 23, seeded with the segment's nonce |
/// | 32 | | records, each filled up with spaces to a multiple of eight |
struct LogGroup {
    static let headerByteCount = 32
    /// Between records. No record ends in a zero, nor does any filling: a disk sector of zeros was never written.
    private static let filling = UInt8(ascii: " ")

    private(set) var bytes: [UInt8]
    /// Where each record begins within the group.
    private(set) var recordOffsets: [Int] = []
    let firstVersion: UInt64

    /// A group of records of these sizes, empty as yet: each must be written by ``appendRecord(byteCount:_:)``.
    init(firstVersion: UInt64, recordByteCounts: some Sequence<Int>) {
        self.firstVersion = firstVersion
        let total = recordByteCounts.reduce(Self.headerByteCount) { $0 + Self.filled($1) }
        bytes = [UInt8](repeating: Self.filling, count: total)
        end = Self.headerByteCount
    }

    private var end: Int

    /// What a group of commits has staged.
    init(_ staged: [CommitGroup.Staged]) {
        self.init(
            firstVersion: staged.first?.header.version ?? 0,
            recordByteCounts: staged.lazy.map { $0.header.recordByteCount($0.key, textCount: $0.text.count) })
        // By a span: a copy of a record counts a reference to each of its parts.
        let records = staged.span
        for index in records.indices {
            let byteCount = records[index].header.recordByteCount(
                records[index].key, textCount: records[index].text.count)
            appendRecord(byteCount: byteCount) {
                records[index].header.write(key: records[index].key, text: records[index].text, to: &$0)
            }
        }
    }

    /// Groups that waited in memory, as one.
    init(_ unwritten: [UnwrittenGroup]) {
        let records = unwritten.lazy.flatMap(\.records)
        self.init(firstVersion: unwritten.first?.firstVersion ?? 0, recordByteCounts: records.map(\.count))
        for record in records { appendRecord(byteCount: record.count) { $0.copy(record.span, at: 0) } }
    }

    /// The size of a record with its filling.
    static func filled(_ byteCount: Int) -> Int { (byteCount + 7) & ~7 }

    /// Writes the next record.
    mutating func appendRecord(byteCount: Int, _ body: (inout MutableSpan<UInt8>) -> Void) {
        let range = end..<(end + byteCount)
        recordOffsets.append(range.lowerBound)
        var span = bytes.mutableSpan
        var room = span._mutatingExtracting(range)
        body(&room)
        end += Self.filled(byteCount)
    }

    /// Writes the header, once all records are there.
    mutating func close(nonce: UInt64) {
        let (byteCount, recordOffsets, firstVersion) = (bytes.count, recordOffsets, firstVersion)
        var span = bytes.mutableSpan
        span.store(UInt32(truncatingIfNeeded: byteCount), at: 8)
        span.store(UInt32(truncatingIfNeeded: recordOffsets.count), at: 12)
        span.store(firstVersion, at: 16)
        span.store(LogGroupHeader.checksum(span.span, nonce), at: 24)
        var checksum = Checksum(seed: nonce)
        checksum.add(span.span.extracting(24..<32))
        for offset in recordOffsets { checksum.add(span.span.extracting(offset..<(offset + 8))) }
        span.store(checksum.value, at: 0)
    }
}

/// The head of a group, read back.
struct LogGroupHeader {
    let checksum: UInt64
    let byteCount: Int
    let recordCount: Int
    let firstVersion: UInt64

    /// Nil where these bytes are no header of this segment.
    init?(_ bytes: Span<UInt8>, nonce: UInt64) {
        guard bytes.count >= LogGroup.headerByteCount else { return nil }
        checksum = bytes.littleEndian(at: 0, as: UInt64.self)
        byteCount = Int(bytes.littleEndian(at: 8, as: UInt32.self))
        recordCount = Int(bytes.littleEndian(at: 12, as: UInt32.self))
        firstVersion = bytes.littleEndian(at: 16, as: UInt64.self)
        // Before the checksum: a scan asks at every eighth byte of the room behind the groups.
        guard byteCount >= LogGroup.headerByteCount, byteCount % 8 == 0, recordCount > 0,
            bytes.littleEndian(at: 24, as: UInt64.self) == Self.checksum(bytes, nonce)
        else { return nil }
    }

    static func checksum(_ bytes: Span<UInt8>, _ nonce: UInt64) -> UInt64 {
        var checksum = Checksum(seed: nonce)
        checksum.add(bytes.extracting(8..<24))
        return checksum.value
    }
}
