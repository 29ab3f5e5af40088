/// The table at the end of a sealed segment, which tells where each record begins.
///
/// It holds four bytes for each version from the first on: the offset of its record in eights of bytes, or 0 where it
/// was trimmed. It is filled up with zeros to a multiple of eight. Behind it stands, in a trimmed segment, a version
/// set, filled up likewise: the versions of earlier segments that are dead by records which were trimmed here. The last
/// 40 bytes of the file:
///
/// | offset | bytes | content (little-endian) |
/// |---|---|---|
/// | 0 | 8 | checksum of table and set, seeded with the segment's nonce |
/// | 8 | 8 | where the table begins |
/// | 16 | 8 | number of versions |
/// | 24 | 8 | size of the version set, 0 for none |
/// | 32 | 8 | checksum of bytes 0 to 31, seeded with the segment's nonce |
struct LogTable {
    let offset: Int
    let count: Int
    let dead: VersionSet

    private static let endByteCount = 40

    /// The table of a segment; nil where it has none that is whole.
    init?(_ file: LogFile, nonce: UInt64) {
        let end = file.byteCount - Self.endByteCount
        guard end >= 0 else { return nil }
        let found = file.withBytes(end..<file.byteCount) { bytes -> (sum: UInt64, numbers: [Int])? in
            var checksum = Checksum(seed: nonce)
            checksum.add(bytes.extracting(0..<32))
            guard checksum.value == bytes.littleEndian(at: 32, as: UInt64.self) else { return nil }
            let numbers = [8, 16, 24].compactMap { Int(exactly: bytes.littleEndian(at: $0, as: UInt64.self)) }
            return numbers.count == 3 ? (bytes.littleEndian(at: 0, as: UInt64.self), numbers) : nil
        }
        guard let found else { return nil }
        let (offset, count, setByteCount) = (found.numbers[0], found.numbers[1], found.numbers[2])
        guard offset <= end, count <= (end - offset) / 4, setByteCount <= end - offset - LogGroup.filled(count * 4)
        else { return nil }
        let dead = file.withBytes(offset..<end) { bytes -> VersionSet? in
            var checksum = Checksum(seed: nonce)
            checksum.add(bytes)
            guard checksum.value == found.sum else { return nil }
            if setByteCount == 0 { return VersionSet() }
            let start = LogGroup.filled(count * 4)
            return VersionSet(encoded: bytes.extracting(start..<(start + setByteCount)))
        }
        guard let dead else { return nil }
        (self.offset, self.count, self.dead) = (offset, count, dead)
    }

    static func encoded(
        _ offsets: [UInt32], dead: VersionSet = VersionSet(), at offset: Int, nonce: UInt64
    ) -> [UInt8] {
        let set = dead.isEmpty ? [] : dead.encoded
        let setStart = LogGroup.filled(offsets.count * 4)
        let end = setStart + LogGroup.filled(set.count)
        var bytes = [UInt8](repeating: 0, count: end + endByteCount)
        var span = bytes.mutableSpan
        for (index, offset) in offsets.enumerated() { span.store(offset, at: index * 4) }
        span.copy(set.span, at: setStart)
        var checksum = Checksum(seed: nonce)
        checksum.add(span.span.extracting(0..<end))
        span.store(checksum.value, at: end)
        span.store(UInt64(offset), at: end + 8)
        span.store(UInt64(offsets.count), at: end + 16)
        span.store(UInt64(set.count), at: end + 24)
        checksum = Checksum(seed: nonce)
        checksum.add(span.span.extracting(end..<(end + 32)))
        span.store(checksum.value, at: end + 32)
        return bytes
    }

    /// Where one record begins, in bytes; 0 where it was trimmed.
    static func offset(_ index: Int, in file: LogFile, at offset: Int) -> Int {
        file.withBytes((offset + index * 4)..<(offset + index * 4 + 4)) { bytes in
            bytes.isEmpty ? 0 : Int(bytes.littleEndian(at: 0, as: UInt32.self)) * 8
        }
    }

    /// Where some records begin, in bytes; 0 for those that were trimmed.
    static func offsets(_ range: Range<Int>, in file: LogFile, at offset: Int) -> [Int] {
        file.withBytes((offset + range.lowerBound * 4)..<(offset + range.upperBound * 4)) { bytes in
            (0..<(bytes.count / 4)).map { Int(bytes.littleEndian(at: $0 * 4, as: UInt32.self)) * 8 }
        }
    }
}
