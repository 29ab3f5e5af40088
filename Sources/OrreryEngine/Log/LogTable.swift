/// The table at the end of a sealed segment, which tells where each record begins.
///
/// It holds four bytes for each record, the offset in eights of bytes, and is filled up with zeros to a multiple of
/// eight. The last 32 bytes of the file:
///
/// | offset | bytes | content (little-endian) |
/// |---|---|---|
/// | 0 | 8 | checksum of the table, seeded with the segment's nonce |
/// | 8 | 8 | where the table begins |
/// | 16 | 8 | number of records |
/// | 24 | 8 | checksum of bytes 0 to 23, seeded with the segment's nonce |
struct LogTable {
    let offset: Int
    let count: Int

    private static let endByteCount = 32

    /// The table of a segment; nil where it has none that is whole.
    init?(_ file: LogFile, nonce: UInt64) {
        let end = file.byteCount - Self.endByteCount
        guard end >= 0 else { return nil }
        let found = file.withBytes(end..<file.byteCount) { bytes -> (sum: UInt64, offset: Int, count: Int)? in
            var checksum = Checksum(seed: nonce)
            checksum.add(bytes.extracting(0..<24))
            guard checksum.value == bytes.littleEndian(at: 24, as: UInt64.self),
                let offset = Int(exactly: bytes.littleEndian(at: 8, as: UInt64.self)),
                let count = Int(exactly: bytes.littleEndian(at: 16, as: UInt64.self))
            else { return nil }
            return (bytes.littleEndian(at: 0, as: UInt64.self), offset, count)
        }
        guard let found, found.offset >= 0, found.offset <= end, found.count <= (end - found.offset) / 4 else {
            return nil
        }
        let sum = file.withBytes(found.offset..<end) { bytes in
            var checksum = Checksum(seed: nonce)
            checksum.add(bytes)
            return checksum.value
        }
        guard sum == found.sum else { return nil }
        (offset, count) = (found.offset, found.count)
    }

    static func encoded(_ offsets: [UInt32], at offset: Int, nonce: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: LogGroup.filled(offsets.count * 4) + endByteCount)
        let end = bytes.count - endByteCount
        var span = bytes.mutableSpan
        for (index, offset) in offsets.enumerated() { span.store(offset, at: index * 4) }
        var checksum = Checksum(seed: nonce)
        checksum.add(span.span.extracting(0..<end))
        span.store(checksum.value, at: end)
        span.store(UInt64(offset), at: end + 8)
        span.store(UInt64(offsets.count), at: end + 16)
        checksum = Checksum(seed: nonce)
        checksum.add(span.span.extracting(end..<(end + 24)))
        span.store(checksum.value, at: end + 24)
        return bytes
    }

    /// Where some records begin, in bytes.
    static func offsets(_ range: Range<Int>, in file: LogFile, at offset: Int) -> [Int] {
        file.withBytes((offset + range.lowerBound * 4)..<(offset + range.upperBound * 4)) { bytes in
            (0..<(bytes.count / 4)).map { Int(bytes.littleEndian(at: $0 * 4, as: UInt32.self)) * 8 }
        }
    }
}
